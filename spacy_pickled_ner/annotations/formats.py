"""Files and lists → rows. One function per shape; adding a format is adding a function here.

| shape | example |
|---|---|
| `.spacy` | a DocBin, as `spacy convert` and `spacy train` use it |
| `.jsonl` | one `{"text": …, "spans": [{"start": 0, "end": 4, "label": "X"}]}` a line (Prodigy) |
| `.json` | a list of such rows |
| any row | `[text, {"entities": [[start, end, label]]}]` (spaCy 2's TRAIN_DATA), also from Python |
| any row | `{"text": …, "entities": [[start, end, label]]}` |
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import AnnotationError
from .report import DataReport
from .rows import AnnotatedText, EntitySpan

RowHandler = Callable[[AnnotationError], None]


def iter_file(path: Path, report: DataReport, on_error: RowHandler) -> Iterator[AnnotatedText]:
    """Read the rows of a file, by its suffix.

    path (Path): A `.spacy`, `.jsonl` or `.json` file.
    report (DataReport): Counts the rows that are left out, and why.
    on_error (Callable): Called with the error of a bad row; raises, or returns to go on without it.
    YIELDS (AnnotatedText): Rows as they stand; their spans are not checked yet.
    RAISES (AnnotationError): The file is missing, of an unknown kind, or damaged as a whole.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise AnnotationError(
                "this is a directory, not a file of annotations", source=str(path)
            )
        if found.st_size == 0:
            raise AnnotationError("the file is empty", source=str(path))
        yield from _iter_existing(path, report, on_error)
    except FileNotFoundError:
        raise AnnotationError("no such file", source=str(path)) from None
    except OSError as err:
        raise AnnotationError(f"cannot be read: {err.strerror or err}", source=str(path)) from err


def _iter_existing(path: Path, report: DataReport, on_error: RowHandler) -> Iterator[AnnotatedText]:
    suffix = path.suffix.lower()
    if suffix == ".spacy":
        yield from _iter_docbin(path)
    elif suffix == ".jsonl":
        yield from _iter_values(_iter_jsonl(path, on_error), str(path), "line", report, on_error)
    elif suffix == ".json":
        yield from _iter_values(
            enumerate(_read_json(path), start=1), str(path), "row", report, on_error
        )
    else:
        raise AnnotationError(
            f"unknown kind of file {suffix or '(no suffix)'!r}: use .spacy, .jsonl or .json",
            source=str(path),
        )


def iter_list(
    rows: Iterable[Any], report: DataReport, on_error: RowHandler
) -> Iterator[AnnotatedText]:
    """Read rows that are Python objects: Examples, dicts or `(text, {"entities": …})` pairs."""
    for number, item in enumerate(rows, start=1):
        if isinstance(item, Example):
            # A copy: the caller's Docs stay as they are.
            yield _row_from_doc(item.reference.copy(), report.source, number)
        else:
            yield from _iter_values([(number, item)], report.source, "row", report, on_error)


def _row_from_doc(doc: Doc, source: str, row: int) -> AnnotatedText:
    """Make a row out of a gold Doc, which stays its reference."""
    spans = tuple(EntitySpan(e.start_char, e.end_char, e.label_) for e in doc.ents)
    return AnnotatedText(doc.text, spans, source, row, "doc", doc)


def _iter_values(
    values: Iterable[tuple[int, Any]],
    source: str,
    unit: str,
    report: DataReport,
    on_error: RowHandler,
) -> Iterator[AnnotatedText]:
    for number, value in values:
        try:
            if isinstance(value, Mapping) and value.get("answer", "accept") != "accept":
                report.skipped["not accepted"] += 1
                continue
            text, spans = _parse_value(value)
        except ValueError as err:
            on_error(AnnotationError(str(err), source=source, row=number, unit=unit))
            continue
        if not text.strip():
            report.skipped["empty"] += 1
            continue
        yield AnnotatedText(text, spans, source, number, unit)


def _parse_value(value: Any) -> tuple[str, tuple[EntitySpan, ...]]:
    if isinstance(value, Mapping):
        text = value.get("text")
        if not isinstance(text, str):
            raise ValueError('a row needs a string "text"')
        _check_encodable(text)
        if value.get("spans") is not None:
            return text, _parse_spans(value["spans"], _parse_dict_span)
        if value.get("entities") is not None:
            return text, _parse_spans(value["entities"], _parse_triple)
        raise ValueError('a row needs "spans" or "entities" (an empty list if it has none)')
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        text, annotations = value
        if isinstance(text, str) and isinstance(annotations, Mapping):
            _check_encodable(text)
            if "entities" not in annotations:
                raise ValueError('the annotations of a [text, annotations] row need "entities"')
            return text, _parse_spans(annotations["entities"], _parse_triple)
    raise ValueError(
        'cannot read this row: expected {"text": …, "spans": [{"start": …, "end": …, "label": …}]} '
        'or [text, {"entities": [[start, end, label]]}]'
    )


def _check_encodable(text: str) -> None:
    # JSON can write "\ud83d" alone; spaCy's string store cannot hold it.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as err:
        raise ValueError(
            f"character {err.start} of {_shown(text)} is half of a surrogate pair: a character "
            "was cut in two when this was written"
        ) from err


def _parse_spans(values: Any, parse: Callable[[Any], EntitySpan]) -> tuple[EntitySpan, ...]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ValueError(f"entities must be a list, not {type(values).__name__}")
    return tuple(parse(value) for value in values)


def _parse_dict_span(value: Any) -> EntitySpan:
    if not isinstance(value, Mapping):
        raise ValueError(f"a span must be an object, not {_shown(value)}")
    return _make_span(value.get("start"), value.get("end"), value.get("label"), value)


def _parse_triple(value: Any) -> EntitySpan:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise ValueError(f"an entity must be [start, end, label], not {_shown(value)}")
    start, end, label = value
    return _make_span(start, end, label, value)


def _make_span(start: Any, end: Any, label: Any, value: Any) -> EntitySpan:
    # bool is an int in Python, but {"start": true} is a mistake in somebody's file.
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start and end must be whole numbers in {_shown(value)}")
    if not isinstance(label, str):
        raise ValueError(f"the label must be a string in {_shown(value)}")
    _check_encodable(label)
    return EntitySpan(start, end, label)


def _iter_jsonl(path: Path, on_error: RowHandler) -> Iterator[tuple[int, Any]]:
    # The standard library's parser, not srsly's: it says where in the line the mistake is.
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                yield number, json.loads(_decode(raw.rstrip(), number))
            except (ValueError, RecursionError) as err:
                reason = _why_broken(err)
                if number == 1 and raw.strip() in (b"[", b"{"):
                    reason += "; if the file is one JSON list, name it .json"
                on_error(AnnotationError(reason, source=str(path), row=number, unit="line"))


def _decode(raw: bytes, number: int) -> str:
    # Editors on Windows put a byte order mark before the first line.
    return raw.decode("utf-8-sig" if number == 1 else "utf-8")


def _read_json(path: Path) -> list[Any]:
    raw = path.read_bytes()
    if not raw.strip():
        return []
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as err:
        reason = _why_broken(err)
        if isinstance(err, json.JSONDecodeError) and err.msg == "Extra data":
            reason += "; if each line is a row of its own, name the file .jsonl"
        row = err.lineno if isinstance(err, json.JSONDecodeError) else None
        raise AnnotationError(reason, source=str(path), row=row, unit="line") from err
    if not isinstance(values, list):
        raise AnnotationError(
            f"expected a list of rows, not {type(values).__name__}", source=str(path)
        )
    return values


def _why_broken(err: Exception) -> str:
    if isinstance(err, json.JSONDecodeError):
        return f"broken JSON at character {err.colno}: {err.msg}"
    if isinstance(err, UnicodeDecodeError):
        return f"not UTF-8 text (byte {err.start}: {err.reason}); save the file as UTF-8"
    return f"broken JSON: {err}"


def _iter_docbin(path: Path) -> Iterator[AnnotatedText]:
    # A vocab of their own: `make_examples` moves them to the vocab of the pipeline.
    try:
        docs = list(DocBin().from_disk(path).get_docs(Vocab()))
    except (
        Exception
    ) as err:  # msgpack, zlib and numpy each have their own errors for a damaged file
        raise AnnotationError(
            f"damaged, or not a .spacy file as `spacy convert` writes it ({type(err).__name__})",
            source=str(path),
        ) from err
    for number, doc in enumerate(docs, start=1):
        yield _row_from_doc(doc, str(path), number)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
