"""The origin of a result: date, base and versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .html import Html, element, join
from .values import mapping_in

NAMES = {"spacy": "spaCy", "python": "Python", "numpy": "NumPy", "thinc": "Thinc"}


def base_name(metrics: Mapping[str, Any]) -> Html | None:
    """Return name and version of the base, e.g. "en_core_web_sm 3.8.0"."""
    base = mapping_in(metrics, "base")
    parts = [str(base[key]) for key in ("lang", "name") if base.get(key)]
    version = str(base.get("version") or "")
    return join("base ", element("code", f"{'_'.join(parts)} {version}".strip())) if parts else None


def day_and_versions(metrics: Mapping[str, Any]) -> Html | None:
    """Return date and versions."""
    facts = [_day(str(metrics["date"]))] if metrics.get("date") else []
    versions = mapping_in(metrics, "versions")
    facts += [f"{NAMES.get(name, name)} {version}" for name, version in versions.items()]
    return element("p", " · ".join(facts), class_="origin") if facts else None


def _day(date: str) -> str:
    try:
        day = datetime.fromisoformat(date).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return date
    return f"{day:%Y-%m-%d, %H:%M} UTC"
