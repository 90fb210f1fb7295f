"""The house is as CONTRIBUTING says: small rooms, each with a map of its modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "spacy_pickled_ner"
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
MOST_MODULES = 16


def modules(room: Path) -> list[str]:
    return sorted(path.stem for path in room.glob("*.py") if path.stem != "__init__")


def rooms(room: Path) -> list[str]:
    return sorted(path.parent.name for path in room.glob("*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_maps_its_modules_and_rooms(room: Path) -> None:
    text = (room / "__init__.py").read_text(encoding="utf-8")
    # CONTRIBUTING.md is the map of the package itself.
    names = [*modules(room), *(rooms(room) if room != PACKAGE else ())]
    missing = [name for name in names if not re.search(rf"\b{name}\b", text)]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_few_modules(room: Path) -> None:
    assert len(modules(room)) <= MOST_MODULES


def test_contributing_names_every_room() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [f"`{path.name}/`" for path in ROOMS if path.parent == PACKAGE]
    rooms += [f"`{name}.py`" for name in modules(PACKAGE)]
    assert [room for room in rooms if room not in contributing] == []
