"""The machine that a run computes on: its BLAS, its GPU, its memory, its random generators.

Half of an NER update is gemm. numpy's (OpenBLAS in its wheels) is up to twice as fast as `blis`,
thinc's default, for these shapes, and gives the same losses to about 7 digits. But OpenBLAS starts
a thread per core, which wins nothing on matrices this small, and with all cores busy makes training
ten times slower: threads that wait for each other spin. So it gets one thread while we train.
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
    """Choose what multiplies matrices in the layers of a model, and put all settings back.

    model (Model): The model; on a GPU nothing is changed.
    blas (str): "numpy", or "blis", which is thinc's own choice.
    threads (int): Threads of numpy's OpenBLAS. Other BLAS libraries keep their own setting, and
        blis has what BLIS_NUM_THREADS said when it was imported.
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
    """Find the OpenBLAS that numpy's wheel brought and has loaded."""
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
    """Compute on a GPU from here on, in this process.

    gpu_id (int): Its number; below 0 changes nothing.
    RAISES (TrainingError): There is no such GPU, or nothing installed that can use it.
    """
    if gpu_id < 0:
        return
    try:
        require_gpu(gpu_id)
    except Exception as err:  # thinc's own, CuPy's and the driver's, each of another kind
        raise TrainingError(f"cannot use GPU {gpu_id}: {err}") from err


def peak_memory_mb() -> float | None:
    """Peak resident memory of this process since it started, as the system counts it.

    All of the process counts: Python, spaCy, the base, the data, and whatever else it has done
    before. Memory of a GPU does not.

    RETURNS (Optional[float]): Megabytes (10^6 bytes); None where the system does not say (Windows).
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
    """Seed the global generators that spaCy's training draws from, and put them back after.

    seed (int): The same seed, data and machine give the same weights.
    """
    python_state, numpy_state = random.getstate(), numpy.random.get_state()
    fix_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
