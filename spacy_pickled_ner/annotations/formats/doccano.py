"""Doccano's JSONL: `{"text": …, "label": [[0, 4, "X"]]}`.

Older versions write "labels"; projects with relations write
`{"text": …, "entities": [{"start_offset": 0, "end_offset": 4, "label": "X"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rows import EntitySpan
from .spans import Parsed, as_mapping, checked_text, make_span, parse_spans, parse_triple


def matches(row: Mapping[str, Any]) -> bool:
    """Return True if a row has this format."""
    entities = row.get("entities")
    has_offsets = isinstance(entities, list) and any(
        isinstance(entity, Mapping) and "start_offset" in entity for entity in entities
    )
    return has_offsets or (entities is None and _labels(row) is not None)


def parse(row: Mapping[str, Any]) -> Parsed:
    """Parse a row: text and spans."""
    text = checked_text(row.get("text"), "text")
    if row.get("entities") is not None:
        return text, parse_spans(row["entities"], _parse_entity)
    return text, parse_spans(_labels(row), parse_triple)


def _labels(row: Mapping[str, Any]) -> list[Any] | None:
    for key in ("label", "labels"):
        if isinstance(row.get(key), list):
            found: list[Any] = row[key]
            return found
    return None


def _parse_entity(value: Any) -> EntitySpan:
    entity = as_mapping(value, "an entity")
    return make_span(
        entity.get("start_offset"), entity.get("end_offset"), entity.get("label"), value
    )
