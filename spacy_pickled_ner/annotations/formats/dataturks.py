"""Dataturks' NER JSON, with inclusive end offsets.

`{"content": …, "annotation": [{"label": ["X"], "points": [{"start": 0, "end": 3, "text": …}]}]}`;
the annotation of a text without entities is null. The file has one row per line, although its
suffix is `.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rows import EntitySpan
from .spans import Parsed, as_list, as_mapping, check_covered, checked_text, make_spans, shown


def matches(row: Mapping[str, Any]) -> bool:
    """Return True if a row has this format."""
    return "content" in row and "annotation" in row


def parse(row: Mapping[str, Any]) -> Parsed:
    """Parse a row: text and spans."""
    text = checked_text(row["content"], "content")
    spans: list[EntitySpan] = []
    for annotation in as_list(row["annotation"] or [], '"annotation"'):
        region = as_mapping(annotation, "an annotation")
        for point in as_list(region.get("points"), '"points"'):
            spans += _parse_point(as_mapping(point, "a point"), region.get("label"), text)
    return text, tuple(spans)


def _parse_point(point: Mapping[str, Any], labels: Any, text: str) -> list[EntitySpan]:
    last = point.get("end")
    if type(last) is not int:
        raise ValueError(f"start and end must be whole numbers in {shown(point)}")
    found = list(make_spans(point.get("start"), last + 1, labels, point))
    check_covered(found, text, point.get("text"))
    return found
