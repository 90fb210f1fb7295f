"""The pages of the documentation, and a user's folder in which they are run."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

import spacy_pickled_ner as spn

from ..conftest import DEV_ROWS, OLD_ROWS, TRAIN_ROWS, write_jsonl

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """A block of code on a page.

    language (str): What stands behind its fence.
    code (str): The block.
    place (str): File and line.
    """

    language: str
    code: str
    place: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read_snippets(page: Path) -> list[Snippet]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Snippet(match[1], match[2], f"{name_of(page)}:{text.count(chr(10), 0, match.start()) + 1}")
        for match in FENCE.finditer(text)
    ]


@pytest.fixture
def folder(tiny_base_pkl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder: data beside the configs, and a base in place of a downloaded package."""
    write_jsonl(tmp_path / "train.jsonl", TRAIN_ROWS)
    write_jsonl(tmp_path / "dev.jsonl", DEV_ROWS)
    write_jsonl(tmp_path / "test.jsonl", DEV_ROWS)
    write_jsonl(tmp_path / "old.jsonl", OLD_ROWS)
    (tmp_path / "raw.txt").write_text(
        "It was late.\nNobody said so.\nAda left.\n", encoding="utf-8"
    )
    demo = tmp_path / "pickled-ner-demo"
    demo.mkdir()
    write_jsonl(demo / "instrument-train.jsonl", TRAIN_ROWS)
    write_jsonl(demo / "instrument-dev.jsonl", DEV_ROWS)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "en_core_web_sm").symlink_to(tiny_base_pkl)
    # As an earlier command or example has left it.
    (tmp_path / "model.pkl").write_bytes(tiny_base_pkl.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make runs with the default patience of 10 evaluations end after 2: a quarter of the time."""
    check = spn.EarlyStopping.__post_init__

    def shorten(policy: spn.EarlyStopping) -> None:
        if policy.patience == 10:
            policy.patience = 2
        check(policy)

    monkeypatch.setattr(spn.EarlyStopping, "__post_init__", shorten)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import one of the modules in `docs/_scripts`, which make parts of the reference."""
    monkeypatch.syspath_prepend(str(DOCS / "_scripts"))
    return importlib.import_module
