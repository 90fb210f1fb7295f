"""Files → rows, by the suffix and the content of the file."""

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
    report (DataReport): Counts skipped rows, by reason.
    on_error (Callable): Called with the error of an invalid row. It raises, or returns to skip the
        row.
    YIELDS (AnnotatedText): Rows with unchecked spans.
    RAISES (AnnotationError): The file is missing, of an unknown kind, or damaged.
    """
    with readable(path):
        yield from _iter_existing(path, report, on_error)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn errors of reading a file into AnnotationErrors.

    RAISES (AnnotationError): The file is missing, empty or a directory, or cannot be read.
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
            f"unknown file type {suffix or '(no suffix)'!r}: use .spacy, .jsonl, .json, .conll "
            "or .iob",
            source=str(path),
        )
