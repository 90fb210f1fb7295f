"""Callbacks inside stock `spacy train` and `spacy.training.initialize`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from thinc.api import Config

import spacy_pickled_ner as spn
from spacy_pickled_ner.spacy_train.callbacks import (
    copy_from_pickled,
    dump_pickled,
    resume_from_base,
)

from ..conftest import DEV, TRAIN, Pair, tiny_tok2vec


def write_rows(path: Path, rows: list[Pair]) -> str:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return str(path)


def test_copies_vocab_and_tokenizer(tmp_path: Path):
    source = spacy.blank("en")
    source.tokenizer.add_special_case("teapot", [{"ORTH": "tea"}, {"ORTH": "pot"}])
    source.vocab.strings.add("a string of the source")
    spn.dump(source, tmp_path / "source.pkl")
    nlp = spacy.blank("en")
    callback = copy_from_pickled(tmp_path / "source.pkl", tokenizer=True, vocab=True, trusted=())
    assert callback(nlp) is nlp
    assert [token.text for token in nlp("teapot")] == ["tea", "pot"]
    assert "a string of the source" in nlp.vocab.strings


def test_refuses_another_kind_of_tokenizer(tmp_path: Path):
    spn.dump(spacy.blank("zh"), tmp_path / "zh.pkl")
    callback = copy_from_pickled(tmp_path / "zh.pkl", tokenizer=True, vocab=False, trusted=())
    with pytest.raises(spn.BasePipelineError, match=r"nlp\.tokenizer"):
        callback(spacy.blank("en"))


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (["ner"], ["tagger", "ner", "doc_cleaner"]),
        (["entity_ruler", "ner"], ["tagger", "entity_ruler", "ner", "doc_cleaner"]),
        (
            ["sentencizer", "ner", "entity_ruler"],
            ["tagger", "sentencizer", "ner", "doc_cleaner", "entity_ruler"],
        ),
        (["ner", "tagger"], ["ner", "doc_cleaner", "tagger"]),
    ],
)
def test_resuming_keeps_the_order_of_both(
    base: Language, tmp_path: Path, own: list[str], expected: list[str]
):
    source = spn.loads(spn.dumps(base))
    source.add_pipe("doc_cleaner")
    spn.dump(source, tmp_path / "base.pkl")
    nlp = spacy.blank("en")
    for name in own:
        nlp.add_pipe(name)
    nlp.get_pipe("ner").add_label("DRINK")
    resume_from_base(tmp_path / "base.pkl", component="ner", trusted=())(nlp)
    assert nlp.component_names == expected
    added = [name for name in expected if name not in own]
    assert nlp.config["training"]["frozen_components"] == added
    assert set(nlp.get_pipe("ner").labels) == {"PERSON", "DRINK"}


def test_dumps_only_when_the_score_rises(base: Language, tmp_path: Path):
    path = tmp_path / "best.pkl"
    nlp = spn.loads(spn.dumps(base))
    nlp.config["training"]["score_weights"] = {"ents_f": 1.0, "tag_acc": None}
    dump = dump_pickled(path, only_best=True)
    for score, expected in ((0.5, 0.5), (0.4, 0.5), (0.6, 0.6), (0.6, 0.6)):
        nlp.meta["performance"] = {"ents_f": score}
        assert dump(nlp) is nlp
        assert spn.load(path).meta["performance"]["ents_f"] == expected
    nlp.meta["performance"] = {"ents_f": 0.1}
    dump_pickled(path, only_best=False)(nlp)
    assert spn.load(path).meta["performance"]["ents_f"] == 0.1


def test_in_a_config_of_stock_spacy_train(tmp_path: Path):
    """Reader, before_init and before_to_disk by their names, through the real command."""
    spn.dump(spacy.blank("en"), tmp_path / "source.pkl")
    nlp = spacy.blank("en")
    nlp.add_pipe("ner", config={"model": {"tok2vec": tiny_tok2vec()}})
    reader = {"@readers": "spacy-pickled-ner.AnnotatedCorpus.v1"}
    config = Config(nlp.config).copy()
    config["corpora"] = {
        "train": {**reader, "path": write_rows(tmp_path / "train.json", TRAIN)},
        "dev": {**reader, "path": write_rows(tmp_path / "dev.json", DEV)},
    }
    config["training"] |= {
        "max_steps": 60,
        "eval_frequency": 10,
        "before_to_disk": {
            "@callbacks": "spacy-pickled-ner.dump_pickled.v1",
            "path": str(tmp_path / "best.pkl"),
        },
    }
    config["initialize"]["before_init"] = {
        "@callbacks": "spacy-pickled-ner.copy_from_pickled.v1",
        "path": str(tmp_path / "source.pkl"),
    }
    config.to_disk(tmp_path / "config.cfg")
    command = [sys.executable, "-m", "spacy", "train", str(tmp_path / "config.cfg")]
    ran = subprocess.run(
        [*command, "--output", str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    best = spacy.load(tmp_path / "out" / "model-best")
    ours = spn.load(tmp_path / "best.pkl")
    assert ours.meta["performance"]["ents_f"] == best.meta["performance"]["ents_f"] > 0
