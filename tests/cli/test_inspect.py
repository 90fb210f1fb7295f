"""`inspect`: what is in a file."""

from __future__ import annotations

import json
from pathlib import Path

import spacy_pickled_ner as spn

from .conftest import Run


def test_a_table(run: Run, tuned_pkl: Path) -> None:
    ran = run("inspect", tuned_pkl)
    assert ran.code == 0
    for said in (
        "pickle.v1",
        "en_drinks",
        "ner, on DRINK",
        "stopped by max_steps",
        "DRINK, PERSON",
    ):
        assert said in ran.output


def test_a_base_that_was_never_fine_tuned(run: Run) -> None:
    ran = run("inspect", "base.pkl")
    assert ran.code == 0
    assert "Fine-tuned" not in ran.output


def test_json_is_all_there_is(run: Run, tuned_pkl: Path) -> None:
    ran = run("inspect", tuned_pkl, "--json")
    assert json.loads(ran.raw) == json.loads(json.dumps(spn.inspect(tuned_pkl)))


def test_the_original_projects_format(run: Run, tuned_pkl: Path) -> None:
    spn.dump(spn.load(tuned_pkl), "seed.pkl", format="seed")
    ran = run("inspect", "seed.pkl")
    assert ran.code == 0
    assert "seed.v0" in ran.output


def test_a_run_on_the_loss_has_no_scores(run: Run) -> None:
    args = ["--monitor", "loss", "--max-steps", "2"]
    assert run("fine-tune", "base.pkl", "train.jsonl", "-o", "model.pkl", *args).code == 0
    ran = run("inspect", "model.pkl")
    assert ran.code == 0
    assert "Dev F" not in ran.output
