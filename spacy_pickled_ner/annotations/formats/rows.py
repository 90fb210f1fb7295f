"""JSON values or Python objects → rows. The format of each is detected from its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from spacy.training import Example

from ...errors import AnnotationError
from ..report import DataReport
from ..rows import AnnotatedText
from . import dataturks, doccano, label_studio
from .docbin import row_from_doc
from .spans import (
    Parsed,
    SkippedRow,
    check_encodable,
    checked_text,
    parse_dict_span,
    parse_spans,
    parse_triple,
)

RowHandler = Callable[[AnnotationError], None]

_TOOLS: tuple[
    tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Parsed]], ...
]
_TOOLS = tuple((tool.matches, tool.parse) for tool in (label_studio, dataturks, doccano))


def iter_list(
    rows: Iterable[Any], report: DataReport, on_error: RowHandler
) -> Iterator[AnnotatedText]:
    """Read rows that are Python objects: Examples, dicts or `(text, {"entities": …})` pairs."""
    for number, item in enumerate(rows, start=1):
        if isinstance(item, Example):
            # A copy, so that the caller's Docs do not change.
            yield row_from_doc(item.reference.copy(), report.source, number)
        else:
            yield from iter_values([(number, item)], report.source, "row", report, on_error)


def iter_values(
    values: Iterable[tuple[int, Any]],
    source: str,
    unit: str,
    report: DataReport,
    on_error: RowHandler,
) -> Iterator[AnnotatedText]:
    """Parse values of any format.

    values (Iterable[Tuple[int, Any]]): Number and value.
    source, unit (str): The source of the values, and the unit of the numbers.
    report (DataReport): Counts skipped rows, by reason.
    on_error (Callable): Called with the error of an invalid row. It raises, or returns to skip the
        row.
    YIELDS (AnnotatedText): Rows with unchecked spans.
    """
    for number, value in values:
        try:
            text, spans = _parse(value)
        except SkippedRow as skipped:
            report.skipped[str(skipped)] += 1
            continue
        except (ValueError, RecursionError) as err:
            reason = str(err) if isinstance(err, ValueError) else "its values are nested too deep"
            on_error(AnnotationError(reason, source=source, row=number, unit=unit))
            continue
        if not text.strip():
            report.skipped["empty"] += 1
            continue
        yield AnnotatedText(text, spans, source, number, unit)


def _parse(value: Any) -> Parsed:
    if isinstance(value, Mapping):
        return _parse_mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        text, annotations = value
        if isinstance(text, str) and isinstance(annotations, Mapping):
            check_encodable(text)
            if "entities" not in annotations:
                raise ValueError('the annotations of a [text, annotations] row need "entities"')
            return text, parse_spans(annotations["entities"], parse_triple)
    raise ValueError(
        'cannot read this row: expected {"text": …, "spans": [{"start": …, "end": …, "label": …}]} '
        'or [text, {"entities": [[start, end, label]]}]'
    )


def _parse_mapping(row: Mapping[str, Any]) -> Parsed:
    if row.get("answer", "accept") != "accept":
        raise SkippedRow("not accepted")
    if row.get("spans") is None:
        for matches, parse in _TOOLS:
            if matches(row):
                return parse(row)
    text = checked_text(row.get("text"), "text")
    if row.get("spans") is not None:
        return text, parse_spans(row["spans"], parse_dict_span)
    if row.get("entities") is not None:
        return text, parse_spans(row["entities"], parse_triple)
    raise ValueError('a row needs "spans", "entities" or "label" (an empty list if it has none)')
