"""Label Studio's JSON and JSON-MIN exports of texts with labelled regions.

JSON has a task a row: `{"data": {"text": …}, "annotations": [{"result": [{"type": "labels",
"value": {"start": 0, "end": 4, "labels": ["X"]}}]}]}`. A task without annotations, or
with only cancelled ones, is skipped. If there are several annotations, one must be the ground
truth, or all must agree. JSON-MIN has `{"text": …, "label": [{"start": 0, "end": 4, "labels":
["X"]}]}`, its second key being the name of the control.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rows import EntitySpan
from .spans import (
    Parsed,
    SkippedRow,
    as_list,
    as_mapping,
    check_covered,
    checked_text,
    make_spans,
    shown,
)


def matches(row: Mapping[str, Any]) -> bool:
    """Return True if a row has this format."""
    return _is_task(row) or _regions_key(row) is not None


def parse(row: Mapping[str, Any]) -> Parsed:
    """Parse a row: text and spans."""
    if not _is_task(row):
        text = checked_text(row.get("text"), "text")
        return text, _parse_regions(row[_regions_key(row) or ""], text)
    text = _text_of(as_mapping(row["data"], '"data"'))
    annotations = [
        as_mapping(annotation, "an annotation")
        for annotation in as_list(row["annotations"], '"annotations"')
    ]
    used = [each for each in annotations if not each.get("was_cancelled")]
    used = [each for each in used if each.get("ground_truth")] or used
    if not used:
        raise SkippedRow("not accepted")
    parsed = [_parse_result(annotation.get("result"), text) for annotation in used]
    if any(set(spans) != set(parsed[0]) for spans in parsed):
        raise ValueError(
            f"its {len(used)} annotations differ: mark one as ground truth, or delete the others"
        )
    return text, parsed[0]


def _is_task(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("data"), Mapping) and "annotations" in row


def _regions_key(row: Mapping[str, Any]) -> str | None:
    for key, value in row.items():
        is_list = isinstance(value, list) and value
        if (
            is_list
            and isinstance(value[0], Mapping)
            and {"start", "end", "labels"} <= value[0].keys()
        ):
            return key
    return None


def _text_of(data: Mapping[str, Any]) -> str:
    texts = [key for key, value in data.items() if isinstance(value, str)]
    key = "text" if "text" in data or len(texts) != 1 else texts[0]
    if key not in data:
        raise ValueError(f"cannot tell which of {', '.join(texts) or 'its data'} is the text")
    return checked_text(data[key], key)


def _parse_result(result: Any, text: str) -> tuple[EntitySpan, ...]:
    regions = []
    for item in as_list(result, '"result"'):
        part = as_mapping(item, "a part of a result")
        kind = part.get("type")
        if kind == "labels":
            regions.append(part.get("value"))
        elif str(kind).endswith("labels"):
            raise ValueError(f"regions of the type {kind!r} have no offsets in a plain text")
    return _parse_regions(regions, text)


def _parse_regions(values: Any, text: str) -> tuple[EntitySpan, ...]:
    return tuple(span for value in values for span in _parse_region(value, text))


def _parse_region(value: Any, text: str) -> list[EntitySpan]:
    region = as_mapping(value, "a region")
    spans = list(make_spans(region.get("start"), region.get("end"), region.get("labels"), value))
    covered = region.get("text")
    try:
        check_covered(spans, text, covered)
    except ValueError:
        # Browsers count characters outside the basic plane twice.
        spans = [_from_utf16(span, text, value) for span in spans]
        check_covered(spans, text, covered)
    return spans


def _from_utf16(span: EntitySpan, text: str, value: Any) -> EntitySpan:
    encoded = text.encode("utf-16-le")
    try:
        start, end = (len(encoded[: 2 * max(at, 0)].decode("utf-16-le")) for at in span[:2])
    except UnicodeDecodeError:
        raise ValueError(f"start or end splits a character in {shown(value)}") from None
    return EntitySpan(start, end, span.label)
