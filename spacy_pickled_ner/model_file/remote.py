"""Model files at a URL (`s3://`, `gs://`, `https://`, `memory://` …), through fsspec.

fsspec is an extra, imported when a URL is used and not before; a local path never comes here. What
is read is bounded like any other file, and checked like any other bytes.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeGuard, cast

from ..errors import MissingExtraError, ModelFileError, PickledNerError, SaveError

# Two letters at least: `c:` is a drive. fsspec chains file systems: `simplecache::s3://…`.
_URL: Final = re.compile(r"([a-z][a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SECRETS: Final = re.compile(r"""(?<=://)[^/\s]*@|[?#][^\s'"]*""")


def is_url(file: object) -> TypeGuard[str]:
    """Whether a file is named by a URL.

    file (object): What the caller named; only a `str` can be a URL, since `Path("s3://a")` is
        already `s3:/a`.
    RETURNS (bool): True for a URL.
    """
    return isinstance(file, str) and _URL.match(file) is not None


def shown_url(url: str) -> str:
    """Take passwords and signatures out of a URL, so that it can stand in a message or a log.

    url (str): The URL, or a text with URLs in it.
    RETURNS (str): The same without user, query and fragment.
    """
    return _SECRETS.sub("", url)


@contextlib.contextmanager
def open_url(url: str) -> Iterator[BinaryIO]:
    """Open a URL for reading.

    url (str): Any that fsspec knows.
    YIELDS (BinaryIO): The file.
    RAISES (ModelFileError): It is not there ("not-found"), or cannot be read ("unreadable").
    RAISES (MissingExtraError): fsspec is not installed.
    """
    fsspec = _import_fsspec()
    try:
        with fsspec.open(url, "rb") as file:
            yield cast(BinaryIO, file)
    except PickledNerError:
        raise
    except FileNotFoundError as err:
        cause = f" ({_reason(err.__cause__)})" if err.__cause__ else ""
        if _is_failure(err.__cause__):
            raise ModelFileError(
                f"cannot read {shown_url(url)}{cause}", code="unreadable", file=shown_url(url)
            ) from err
        raise ModelFileError(
            f"there is no file {shown_url(url)}{cause}", code="not-found", file=shown_url(url)
        ) from err
    except Exception as err:  # each file system has errors of its own
        raise ModelFileError(
            f"cannot read {shown_url(url)}: {_reason(err)}", code="unreadable", file=shown_url(url)
        ) from err


@contextlib.contextmanager
def write_url(url: str) -> Iterator[BinaryIO]:
    """Open a local file for writing whose contents go to a URL when it is complete.

    A file that cannot be finished is never uploaded. Whether an upload that breaks off leaves the
    old object as it was is up to the file system; object stores do.

    url (str): Any that fsspec can write to.
    YIELDS (BinaryIO): The file to write to.
    RAISES (SaveError): It cannot be written.
    RAISES (MissingExtraError): fsspec is not installed.
    """
    fs, path = _find_file_system(url)
    with tempfile.TemporaryDirectory(prefix="spacy-pickled-ner-") as folder:
        local = Path(folder) / "model.pkl"
        with local.open("wb") as file:
            yield file
        try:
            fs.put_file(os.fspath(local), path)
        except Exception as err:
            raise SaveError(f"cannot write {shown_url(url)}: {_reason(err)}") from err


def url_exists(url: str) -> bool:
    """Whether there is a file at a URL.

    url (str): Any that fsspec knows.
    RETURNS (bool): True if there is.
    RAISES (SaveError): It cannot be told.
    RAISES (MissingExtraError): fsspec is not installed.
    """
    fs, path = _find_file_system(url)
    try:
        return bool(fs.exists(path))
    except Exception as err:
        raise SaveError(f"cannot write {shown_url(url)}: {_reason(err)}") from err


def _find_file_system(url: str) -> tuple[Any, str]:
    fsspec = _import_fsspec()
    try:
        fs, path = fsspec.core.url_to_fs(url)
    except Exception as err:
        raise SaveError(f"cannot write {shown_url(url)}: {_reason(err)}") from err
    return fs, path


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


def _reason(err: BaseException) -> str:
    if isinstance(err, NotImplementedError):
        return "its file system cannot do that"
    return shown_url(str(err)).strip()[:300] or type(err).__name__
