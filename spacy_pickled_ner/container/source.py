"""Get the bytes of a model file from a path, a folder, a URL, an open file, or memory.

A local file is mapped: its pages are read when they are used, and shared by all processes that map
the file. Writing to a page creates a private copy; the file never changes. Other sources are read
into private memory. Both are writable and aligned, so weights can be views.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np

from ..errors import ModelFileError, PickledNerError, UnsafeFileError
from .foreign import check_is_pickle
from .layout import ALIGNMENT
from .local_files import FILE_NAME, MAX_FILE_BYTES, find_file, open_regular
from .urls.local_urls import end_of_chain, local_path
from .urls.remote import is_url, read_url, shown_error, shown_url

__all__ = [
    "FILE_NAME",
    "MAX_FILE_BYTES",
    "FileLike",
    "Source",
    "find_file",
    "map_source",
    "named_in_errors",
    "read_source",
]

FileLike: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"

_CHUNK_BYTES: Final = 2**20


@dataclass(frozen=True)
class Source:
    """The bytes of a file, and its name for messages.

    name (str): Its path or description.
    buffer (memoryview): All bytes of the file.
    mapped (bool): True for a mapping of the file, False for a copy.
    """

    name: str
    buffer: memoryview
    mapped: bool = False


def read_source(file: FileLike) -> Source:
    """Read a file into private, aligned, writable memory.

    file (Union[str, Path, bytes, BinaryIO]): A path, a folder with `model.pkl`, a URL, bytes or an
        open file.
    RETURNS (Source): The bytes.
    RAISES (ModelFileError): The file cannot be read.
    """
    file = _without_local_url(file)
    if isinstance(file, (bytes, bytearray, memoryview)):
        data = memoryview(file).cast("B")
        check_is_pickle(data)
        buffer = _aligned(len(data))
        buffer[:] = data
        return Source(f"<{type(file).__name__}>", buffer)
    if is_url(file):
        return Source(shown_url(file), read_url(_checked_url(file), _read_stream))
    if isinstance(file, (str, os.PathLike)):
        path = find_file(file)
        with open_regular(path) as opened, _readable(str(path)):
            return Source(str(path), _read_all(opened, os.fstat(opened.fileno()).st_size))
    if not hasattr(file, "read"):
        raise WrongArgumentError(
            f"cannot load a {type(file).__name__}: pass a path, bytes or an open binary file"
        )
    name = _name_of(file) or "<file>"
    with _readable(name):
        return Source(name, _read_stream(file))


def map_source(file: FileLike, *, writable: bool = False) -> Source:
    """Map a file. If it cannot be mapped, read it.

    file (Union[str, Path, bytes, BinaryIO]): See `read_source`.
    writable (bool): True if the bytes can be changed, in memory only.
    RETURNS (Source): The bytes. Pages of a mapped file are read when they are used.
    RAISES (ModelFileError): The file cannot be read.
    """
    file = _without_local_url(file)
    if is_url(file) or not isinstance(file, (str, os.PathLike)):
        return read_source(file)
    path = find_file(file)
    access = mmap.ACCESS_COPY if writable else mmap.ACCESS_READ
    with open_regular(path) as opened, _readable(str(path)):
        check_is_pickle(opened.read(512))
        try:
            mapped = mmap.mmap(opened.fileno(), 0, access=access)
        except (OSError, ValueError):  # not all file systems can, and empty files cannot be mapped
            return read_source(path)
    return Source(str(path), memoryview(mapped), mapped=True)


@contextlib.contextmanager
def named_in_errors(file: FileLike) -> Iterator[None]:
    """Add the file to errors inside this block, and turn other errors into ModelFileErrors.

    file (Union[str, Path, bytes, BinaryIO]): The file, as the caller passed it; bytes have no name.
    RAISES (ModelFileError): Any other error, of a malformed file ("unreadable").
    """
    try:
        yield
    except WrongArgumentError:
        raise
    except ModelFileError as err:
        if err.file is None and (name := _name(file)):
            err.name_file(name)
        raise
    except PickledNerError:
        raise
    except Exception as err:
        error = ModelFileError(
            f"cannot be read: {type(err).__name__}: {ascii(str(err))[1:-1][:300]}",
            code="unreadable",
        )
        if name := _name(file):
            error.name_file(name)
        raise error from err


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn errors of reading a file into ModelFileErrors. File objects can raise any type."""
    try:
        yield
    except (PickledNerError, WrongArgumentError):
        raise
    except Exception as err:
        why = (isinstance(err, OSError) and err.strerror) or shown_error(err, name)
        raise ModelFileError(f"cannot read {name}: {why}", code="unreadable", file=name) from err


class WrongArgumentError(TypeError):
    """The argument is not a file."""


def _without_local_url(file: FileLike) -> FileLike:
    path = local_path(file) if isinstance(file, str) else None
    return file if path is None else path


def _checked_url(url: str) -> str:
    """Check the local file at the end of a chain such as `zip://a.pkl::/tmp/a.zip`."""
    local = end_of_chain(url)
    if local is None:
        return url
    open_regular(local[1]).close()
    return local[0]


def _name(file: FileLike) -> str | None:
    file = _without_local_url(file)
    if is_url(file):
        return shown_url(file)
    if isinstance(file, (str, os.PathLike)):
        try:
            return str(find_file(file))
        except (ModelFileError, TypeError):
            return str(os.fspath(file))
    return _name_of(file)


def _name_of(file: object) -> str | None:
    try:
        name = getattr(file, "name", None)
    except Exception:
        return None
    return shown_url(name) if isinstance(name, str) else None


def _aligned(size: int) -> memoryview:
    raw = np.empty(size + ALIGNMENT, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].data


def _read_all(file: BinaryIO, size: int) -> memoryview:
    head = file.read(512)
    check_is_pickle(head)
    if len(head) > size:
        raise _changed()
    buffer = _aligned(size)
    buffer[: len(head)] = head
    filled = len(head)
    while filled < size:
        n_read = file.readinto(buffer[filled:])  # type: ignore[attr-defined]
        if not n_read:
            break
        filled += n_read
    if filled != size or file.read(1):
        raise _changed()
    return buffer


def _changed() -> UnsafeFileError:
    return UnsafeFileError("the file changed while it was read", code="changed")


def _read_stream(file: BinaryIO) -> memoryview:
    data = bytearray()
    while chunk := _read_chunk(file):
        if len(data) + len(chunk) > MAX_FILE_BYTES:
            raise UnsafeFileError(
                f"the file is larger than {MAX_FILE_BYTES // 2**30} GiB", code="too-big"
            )
        data += chunk
        check_is_pickle(memoryview(data)[:512])
    check_is_pickle(memoryview(data)[:512])
    buffer = _aligned(len(data))
    buffer[:] = data
    return buffer


def _read_chunk(file: BinaryIO) -> memoryview:
    chunk: Any = file.read(_CHUNK_BYTES)
    if isinstance(chunk, str):
        raise WrongArgumentError("cannot load from a file opened in text mode: open it with 'rb'")
    if not isinstance(chunk, (bytes, bytearray, memoryview)):
        raise ModelFileError(
            f"its read() returned a {type(chunk).__name__}, not bytes", code="unreadable"
        )
    return memoryview(chunk).cast("B")
