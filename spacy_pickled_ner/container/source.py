"""Get at the bytes of a model file: from a path, a folder, a URL, an open file, or memory.

A local file is mapped: its pages are read when they are looked at and shared by all processes that
map it; writing to one makes a private copy and never reaches the file. Anything else is read once,
into private memory. Both are writable and aligned, so that weights can be views of them.
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
    """Map a file instead of reading it; what cannot be mapped is read.

    file (Union[str, Path, bytes, BinaryIO]): What to look at.
    writable (bool): Whether its bytes can be changed, in memory only.
    RETURNS (Source): Its bytes; pages of a file on disk are read when they are looked at.
    RAISES (ModelFileError): It cannot be read.
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
        except (OSError, ValueError):  # not every file system can, and none if there is no byte
            return read_source(path)
    return Source(str(path), memoryview(mapped), mapped=True)


@contextlib.contextmanager
def named_in_errors(file: FileLike) -> Iterator[None]:
    """Name a file in the errors of whatever is done with it, and let no other errors out.

    file (Union[str, Path, bytes, BinaryIO]): The file, as the caller named it; bytes have no name.
    RAISES (ModelFileError): A file that is malformed in a way that no check knows ("unreadable").
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
    """Say our way that reading a file failed; file objects may have errors of any type."""
    try:
        yield
    except (PickledNerError, WrongArgumentError):
        raise
    except Exception as err:
        why = (isinstance(err, OSError) and err.strerror) or shown_error(err, name)
        raise ModelFileError(f"cannot read {name}: {why}", code="unreadable", file=name) from err


class WrongArgumentError(TypeError):
    """What the caller gave is no file at all."""


def _without_local_url(file: FileLike) -> FileLike:
    path = local_path(file) if isinstance(file, str) else None
    return file if path is None else path


def _checked_url(url: str) -> str:
    """Check what a chain such as `zip://a.pkl::/tmp/a.zip` ends in, as for a path."""
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
