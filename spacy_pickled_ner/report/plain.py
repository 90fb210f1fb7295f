"""Looking into plain data that may come from anywhere: what is of another kind is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping_in(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Look up a mapping; an empty one if there is none."""
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def mappings_in(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Look up a list, and take the mappings in it."""
    value = data.get(name)
    items = value if isinstance(value, (list, tuple)) else ()
    return [item for item in items if isinstance(item, Mapping)]


def strings_in(data: Mapping[str, Any], name: str) -> list[str]:
    """Look up a list of strings; an empty one if there is none."""
    value = data.get(name)
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []
