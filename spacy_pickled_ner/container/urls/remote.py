"""Model files at a URL (`s3://`, `gs://`, `https://`, `memory://` …), through fsspec.

fsspec is an extra, imported when a URL is used and not before; a local path never comes here. What
is read is bounded like any other file, and checked like any other bytes.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeGuard, TypeVar, cast

from ...errors import MissingExtraError, ModelFileError, PickledNerError, SaveError
from ..atomic import atomic_write, check_target
from .local_urls import end_of_chain, local_path

__all__ = ["is_url", "read_url", "shown_url", "url_exists", "write_url"]

T = TypeVar("T")

# Two letters at least: `c:` is a drive. fsspec chains file systems: `simplecache::s3://…`.
_URL: Final = re.compile(r"([a-z][a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def shown_url(url: str) -> str:
    """Take passwords and signatures out of a URL, so that it can stand in a message or a log.

    url (str): The URL, or a path.
    RETURNS (str): The same without what may be secret.
    """
    from .url_secrets import shown_url as shown  # only URLs need it, and errors

    return shown(url)


def shown_error(err: BaseException, url: str) -> str:
    """Say what an error says, unless that repeats a secret of a URL.

    err (BaseException): The error.
    url (str): The URL that was used.
    RETURNS (str): Its text, or the name of its type.
    """
    from .url_secrets import shown_error as shown

    return shown(err, url)


def is_url(file: object) -> TypeGuard[str]:
    """Whether a file is named by a URL.

    file (object): What the caller named; only a `str` can be a URL, since `Path("s3://a")` is
        already `s3:/a`.
    RETURNS (bool): True for a URL, also for one of a local file.
    """
    if not isinstance(file, str):
        return False
    return _URL.match(file) is not None or local_path(file) is not None


def read_url(url: str, read: Callable[[BinaryIO], T]) -> T:
    """Read what is at a URL.

    url (str): Any that fsspec knows.
    read (Callable[[BinaryIO], T]): Reads the open file.
    RETURNS (T): What `read` returns.
    RAISES (ModelFileError): It is not there ("not-found"), or cannot be read ("unreadable").
    RAISES (MissingExtraError): fsspec is not installed.
    """
    fsspec = _import_fsspec()

    def open_and_read() -> T:
        with fsspec.open(url, "rb") as file:
            return read(cast(BinaryIO, file))

    return _attempt(open_and_read, lambda err: _why_unread(url, err))


@contextlib.contextmanager
def write_url(url: str) -> Iterator[BinaryIO]:
    """Open a local file for writing whose contents go to a URL when it is complete.

    A file that cannot be finished is never uploaded. Whether an upload that breaks off leaves the
    old object as it was is up to the file system; object stores do. A URL of a local file is
    written like a path.

    url (str): Any that fsspec can write to.
    YIELDS (BinaryIO): The file to write to.
    RAISES (SaveError): It cannot be written.
    RAISES (MissingExtraError): fsspec is not installed.
    """
    path = local_path(url)
    if path is not None:
        with atomic_write(path) as file:
            yield file
        return
    fs, remote = _find_file_system(url)
    with tempfile.TemporaryDirectory(prefix="spacy-pickled-ner-") as folder:
        local = Path(folder) / "model.pkl"
        with local.open("wb") as file:
            yield file
        _attempt(
            lambda: fs.put_file(os.fspath(local), remote), lambda err: _why_unwritten(url, err)
        )


def url_exists(url: str) -> bool:
    """Whether there is a file at a URL.

    url (str): Any that fsspec knows.
    RETURNS (bool): True if there is.
    RAISES (SaveError): It cannot be told.
    RAISES (MissingExtraError): fsspec is not installed.
    """
    path = local_path(url)
    if path is not None:
        return os.path.lexists(path)
    fs, remote = _find_file_system(url)
    return _attempt(lambda: bool(fs.exists(remote)), lambda err: _why_unwritten(url, err))


def _find_file_system(url: str) -> tuple[Any, str]:
    fsspec = _import_fsspec()
    if local := end_of_chain(url):
        url, path = local
        check_target(path)
    found: tuple[Any, str] = _attempt(
        lambda: fsspec.core.url_to_fs(url), lambda err: _why_unwritten(url, err)
    )
    return found


def _attempt(action: Callable[[], T], explain: Callable[[BaseException], PickledNerError]) -> T:
    """Do something, and raise an error of ours alone: what it is chained to shows the whole URL."""
    try:
        return action()
    except PickledNerError:
        raise
    except Exception as err:  # each file system has errors of its own
        error = explain(err)
    raise error


def _why_unread(url: str, err: BaseException) -> ModelFileError:
    shown = shown_url(url)
    if not isinstance(err, FileNotFoundError):
        message, code = f"cannot read {shown}: {_reason(err, url)}", "unreadable"
    else:
        cause = f" ({_reason(err.__cause__, url)})" if err.__cause__ else ""
        if _is_failure(err.__cause__):
            message, code = f"cannot read {shown}{cause}", "unreadable"
        else:
            message, code = f"there is no file {shown}{cause}", "not-found"
    return ModelFileError(message, code=code, file=shown)


def _why_unwritten(url: str, err: BaseException) -> SaveError:
    return SaveError(f"cannot write {shown_url(url)}: {_reason(err, url)}")


def _import_fsspec() -> Any:
    try:
        import fsspec
    except ImportError as err:
        raise MissingExtraError("reading or writing a URL", extra="fsspec") from err
    return fsspec


def _is_failure(cause: BaseException | None) -> bool:
    """Whether a "file not found" is a server that could not be reached, or did not answer.

    fsspec reports both alike over HTTP; what aiohttp said is the cause.
    """
    while isinstance(cause, FileNotFoundError):
        cause = cause.__cause__
    if type(cause).__module__.partition(".")[0] == "aiohttp":
        return getattr(cause, "status", None) not in (404, 410)
    return isinstance(cause, OSError)


def _reason(err: BaseException, url: str) -> str:
    if isinstance(err, NotImplementedError):
        return "its file system cannot do that"
    return shown_error(err, url)
