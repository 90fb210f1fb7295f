"""`package`: a model file as something that pip installs."""

from __future__ import annotations

from pathlib import Path

import pytest

import spacy_pickled_ner as spn

from .conftest import Run, snapshot


def test_sources(run: Run) -> None:
    ran = run("package", "base.pkl", "out", "--name", "my_ner", "--version", "1.0", "-r", "acme>=2")
    assert ran.code == 0
    folder = Path("out/en_my_ner-1.0")
    assert f"pip install {folder}, then spacy.load" in ran.output
    assert "acme>=2" in ran.output
    assert (folder / "en_my_ner" / "model.pkl").read_bytes() == Path("base.pkl").read_bytes()
    assert not (folder / "dist").exists()


def test_wheel(run: Run) -> None:
    pytest.importorskip("hatchling")
    ran = run("package", "base.pkl", ".", "--version", "1.0", "--build", "wheel")
    assert ran.code == 0
    assert "en_tiny-1.0/dist/en_tiny-1.0-py3-none-any.whl" in ran.output.replace(" ", "")
    assert Path("en_tiny-1.0/dist/en_tiny-1.0-py3-none-any.whl").is_file()


def test_requirements_of_the_file_are_left_out_aloud(run: Run) -> None:
    nlp = spn.load("base.pkl")
    nlp.meta["requirements"] = ["evil\x1b>=1"]
    spn.dump(nlp, "evil.pkl")
    ran = run("package", "evil.pkl", "out")
    assert ran.code == 0
    assert "that were not added: evil >=1" in ran.output
    assert "\x1b>" not in ran.raw


@pytest.mark.parametrize(
    "args",
    [("--name", "../x"), ("--version", "one"), ("-r", "@"), ("--build", "zip")],
    ids=" ".join,
)
def test_bad_settings(run: Run, work: Path, args: tuple[str, ...]) -> None:
    before = snapshot(work)
    assert run("package", "base.pkl", "out", *args).code in (1, 2)
    assert snapshot(work) == before


def test_replacing_takes_force(run: Run) -> None:
    assert run("package", "base.pkl", "out").code == 0
    ran = run("package", "base.pkl", "out")
    assert ran.code == 1
    assert "--force" in ran.output
    assert run("package", "base.pkl", "out", "--force").code == 0
