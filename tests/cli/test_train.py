"""`train`: configs, overrides and the user's own code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import spacy_pickled_ner as spn

from .conftest import Run, snapshot

CONFIG = """
[paths]
base = "base.pkl"
train = "train.jsonl"
dev = "dev.jsonl"

[pickled_ner]
@misc = "spacy-pickled-ner.FineTuning.v1"
base = ${paths.base}
train = ${paths.train}
dev = ${paths.dev}
eval_frequency = 5
max_steps = 10

[pickled_ner.early_stopping]
@misc = "spacy-pickled-ner.EarlyStopping.v1"
patience = 4

[pickled_ner.batcher]
@batchers = "spacy.batch_by_sequence.v1"
size = 4
get_length = null
"""

CODE = """
import spacy

@spacy.registry.batchers("tests.all_at_once.v1")
def all_at_once():
    return lambda examples: iter([list(examples)])
"""


@pytest.fixture(autouse=True)
def config(work: Path) -> Path:
    path = work / "run.cfg"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("m.json").read_text(encoding="utf-8"))
    return found


TRAIN = ("train", "run.cfg", "-o", "model.pkl", "--metrics", "m.json")


def test_a_config_runs(run: Run) -> None:
    ran = run(*TRAIN)
    assert ran.code == 0
    assert metrics()["stop"]["last_step"] == 10
    assert metrics()["settings"]["early_stopping"]["patience"] == 4
    assert spn.load("model.pkl").pipe_names == ["tagger", "ner_drink", "ner"]


def test_overrides(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("train.jsonl").rename("other.jsonl")
    monkeypatch.setenv("SPACY_CONFIG_OVERRIDES", "--pickled_ner.max_steps 5")
    ran = run(
        *TRAIN,
        *("--paths.train", "other.jsonl", "--pickled_ner.dropout", "0.2"),
        *("--pickled_ner.early_stopping.patience=2", "--pickled_ner.name", "other"),
    )
    assert ran.code == 0
    assert metrics()["data"]["train"]["source"] == "other.jsonl"
    assert metrics()["settings"]["dropout"] == 0.2
    assert metrics()["settings"]["max_steps"] == 5
    assert metrics()["settings"]["early_stopping"]["patience"] == 2
    assert spn.inspect("model.pkl")["name"] == "other"


def test_a_variable_that_nothing_uses_is_a_slip(run: Run) -> None:
    ran = run(*TRAIN, "--paths.trian", "other.jsonl")
    assert ran.code == 1
    assert "--paths.trian is not used in the config run.cfg; check the spelling" in ran.output


def test_functions_of_the_users_own(run: Run, config: Path) -> None:
    own = re.sub(r"@batchers(.|\n)*", '@batchers = "tests.all_at_once.v1"\n', CONFIG)
    config.write_text(own, encoding="utf-8")
    assert run(*TRAIN).code == 1
    Path("functions.py").write_text(CODE, encoding="utf-8")
    ran = run(*TRAIN, "--code", "functions.py")
    assert ran.code == 0
    # All twelve texts in each batch.
    assert metrics()["history"][-1]["epoch"] == 10


def test_a_corpus_reader_in_place_of_a_path(run: Run, config: Path) -> None:
    reader = (
        '\n[pickled_ner.train]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\n'
        "path = ${paths.train}\n"
    )
    config.write_text(CONFIG.replace("train = ${paths.train}\n", "") + reader, encoding="utf-8")
    assert run(*TRAIN).code == 0
    assert metrics()["data"]["train"]["source"] == "train.jsonl"


def test_a_config_from_standard_input(run: Run) -> None:
    ran = run("train", "-", "-o", "model.pkl", stdin=CONFIG)
    assert ran.code == 0
    assert Path("model.pkl").is_file()


BROKEN = {
    "no_block": ("[training]\nseed = 0\n", ["no [pickled_ner] block"]),
    "empty": ("", ["no [pickled_ner] block"]),
    "no_function": ('[pickled_ner]\nbase = "x"\n', ['needs the line @misc = "spacy-pickled-ner.']),
    "other_function": (
        '[pickled_ner]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\n',
        ["is not a fine-tuning run (EarlyStopping)"],
    ),
    "unknown_key": (
        CONFIG.replace("max_steps = 10", "max_stepz = 10"),
        ["pickled_ner -> max_stepz", "unexpected argument"],
    ),
    "unknown_policy_key": (
        CONFIG.replace("patience = 4", "patiense = 4"),
        ["pickled_ner.early_stopping -> patiense", "unexpected argument"],
    ),
    "missing_key": (
        CONFIG.replace("base = ${paths.base}\n", ""),
        ["pickled_ner -> base", "missing required argument"],
    ),
    "unknown_function": (
        CONFIG.replace("FineTuning.v1", "FineTuning.v99"),
        ["spacy-pickled-ner.FineTuning.v99", "Available names", "FineTuning.v1"],
    ),
    "unknown_batcher": (CONFIG.replace("batch_by_sequence", "batch_by_luck"), ["batch_by_luck"]),
    "unknown_registry": (CONFIG.replace("@batchers", "@bachers"), ["'bachers'"]),
    "wrong_type": (CONFIG.replace("max_steps = 10", 'max_steps = "ten"'), ["-> max_steps", "ten"]),
    "wrong_value": (CONFIG.replace("patience = 4", "patience = 0"), ["patience=0 is not allowed"]),
    "unknown_variable": (CONFIG.replace("${paths.dev}", "${paths.dove}"), ["paths.dove"]),
    "broken_syntax": (CONFIG + "[pickled\n", ["cannot read the config run.cfg", "[line 23]"]),
    "stray_line": (CONFIG + "hello\n", ["cannot read the config run.cfg", "hello"]),
    "twice": (CONFIG + "[paths]\n", ["cannot read the config run.cfg", "already exists"]),
    "binary": ("\0\1\2", ["cannot read the config run.cfg"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_config_is_one_screen(name: str, run: Run, work: Path, config: Path) -> None:
    text, messages = BROKEN[name]
    config.write_text(text, encoding="utf-8")
    assert_refused(run, work, messages)


@pytest.mark.parametrize(
    ("args", "messages"),
    [
        (["--foo", "1"], ["no such option: --foo", "full name"]),
        (["--foo.bar", "1"], ["foo -> bar", "not a section value that can be overridden"]),
        (["--pickled_ner.foo", "1"], ["pickled_ner -> foo", "unexpected argument"]),
        (["--pickled_ner.dropout", "2"], ["dropout=2 is not allowed"]),
        (["--pickled_ner.dropout", "x"], ["pickled_ner -> dropout", "'x'"]),
        (["--pickled_ner.dropout"], ["pickled_ner -> dropout", "True"]),
        (["--paths.train", "none.jsonl"], ["none.jsonl: no such file"]),
        (["stray"], ["'stray'"]),
        (["--code", "none.py"], ["cannot import --code none.py: no such file"]),
        (["--gpu-id", "99"], ["cannot use GPU 99"]),
        (["--metrics", "run.cfg", "--force"], ["run.cfg: this run reads it"]),
        (["--metrics", "train.jsonl", "--force"], ["train.jsonl: this run reads it"]),
    ],
)
def test_a_bad_option_is_one_screen(
    args: list[str], messages: list[str], run: Run, work: Path
) -> None:
    assert_refused(run, work, messages, *args)


def test_a_config_that_is_not_there(run: Run, work: Path) -> None:
    for name in ("none.cfg", "base"):
        ran = run("train", name, "-o", "model.pkl")
        assert ran.code == 1
        assert f"no such config file: {name}" in ran.output


def assert_refused(run: Run, work: Path, messages: list[str], *args: str) -> None:
    before = snapshot(work)
    ran = run("train", "run.cfg", "-o", "model.pkl", *args)
    assert ran.code == 1
    for message in messages:
        assert message in ran.output
    assert len(ran.raw.splitlines()) <= 20
    assert snapshot(work) == before
