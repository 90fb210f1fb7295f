"""Files → rows, by the suffix of the file and by what is in it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import AnnotationError
from ..report import DataReport
from ..rows import AnnotatedText
from .conll import iter_conll
from .docbin import iter_docbin
from .json_files import is_jsonl, iter_jsonl, read_json
from .rows import RowHandler, iter_values

CONLL_SUFFIXES = (".conll", ".iob")


def iter_file(path: Path, report: DataReport, on_error: RowHandler) -> Iterator[AnnotatedText]:
    """Read the rows of a file.

    path (Path): A `.spacy`, `.jsonl`, `.json`, `.conll` or `.iob` file.
    report (DataReport): Counts the rows that are left out, and why.
    on_error (Callable): Called with the error of a bad row; raises, or returns to go on without it.
    YIELDS (AnnotatedText): Rows as they stand; their spans are not checked yet.
    RAISES (AnnotationError): The file is missing, of an unknown kind, or damaged as a whole.
    """
    with readable(path):
        yield from _iter_existing(path, report, on_error)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Read a file inside of this, so that whatever is wrong with it as a whole is said our way.

    RAISES (AnnotationError): There is no such file, it is empty or a directory, or reading fails.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise AnnotationError("this is a directory, not a file of texts", source=str(path))
        if found.st_size == 0:
            raise AnnotationError("the file is empty", source=str(path))
        yield
    except FileNotFoundError:
        raise AnnotationError("no such file", source=str(path)) from None
    except OSError as err:
        raise AnnotationError(f"cannot be read: {err.strerror or err}", source=str(path)) from err


def _iter_existing(path: Path, report: DataReport, on_error: RowHandler) -> Iterator[AnnotatedText]:
    suffix = path.suffix.lower()
    if suffix == ".spacy":
        yield from iter_docbin(path)
    elif suffix == ".jsonl" or (suffix == ".json" and is_jsonl(path)):
        yield from iter_values(iter_jsonl(path, on_error), str(path), "line", report, on_error)
    elif suffix == ".json":
        values = enumerate(read_json(path), start=1)
        yield from iter_values(values, str(path), "row", report, on_error)
    elif suffix in CONLL_SUFFIXES:
        yield from iter_conll(path, on_error)
    else:
        raise AnnotationError(
            f"unknown kind of file {suffix or '(no suffix)'!r}: use .spacy, .jsonl, .json, .conll "
            "or .iob",
            source=str(path),
        )
