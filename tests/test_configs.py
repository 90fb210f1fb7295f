"""Every config that is shipped is run, through the real command, and says what it claims to say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import spacy
from spacy.util import load_config
from typer.testing import CliRunner

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, FineTuning
from spacy_pickled_ner.cli import app
from spacy_pickled_ner.training.config import from_config
from spacy_pickled_ner.training.defaults import BATCHER, OPTIMIZER

from .conftest import DEV, TRAIN, tiny_tok2vec, train_known

CONFIGS = Path(__file__).parent.parent / "configs"


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("configs")
    nlp = spacy.blank("en", meta={"name": "tiny"})
    nlp.add_pipe("ner", config={"model": {"tok2vec": tiny_tok2vec()}})
    spn.dump(train_known(nlp, epochs=5), folder / "base.pkl")
    for name, rows in (("train", TRAIN), ("dev", DEV)):
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return {"base": str(folder / "base.pkl")} | {
        name: str(folder / f"{name}.json") for name in ("train", "dev")
    }


def run(config: str, paths: dict[str, str], output: Path, *more: str) -> str:
    overrides = [part for name, path in paths.items() for part in (f"--paths.{name}", path)]
    command = ["train", str(CONFIGS / config), "-o", str(output), *overrides, *more]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_fine_tune_cfg_runs(paths: dict[str, str], tmp_path: Path):
    output = run(
        "fine_tune.cfg", paths, tmp_path / "model.pkl",
        "--pickled_ner.max_steps", "40", "--pickled_ner.eval_frequency", "10",
    )  # fmt: skip
    assert "Stopped by" in output
    assert "DRINK" in spn.load(tmp_path / "model.pkl").get_pipe("ner_drink").labels


def test_fine_tune_cfg_is_the_defaults_written_out():
    config = load_config(CONFIGS / "fine_tune.cfg", interpolate=True)
    block = config["pickled_ner"]
    assert block["optimizer"] == OPTIMIZER
    assert block["batcher"] == BATCHER
    tuning = from_config(config)
    default = FineTuning(base="en_core_web_sm", train="train.jsonl")
    replaced = {"optimizer": None, "batcher": None, "early_stopping": None}
    replaced |= {"trusted": (), "labels": ()}
    assert dataclasses.replace(tuning, **replaced) == default
    assert tuning.early_stopping == EarlyStopping()
    assert set(block) - {"@misc"} == {field.name for field in dataclasses.fields(FineTuning)}


def test_seed_cfg_runs_by_the_seeds_rule_and_writes_its_format(paths, tmp_path: Path):
    output = run("seed.cfg", paths, tmp_path / "model.pkl", "--format", "seed")
    assert "no improvement of loss" in output
    assert spn.inspect(tmp_path)["format"] == "seed.v0"
    config = load_config(CONFIGS / "seed.cfg", interpolate=True)
    assert from_config(config).early_stopping == EarlyStopping.seed_rule()
