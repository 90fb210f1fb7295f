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
    names = [f"{path.name}/" for path in ROOMS if path.parent == PACKAGE]
    names += [f"{name}.py" for name in modules(PACKAGE)]
    shown = {name for floor in picture() for name in floor}
    assert [name for name in names if name not in shown] == []


def test_contributing_shows_the_floors_that_lint_imports_checks() -> None:
    tomllib = pytest.importorskip("tomllib")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    floors = [{name.strip(" ()") for name in layer.split("|")} for layer in layers]
    assert [{re.split(r"[/.]", name)[0] for name in floor} for floor in picture()] == floors


def picture() -> list[list[str]]:
    """The names on each floor of the picture in CONTRIBUTING.md, from top to bottom."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    house = text.partition("## The house")[2].partition("```text\n")[2].partition("```")[0]
    return [re.findall(r"^ .{3}(\w\S*)", floor, re.MULTILINE) for floor in house.split("\n\n")]
