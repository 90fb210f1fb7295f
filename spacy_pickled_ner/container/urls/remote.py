"""Model files at a URL (`s3://`, `gs://`, `https://`, `memory://` …), through fsspec.

fsspec is an extra, and only imported for URLs. Remote files have the same size limit and the same
checks as local files.
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
    """Remove passwords and signatures from a URL, for messages and logs.

    url (str): The URL, or a path.
    RETURNS (str): The URL without parts that may be secret.
    """
    from .url_secrets import shown_url as shown  # only needed for URLs

    return shown(url)


def shown_error(err: BaseException, url: str) -> str:
    """Return the text of an error, unless it may contain a secret of a URL.

    err (BaseException): The error.
    url (str): The URL that was used.
    RETURNS (str): Its text, or the name of its type.
    """
    from .url_secrets import shown_error as shown

    return shown(err, url)


def is_url(file: object) -> TypeGuard[str]:
    """Return True for a URL.

    file (object): The argument of the caller. Only a `str` can be a URL, because `Path("s3://a")`
        is `s3:/a`.
    RETURNS (bool): True for any URL, also of a local file.
    """
    if not isinstance(file, str):
        return False
    return _URL.match(file) is not None or local_path(file) is not None


def read_url(url: str, read: Callable[[BinaryIO], T]) -> T:
    """Read a URL.

    url (str): Any URL that fsspec supports.
    read (Callable[[BinaryIO], T]): Reads the open file.
    RETURNS (T): What `read` returns.
    RAISES (ModelFileError): The file does not exist ("not-found"), or cannot be read
        ("unreadable").
    RAISES (MissingExtraError): fsspec is not installed.
    """
    fsspec = _import_fsspec()

    def open_and_read() -> T:
        with fsspec.open(url, "rb") as file:
            return read(cast(BinaryIO, file))

    return _attempt(open_and_read, lambda err: _why_unread(url, err))


@contextlib.contextmanager
def write_url(url: str) -> Iterator[BinaryIO]:
    """Open a local temporary file for writing. It is uploaded to a URL when it is complete.

    An incomplete file is never uploaded. If an upload fails, object stores keep the old object;
    other file systems may not. A URL of a local file is written like a path.

    url (str): Any URL that fsspec can write.
    YIELDS (BinaryIO): The file to write to.
    RAISES (SaveError): The file cannot be written.
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
    """Return True if there is a file at a URL.

    url (str): Any URL that fsspec supports.
    RETURNS (bool): True if the file exists.
    RAISES (SaveError): The file system cannot say.
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
    """Run a function, and raise our errors without their cause, which would show the URL."""
    try:
        return action()
    except PickledNerError:
        raise
    except Exception as err:  # file systems raise errors of different types
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
    """Return True if "file not found" means that the server could not be reached.

    fsspec reports both in the same way for HTTP; the error of aiohttp is the cause.
    """
    while isinstance(cause, FileNotFoundError):
        cause = cause.__cause__
    if type(cause).__module__.partition(".")[0] == "aiohttp":
        return getattr(cause, "status", None) not in (404, 410)
    return isinstance(cause, OSError)


def _reason(err: BaseException, url: str) -> str:
    if isinstance(err, NotImplementedError):
        return "its file system does not support this"
    return shown_error(err, url)
