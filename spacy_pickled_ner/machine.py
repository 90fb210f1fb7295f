"""The machine of a run: BLAS, GPU, memory and random generators.

Half of an NER update is matrix products. For these shapes, numpy's BLAS (OpenBLAS in its wheels) is
up to twice as fast as `blis`, thinc's default, and gives the same losses to about 7 digits. But
OpenBLAS starts a thread per core. That gains nothing on matrices this small, and makes training ten
times slower if all cores are busy, because waiting threads spin. So it gets one thread in training.
"""

from __future__ import annotations

import ctypes
import functools
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy
from thinc.api import Model, NumpyOps, fix_random_seed, require_gpu

from .errors import TrainingError

_SYMBOLS = (
    "scipy_openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)


BLAS = ("numpy", "blis")


@contextmanager
def use_blas(model: Model[Any, Any], blas: str = "numpy", *, threads: int = 1) -> Iterator[None]:
    """Choose the BLAS for the layers of a model, and restore all settings afterwards.

    model (Model): The model; on a GPU nothing is changed.
    blas (str): "numpy", or "blis", which is thinc's default.
    threads (int): Threads of numpy's OpenBLAS. Other BLAS libraries keep their own setting; blis
        reads BLIS_NUM_THREADS when it is imported.
    """
    found = {id(node.ops): node.ops for node in model.walk() if isinstance(node.ops, NumpyOps)}
    before = [(ops, ops.use_blis) for ops in found.values()]
    for ops, _ in before:
        ops.use_blis = blas == "blis"
    try:
        with _openblas_threads(threads):
            yield
    finally:
        for ops, use_blis in before:
            ops.use_blis = use_blis


@contextmanager
def _openblas_threads(threads: int) -> Iterator[None]:
    functions = _thread_functions()
    if functions is None:
        yield
        return
    get_threads, set_threads = functions
    before = get_threads()
    set_threads(threads)
    try:
        yield
    finally:
        set_threads(before)


@functools.cache
def _thread_functions() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Find the OpenBLAS library that numpy's wheel has loaded."""
    package = Path(numpy.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    for path in (path for folder in folders for path in sorted(folder.glob("*openblas*"))):
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for symbol in _SYMBOLS:
            get_threads = getattr(library, symbol.format("get"), None)
            set_threads = getattr(library, symbol.format("set"), None)
            if get_threads is not None and set_threads is not None:
                return get_threads, set_threads
    return None


def use_gpu(gpu_id: int) -> None:
    """Use a GPU from now on, in this process.

    gpu_id (int): Number of the GPU; below 0 changes nothing.
    RAISES (TrainingError): There is no such GPU, or no library that can use it.
    """
    if gpu_id < 0:
        return
    try:
        require_gpu(gpu_id)
    except Exception as err:  # thinc, CuPy and the driver raise errors of different types
        raise TrainingError(f"cannot use GPU {gpu_id}: {err}") from err


def peak_memory_mb() -> float | None:
    """Return the peak resident memory of this process since it started, from the system.

    This includes Python, spaCy, the base, the data, and everything that the process did before. GPU
    memory is not included.

    RETURNS (Optional[float]): Megabytes (10^6 bytes). None if the system does not report it
        (Windows).
    """
    try:
        resource = import_module("resource")
    except ImportError:
        return None
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return round(peak * unit / 1e6, 1)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global random generators of spaCy's training, and restore them afterwards.

    seed (int): The same seed, data and machine give the same weights.
    """
    python_state, numpy_state = random.getstate(), numpy.random.get_state()
    fix_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
