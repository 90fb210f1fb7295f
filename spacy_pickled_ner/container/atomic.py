"""Write a file completely or not at all, also after a crash or with a full disk.

The bytes are written to a temporary file beside the target and synced to disk. Then the file
replaces the target in one step. A killed writer leaves its temporary file. The next save in that
folder removes it, because nobody holds its lock any more.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, Final

from ..errors import SaveError

try:
    fcntl: ModuleType | None = import_module("fcntl")
except ImportError:  # Windows
    fcntl = None

TEMP_PREFIX: Final = ".spacy-pickled-ner-"
# Without file locks, only the age shows that a temporary file was left behind.
STALE_SECONDS: Final = 24 * 3600.0


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing. It appears under its name when it is complete.

    path (Path): The file. An existing regular file is replaced and keeps its mode; a missing folder
        is created.
    YIELDS (BinaryIO): The file to write to.
    RAISES (SaveError): The file cannot be written. An old file is unchanged.
    """
    mode = check_target(path)
    with made_folder(path.parent):
        with _temporary(path) as (file, temp):
            if mode is not None:
                os.chmod(temp, mode)  # noqa: PTH101
            yield file
        _sync_folder(path.parent)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a temporary file beside a path. At the end it is renamed, or removed after an error."""
    try:
        remove_stale(path.parent)
        descriptor, temp = _create_temp(path)
    except OSError as err:
        raise SaveError(f"cannot write into {path.parent}: {err.strerror or err}") from err
    try:
        # The descriptor stays open, and with it the lock, until the file has its final name.
        with os.fdopen(descriptor, "wb") as file:
            yield file, temp
            file.flush()
            os.fsync(descriptor)
            if fcntl is not None:
                temp.replace(path)
        if fcntl is None:
            temp.replace(path)  # Windows cannot rename an open file
    except BaseException as err:
        with contextlib.suppress(OSError):
            temp.unlink()
        if isinstance(err, OSError) and not isinstance(err, SaveError):
            raise SaveError(f"cannot write {path}: {err.strerror or err}") from err
        raise


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Create a folder with its parents. After an error, remove the created folders.

    folder (Path): The folder; it may exist.
    RAISES (SaveError): The folder cannot be created.
    """
    made: list[Path] = []
    try:
        try:
            _make_missing(folder, made)
        except OSError as err:
            raise SaveError(f"cannot create the folder {folder}: {err.strerror or err}") from err
        yield
    except BaseException:
        for one in reversed(made):
            with contextlib.suppress(OSError):  # another process may use it by now
                one.rmdir()
        raise


def _make_missing(folder: Path, made: list[Path]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):  # created by another process
            one.mkdir()
            made.append(one)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is not a folder")


def check_target(path: Path) -> int | None:
    """Check that a path can be written as a file.

    path (Path): The file to write.
    RETURNS (Optional[int]): The mode of an existing file; None if there is none.
    RAISES (SaveError): The path is not a regular file.
    """
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as err:  # also for invalid file names
        why = getattr(err, "strerror", None) or err
        raise SaveError(f"cannot write {path}: {why}") from err
    if stat.S_ISDIR(found):
        raise SaveError(f"cannot write {path}: it is a folder; use a file in it")
    if stat.S_ISLNK(found):
        raise SaveError(
            f"cannot write {path}: it is a symbolic link; use its target ({os.path.realpath(path)})"
        )
    if not stat.S_ISREG(found):
        raise SaveError(f"cannot write {path}: it is not a regular file")
    return stat.S_IMODE(found)


def _create_temp(path: Path) -> tuple[int, Path]:
    while True:
        temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}.tmp")
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temp, flags, 0o666)
        if fcntl is None:
            return descriptor, temp
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another save may have removed the file before we had the lock.
        if temp.exists():
            return descriptor, temp
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Remove temporary files that a killed writer left in a folder.

    folder (Path): The folder.
    """
    for temp in folder.glob(f"{TEMP_PREFIX}*.tmp"):
        with contextlib.suppress(OSError):
            if _is_abandoned(temp):
                temp.unlink()


def _is_abandoned(temp: Path) -> bool:
    if fcntl is None:
        return time.time() - temp.stat().st_mtime > STALE_SECONDS
    descriptor = os.open(temp, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return time.time() - temp.stat().st_mtime > STALE_SECONDS
    finally:
        os.close(descriptor)
    return True


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the new name survives a power loss, if the system supports it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
