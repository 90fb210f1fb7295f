"""`demo`: the whole story, as a newcomer sees it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

import spacy_pickled_ner as spn

from .conftest import Run, snapshot


@pytest.mark.slow
def test_the_whole_story(run: Run, work: Path) -> None:
    ran = run("demo", "story")
    assert ran.code == 0
    before, after = re.findall(r"New label F \(INSTRUMENT\) ([\d.]+) ([\d.]+)", ran.output)[0]
    assert float(before) == 0
    assert float(after) > 60
    for said in ("Old labels F (PERSON, ORG, GPE)", "same bytes", "Size of model.pkl", "Time to"):
        assert said in ran.output
    metrics = json.loads(Path("story/metrics.json").read_text(encoding="utf-8"))
    assert metrics["stop"]["reason"] == "patience"
    assert Path("story/report.html").is_file()
    assert spn.load("story/model.pkl").pipe_names == ["tagger", "ner"]

    commands = [line for line in ran.raw.splitlines() if line.startswith("python -m spacy pick")]
    assert len(commands) == 3
    for command in commands[:2]:
        assert run(*shlex.split(command)[4:]).code == 0
    # The third needs a package that is not here; the same with the demo's own base.
    third = shlex.split(commands[2].replace("en_core_web_sm", "story/base.pkl"))[4:]
    assert run(*third, "--max-steps", "2").code == 0

    told = snapshot(work)
    again = run("demo", "story")
    assert again.code == 1
    assert "already exists: use --force" in again.output
    assert snapshot(work) == told


def test_it_refuses_before_it_trains(run: Run, work: Path) -> None:
    before = snapshot(work)
    ran = run("demo", "train.jsonl/story")
    assert ran.code == 1
    assert "cannot write train.jsonl/story/model.pkl: Not a directory" in ran.output
    assert snapshot(work) == before
