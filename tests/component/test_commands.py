"""`pickled_ner` in configs, through spaCy's own commands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.cli._util import app
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.util import load_config
from typer.testing import CliRunner

from ..conftest import DEV_ROWS, OLD_ROWS, TRAIN_ROWS, write_jsonl

CONFIG = Path(__file__).parents[2] / "configs" / "add_pickled_ner.cfg"
PERSON = "I saw Ada yesterday."


@pytest.fixture
def file(tiny_base_pkl: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_base_pkl, tmp_path / "people.pkl"))


def run(*args: str | Path) -> str:
    ran = CliRunner().invoke(app, [str(arg) for arg in args])
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return ran.output


def found(nlp: Language, text: str) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


def test_assemble(file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spacy", "assemble", str(CONFIG), str(tmp_path / "pipeline")]
    ran = subprocess.run(
        [*command, "--paths.model", str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    file.unlink()
    nlp = spacy.load(tmp_path / "pipeline")
    assert nlp.pipe_names == ["sentencizer", "pickled_ner"]
    assert type(nlp.get_pipe("pickled_ner")) is EntityRecognizer
    assert found(nlp, PERSON) == [("Ada", "PERSON")]
    assert "PERSON" in run("info", tmp_path / "pipeline", "--exclude", "")


def test_fill_config_keeps_the_file(file: Path, tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8").replace("model.pkl", str(file))
    (tmp_path / "base.cfg").write_text(text, encoding="utf-8")
    filled = tmp_path / "filled.cfg"
    run("init", "fill-config", tmp_path / "base.cfg", filled)
    block = load_config(filled)["components"]["pickled_ner"]
    assert block == {
        "factory": "pickled_ner", "path": "${paths.model}", "component": None, "trusted": []
    }  # fmt: skip
    run("assemble", filled, tmp_path / "pipeline")
    assert found(spacy.load(tmp_path / "pipeline"), PERSON) == [("Ada", "PERSON")]


@pytest.fixture
def training(file: Path, tiny_base_dir: Path, tmp_path: Path) -> Path:
    """A config for stock training, beside a sourced component, filled in."""
    config = load_config(CONFIG)
    config["paths"]["model"] = str(file)
    config["nlp"]["pipeline"] = ["tagger", "pickled_ner"]
    config["components"].pop("sentencizer")
    config["components"]["tagger"] = {"source": str(tiny_base_dir)}
    config["corpora"] = {}
    for name, rows in (("train", [*TRAIN_ROWS, *OLD_ROWS]), ("dev", DEV_ROWS)):
        config["corpora"][name] = {
            "@readers": "spacy-pickled-ner.AnnotatedCorpus.v1",
            "path": str(write_jsonl(tmp_path / f"{name}.jsonl", rows)),
        }
    config["training"] = {"max_steps": 30, "eval_frequency": 10, "frozen_components": ["tagger"]}
    config.to_disk(tmp_path / "base.cfg")
    run("init", "fill-config", tmp_path / "base.cfg", tmp_path / "filled.cfg")
    assert load_config(tmp_path / "filled.cfg")["components"] == config["components"]
    return tmp_path / "filled.cfg"


def test_train_resumes(training: Path, file: Path, tmp_path: Path) -> None:
    assert "Config is valid" in run("debug", "config", training)
    run("train", training, "--output", tmp_path / "out")
    file.unlink()
    nlp = spacy.load(tmp_path / "out" / "model-last")
    assert nlp.get_pipe("pickled_ner").labels == ("DRINK", "PERSON")
    assert nlp.config["components"]["pickled_ner"]["factory"] == "ner"
    assert found(nlp, "I like tea a lot.") == [("tea", "DRINK")]
    assert found(nlp, PERSON) == [("Ada", "PERSON")]


def test_train_leaves_a_frozen_one_alone(training: Path, file: Path, tmp_path: Path) -> None:
    before = spacy.util.load_model_from_config(load_config(training)).get_pipe("pickled_ner")
    frozen = '["tagger","pickled_ner"]'
    base = load_config(training)
    base["components"]["ner"] = {"factory": "ner"}
    base["nlp"]["pipeline"].append("ner")
    base.to_disk(training)
    run(
        "train", training, "--output", tmp_path / "out", "--training.frozen_components", frozen,
        "--training.max_steps", "2", "--training.eval_frequency", "1",
    )  # fmt: skip
    file.unlink()
    nlp = spacy.load(tmp_path / "out" / "model-best")
    after = nlp.get_pipe("pickled_ner")
    assert after.labels == ("PERSON",)
    assert after.model.to_bytes() == before.model.to_bytes()
    assert found(nlp, PERSON) == [("Ada", "PERSON")]
