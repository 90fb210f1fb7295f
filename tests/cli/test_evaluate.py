"""`evaluate`: the scores of any pipeline."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Run, snapshot


def test_scores_are_those_of_training(run: Run, tuned_pkl: Path, work: Path) -> None:
    before = snapshot(work)
    ran = run("evaluate", tuned_pkl, "dev.jsonl", "--metrics", "out/m.json")
    assert ran.code == 0
    assert "DRINK" in ran.output
    assert "all" in ran.output
    assert snapshot(work).keys() - before.keys() == {"out", "out/m.json"}
    found = json.loads(Path("out/m.json").read_text(encoding="utf-8"))
    trained = json.loads((tuned_pkl.parent / "metrics.json").read_text(encoding="utf-8"))
    assert found["scores"] == trained["scores"]
    assert found["per_label"] == trained["per_label"]
    assert found["warnings"] == []


def test_a_directory(run: Run) -> None:
    ran = run("evaluate", "base", "old.jsonl")
    assert ran.code == 0
    assert "100.00" in ran.output


def test_labels_that_the_pipeline_does_not_know_are_named(run: Run) -> None:
    ran = run("evaluate", "base.pkl", "dev.jsonl")
    assert ran.code == 0
    assert "the pipeline lacks the labels DRINK of the data; it has PERSON" in ran.output


def test_a_pipeline_that_finds_no_entities(run: Run) -> None:
    ran = run("evaluate", "blank:en", "dev.jsonl")
    assert ran.code == 0
    assert "no component of the pipeline assigns entities" in ran.output


def test_warnings_about_the_data_are_shown(run: Run) -> None:
    row = '{"text": "Ada came", "spans": [{"start": 0, "end": 4, "label": "PERSON"}]}\n'
    Path("old.jsonl").write_text(row, encoding="utf-8")
    assert "1 span trimmed of white space" in run("evaluate", "base.pkl", "old.jsonl").output


def test_force_replaces_the_metrics(run: Run) -> None:
    Path("m.json").write_text("old", encoding="utf-8")
    ran = run("evaluate", "base.pkl", "old.jsonl", "--metrics", "m.json", "--force")
    assert ran.code == 0
    assert json.loads(Path("m.json").read_text(encoding="utf-8"))["scores"]["ents_f"] == 1.0
