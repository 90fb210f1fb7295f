"""Read values of a run's plain data, which may come from anywhere, and format numbers.

A value of an unexpected type counts as missing. A missing number is shown as a dash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .html import Html, element

NONE = "\N{EN DASH}"


def mapping_in(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Look up a mapping; an empty one if there is none."""
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def mappings_in(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Look up a list, and return the mappings in it."""
    value = data.get(name)
    items = value if isinstance(value, (list, tuple)) else ()
    return [item for item in items if isinstance(item, Mapping)]


def strings_in(data: Mapping[str, Any], name: str) -> list[str]:
    """Look up a list of strings; an empty one if there is none."""
    value = data.get(name)
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def number_in(mapping: object, *path: str) -> float | None:
    """Look up a number in nested mappings, e.g. `number_in(metrics, "scores", "ents_f")`.

    RETURNS (Optional[float]): The number; None if it is missing, not finite, or too large to draw.
    """
    value: Any = mapping
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) <= 1e15 else None


def percent(score: float | None) -> str:
    """Format a score from 0 to 1 as a percentage: 0.6524 is 65.2."""
    return NONE if score is None else f"{100 * score:.1f}"


def change(before: float | None, after: float | None) -> Html | None:
    """Format the change of a score, in points."""
    if before is None or after is None:
        return None
    points = round(100 * after, 1) - round(100 * before, 1)
    kind = "same" if abs(points) < 0.05 else "up" if points > 0 else "down"
    sign = {"same": "\N{PLUS-MINUS SIGN}", "up": "+", "down": "\N{MINUS SIGN}"}[kind]
    return element("span", f"{sign}{abs(points):.1f}", class_=f"change {kind}")


def count(number: float | None) -> str:
    """Format an integer with thousands separators."""
    return NONE if number is None else f"{number:,.0f}"


def compact(number: float | None) -> str:
    """Format a number with about four digits."""
    if number is None:
        return NONE
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def duration(seconds: float | None) -> str:
    """Format a duration in seconds, minutes or hours."""
    if seconds is None:
        return NONE
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {left} s"
    return f"{minutes // 60} h {minutes % 60} min"
