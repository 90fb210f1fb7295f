"""Check a row: offsets, overlaps, white space at the edges, labels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from ..errors import AnnotationError
from .report import DataReport
from .rows import AnnotatedText, EntitySpan


def check_row(row: AnnotatedText, report: DataReport) -> AnnotatedText:
    """Check the spans of a row, trim white space at their edges, and sort them.

    row (AnnotatedText): The row as read.
    report (DataReport): Counts trimmed and repeated spans.
    RETURNS (AnnotatedText): The checked row.
    RAISES (AnnotationError): An offset or a label is invalid, or two spans overlap.
    """
    spans = []
    for span in row.spans:
        _check_span(span, row)
        trimmed = _trim(span, row)
        if trimmed != span:
            report.trimmed += 1
            report.note("trimmed", row.position)
        spans.append(trimmed)
    distinct = sorted(set(spans))
    if len(distinct) < len(spans):
        report.repeated += len(spans) - len(distinct)
        report.note("repeated", row.position)
    _check_overlaps(distinct, row)
    return replace(row, spans=tuple(distinct))


def _check_span(span: EntitySpan, row: AnnotatedText) -> None:
    if not span.label.strip():
        raise _error(row, f"the span {span.start}-{span.end} has an empty label")
    if span.label != span.label.strip():
        raise _error(
            row,
            f"the label {span.label!r} of the span {span.start}-{span.end} has white space at its "
            "start or end, so it would be a different label",
        )
    if span.start < 0 or span.end > len(row.text):
        raise _error(
            row,
            f"the {span.label} span {span.start}-{span.end} is outside the text, which has "
            f"{len(row.text)} characters",
        )
    if span.start >= span.end:
        raise _error(
            row,
            f"the {span.label} span {span.start}-{span.end} is empty: start must be below end",
        )


def _trim(span: EntitySpan, row: AnnotatedText) -> EntitySpan:
    covered = row.text[span.start : span.end]
    if not covered.strip():
        raise _error(row, f"the {span.label} span {span.start}-{span.end} covers only white space")
    start = span.start + len(covered) - len(covered.lstrip())
    end = span.end - (len(covered) - len(covered.rstrip()))
    return EntitySpan(start, end, span.label)


def _check_overlaps(spans: Sequence[EntitySpan], row: AnnotatedText) -> None:
    for left, right in itertools.pairwise(spans):
        if right.start < left.end:
            raise _error(
                row,
                f"the spans {_show(left, row)} and {_show(right, row)} overlap; NER needs spans "
                "without overlap",
            )


def _show(span: EntitySpan, row: AnnotatedText) -> str:
    covered = row.text[span.start : span.end]
    shown = covered if len(covered) <= 40 else covered[:37] + "..."
    return f"{span.start}-{span.end} {shown!r} ({span.label})"


def _error(row: AnnotatedText, reason: str) -> AnnotationError:
    return AnnotationError(reason, source=row.source, row=row.row, unit=row.unit)
