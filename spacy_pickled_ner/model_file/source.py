"""Get at the bytes of a model file: from a path, a folder, a URL, an open file, or memory.

A local file is mapped: its pages are read when they are looked at and shared by all processes that
map it; writing to one makes a private copy and never reaches the file. Anything else is read once,
into private memory. Both are writable and aligned, so that weights can be views of them.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import numpy as np
from spacy.util import is_package

from ..errors import ModelFileError, UnsafeFileError
from .foreign import check_is_pickle
from .layout import ALIGNMENT
from .remote import is_url, open_url, shown_url

FileLike: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"

FILE_NAME: Final = "model.pkl"
MAX_FILE_BYTES: Final = 4 * 2**30
# As spaCy names them: en_core_web_sm.
_PACKAGE: Final = re.compile(r"[a-z]{2,3}_[a-z0-9_]+")
_CHUNK_BYTES: Final = 2**20


@dataclass(frozen=True)
class Source:
    """The bytes of a file, and what to call it in messages.

    name (str): Its path, or what it was given as.
    buffer (memoryview): All of its bytes.
    mapped (bool): Whether they are a mapping of the file, and not a copy.
    """

    name: str
    buffer: memoryview
    mapped: bool = False


def read_source(file: FileLike) -> Source:
    """Read a file into private, aligned, writable memory.

    file (Union[str, Path, bytes, BinaryIO]): What to read: a path, a folder that holds
        `model.pkl`, a URL, bytes or an open file.
    RETURNS (Source): Its bytes.
    RAISES (ModelFileError): It cannot be read.
    """
    if isinstance(file, (bytes, bytearray, memoryview)):
        data = memoryview(file).cast("B")
        check_is_pickle(data)
        buffer = _aligned(len(data))
        buffer[:] = data
        return Source(f"<{type(file).__name__}>", buffer)
    if is_url(file):
        with open_url(file) as remote:
            return Source(shown_url(file), _read_stream(remote))
    if isinstance(file, (str, os.PathLike)):
        path = find_file(file)
        with _open_regular(path) as opened:
            return Source(str(path), _read_all(opened, os.fstat(opened.fileno()).st_size))
    if not hasattr(file, "read"):
        raise TypeError(
            f"cannot load a {type(file).__name__}: pass a path, bytes or an open binary file"
        )
    return Source(str(getattr(file, "name", "<file>")), _read_stream(file))


def map_source(file: FileLike, *, writable: bool = False) -> Source:
    """Map a file instead of reading it; what cannot be mapped is read.

    file (Union[str, Path, bytes, BinaryIO]): What to look at.
    writable (bool): Whether its bytes can be changed, in memory only.
    RETURNS (Source): Its bytes; pages of a file on disk are read when they are looked at.
    RAISES (ModelFileError): It cannot be read.
    """
    if is_url(file) or not isinstance(file, (str, os.PathLike)):
        return read_source(file)
    path = find_file(file)
    access = mmap.ACCESS_COPY if writable else mmap.ACCESS_READ
    with _open_regular(path) as opened:
        check_is_pickle(opened.read(512))
        try:
            mapped = mmap.mmap(opened.fileno(), 0, access=access)
        except OSError:  # not every file system can
            return read_source(path)
    return Source(str(path), memoryview(mapped), mapped=True)


@contextlib.contextmanager
def named_in_errors(file: FileLike) -> Iterator[None]:
    """Name a file in the errors of whatever is done with it; bytes have no name.

    file (Union[str, Path, bytes, BinaryIO]): The file, as the caller named it.
    """
    try:
        yield
    except ModelFileError as err:
        if err.file is None and (name := _name(file)):
            err.name_file(name)
        raise


def _name(file: FileLike) -> str | None:
    if is_url(file):
        return shown_url(file)
    if isinstance(file, (str, os.PathLike)):
        return str(find_file(file))
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None


def find_file(file: str | os.PathLike[str]) -> Path:
    """Resolve what the caller named to a file.

    file (Union[str, Path]): A file, or a folder that holds `model.pkl`.
    RETURNS (Path): The file.
    RAISES (ModelFileError): There is no such file.
    """
    path = Path(file)
    try:
        if not path.is_dir():
            return path
    except OSError as err:  # a name that no file can have
        raise ModelFileError(
            f"cannot open {path}: {err.strerror}", code="unreadable", file=str(path)
        ) from err
    if (path / FILE_NAME).exists():
        return path / FILE_NAME
    hint = ""
    if (path / "config.cfg").exists() and (path / "meta.json").exists():
        hint = "; it is a spaCy pipeline folder, which spacy.load reads"
    raise ModelFileError(
        f"there is no {FILE_NAME} in {path}{hint}", code="no-model-file", file=str(path)
    )


def _open_regular(path: Path) -> BinaryIO:
    try:
        # Opening a pipe would wait for its writer, without this flag.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise ModelFileError(
            f"there is no file {path}{_hint(path)}", code="not-found", file=str(path)
        ) from None
    except (OSError, ValueError) as err:
        raise ModelFileError(
            f"cannot open {path}: {err}", code="unreadable", file=str(path)
        ) from err
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise ModelFileError(f"{path} is not a regular file", code="not-a-file", file=str(path))
    if found.st_size > MAX_FILE_BYTES:
        os.close(descriptor)
        raise UnsafeFileError(
            f"{path} is larger than {MAX_FILE_BYTES // 2**30} GiB", code="too-big", file=str(path)
        )
    return os.fdopen(descriptor, "rb", buffering=0)


def _hint(path: Path) -> str:
    """What to do with the name of a pipeline package, which `spacy.load` takes for one."""
    name = str(path)
    if not (_PACKAGE.fullmatch(name) or (name.isidentifier() and is_package(name))):
        return ""
    return (
        f"; spacy.load({name!r}) loads an installed package, and pack({name!r}, {FILE_NAME!r}) "
        "makes a model file of it"
    )


def _aligned(size: int) -> memoryview:
    raw = np.empty(size + ALIGNMENT, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].data


def _read_all(file: BinaryIO, size: int) -> memoryview:
    head = file.read(512)
    check_is_pickle(head)
    buffer = _aligned(size)
    buffer[: len(head)] = head
    filled = len(head)
    while filled < size:
        n_read = file.readinto(buffer[filled:])  # type: ignore[attr-defined]
        if not n_read:
            break
        filled += n_read
    if filled != size or file.read(1):
        raise UnsafeFileError("the file changed while it was read", code="changed")
    return buffer


def _read_stream(file: BinaryIO) -> memoryview:
    data = bytearray()
    while chunk := file.read(_CHUNK_BYTES):
        if not isinstance(chunk, bytes):
            raise TypeError("cannot load from a file opened in text mode: open it with 'rb'")
        data += chunk
        check_is_pickle(memoryview(data)[:512])
        if len(data) > MAX_FILE_BYTES:
            raise UnsafeFileError(
                f"the file is larger than {MAX_FILE_BYTES // 2**30} GiB", code="too-big"
            )
    check_is_pickle(memoryview(data)[:512])
    buffer = _aligned(len(data))
    buffer[:] = data
    return buffer
