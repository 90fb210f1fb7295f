"""`inspect`: what is in a file."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import spacy

import spacy_pickled_ner as spn

from .conftest import Run


def test_a_table(run: Run, tuned_pkl: Path) -> None:
    ran = run("inspect", tuned_pkl)
    assert ran.code == 0
    for said in (
        "pickle.v1",
        "en_drinks",
        "ner_drink, on DRINK",
        "stopped by max_steps",
        "PERSON",
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


def test_everything_in_the_file_has_its_size(run: Run, tuned_pkl: Path) -> None:
    found = spn.inspect(tuned_pkl)
    sizes = [part["size"] for part in found["components"].values()]
    sizes += found["shared"].values()
    assert sum(sizes) == sum(section["size"] for section in found["sections"])
    ran = run("inspect", tuned_pkl)
    for name in found["shared"]:
        assert f"({name})" in ran.output


def test_a_file_can_say_anything_about_itself(run: Run) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.meta.update(description="\x1b[2Jgone\x9b", author=5, url=["x"], license={})
    for training in ({"stop": 5, "labels": {"trained": 5}, "component": "x"}, "text", [], {}):
        nlp.meta["spacy_pickled_ner"] = training
        spn.dump(nlp, "odd.pkl")
        ran = run("inspect", "odd.pkl")
        assert ran.code == 0
        assert "gone" in ran.output
        assert "\x1b[2J" not in ran.raw
        assert "\x9b" not in ran.raw
        assert run("inspect", "odd.pkl", "--json").raw.isascii()


def test_a_format_of_another_package(run: Run) -> None:
    Path("theirs.pkl").write_bytes(pickle.dumps({"format": "acme.v1", "weights": b"123"}))
    ran = run("inspect", "theirs.pkl")
    assert ran.code == 0
    assert "loaders:acme.v1" in ran.output


def test_no_colours_where_none_are_wanted(run: Run, work: Path) -> None:
    command = [sys.executable, "-m", "spacy", "pickled-ner", "inspect", str(work / "base.pkl")]
    done = subprocess.run(
        command, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, check=True
    )
    assert "Pipeline" in done.stdout
    assert "\x1b" not in done.stdout
