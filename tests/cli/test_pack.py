"""`pack` and `unpack`: between one file and spaCy's own folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

import spacy_pickled_ner as spn

from .conftest import Run, snapshot


def test_there_and_back(run: Run, work: Path) -> None:
    assert run("pack", "base", "new/model.pkl").code == 0
    ran = run("unpack", "new/model.pkl", "unpacked")
    assert ran.code == 0
    assert "unpacked" in ran.output
    assert snapshot(work / "unpacked") == snapshot(work / "base")


def test_formats(run: Run) -> None:
    assert run("pack", "base.pkl", "seed.pkl", "--format", "seed").code == 0
    assert spn.inspect("seed.pkl")["format"] == "seed.v0"
    assert run("unpack", "seed.pkl", "unpacked").code == 0
    assert spacy.load("unpacked").component_names == ["tagger", "ner"]


def test_nothing_is_replaced_without_force(run: Run, work: Path) -> None:
    before = snapshot(work)
    for args in (("pack", "base", "base.pkl"), ("unpack", "base.pkl", "base")):
        ran = run(*args)
        assert ran.code == 1
        assert "already exists" in ran.output
        assert "--force" in ran.output
    assert snapshot(work) == before
    assert run("pack", "blank:de", "base.pkl", "--force").code == 0
    assert run("unpack", "base.pkl", "base", "--force").code == 0
    assert spacy.load("base").lang == "de"


def test_urls(run: Run) -> None:
    fsspec = pytest.importorskip("fsspec")
    assert run("pack", "base", "memory://model.pkl").code == 0
    ran = run("pack", "blank:de", "memory://model.pkl")
    assert ran.code == 1
    assert "already exists: use --force" in ran.output
    assert run("unpack", "memory://model.pkl", "unpacked").code == 0
    assert "pickle.v1" in run("inspect", "memory://model.pkl").output
    for command in ("unpack", "package"):
        ran = run(command, "base.pkl", "memory://folder")
        assert ran.code == 1
        assert "a folder on this machine is needed" in ran.output
    assert not Path("memory:").exists()
    fsspec.filesystem("memory").store.clear()


CODE = """
from spacy.language import Language
@Language.component("shouting")
def shout(doc):
    return doc
"""


def test_code_of_ones_own(run: Run) -> None:
    Path("code.py").write_text(CODE, encoding="utf-8")
    args = ("--code", "code.py")
    spacy.blank("en").to_disk("own")
    text = Path("own/config.cfg").read_text(encoding="utf-8")
    text = text.replace("pipeline = []", 'pipeline = ["shouting"]')
    text += '\n[components.shouting]\nfactory = "shouting"\n'
    Path("own/config.cfg").write_text(text, encoding="utf-8")
    assert run("pack", "own", "own.pkl", *args).code == 0
    ran = run("unpack", "own.pkl", "unpacked")
    assert ran.code == 1
    assert "factories:shouting" in ran.output
    assert run("unpack", "own.pkl", "unpacked", "--trust", "factories:shouting", *args).code == 0
