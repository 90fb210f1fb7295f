"""`AnnotatedCorpus` where spaCy wants a corpus reader."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from spacy.util import registry
from thinc.api import Config

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import AnnotatedCorpus

from ..conftest import DEV_ROWS, TRAIN_ROWS, tiny_tok2vec, write_jsonl

STOCK_CONFIG = """
[nlp]
lang = "en"
pipeline = ["ner"]

[components]

[components.ner]
factory = "ner"

[corpora]

[corpora.train]
@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"
path = {train}

[corpora.dev]
@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"
path = {dev}
alignment_mode = "expand"

[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
max_steps = 4
eval_frequency = 2

[training.score_weights]
ents_f = 1.0
"""


def test_examples_come_anew_on_each_call(train_file: Path) -> None:
    nlp = spacy.blank("en")
    corpus = AnnotatedCorpus(train_file)
    first, second = list(corpus(nlp)), list(corpus(nlp))
    assert [eg.reference.text for eg in first] == [row["text"] for row in TRAIN_ROWS]
    assert first[0].reference is not second[0].reference
    assert first[0].to_dict() == second[0].to_dict()


def test_warnings_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    row = {"text": "headaches hurt", "spans": [{"start": 0, "end": 4, "label": "X"}]}
    corpus = AnnotatedCorpus(write_jsonl(tmp_path / "a.jsonl", [row, {}]), skip_invalid=True)
    with caplog.at_level(logging.WARNING, logger="spacy_pickled_ner"):
        list(corpus(spacy.blank("en")))
    assert "1 invalid row skipped" in caplog.text
    assert "not matching the tokens" in caplog.text


def test_a_bad_row_stops_it(tmp_path: Path) -> None:
    corpus = AnnotatedCorpus(write_jsonl(tmp_path / "a.jsonl", [{}]))
    with pytest.raises(AnnotationError, match=r"a\.jsonl, line 1"):
        list(corpus(spacy.blank("en")))


def test_stock_spacy_training_reads_it(train_file: Path, dev_file: Path) -> None:
    filled = STOCK_CONFIG.format(train=f'"{train_file}"', dev=f'"{dev_file}"')
    config = Config().from_str(filled)
    config["components"]["ner"]["model"] = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 16,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": tiny_tok2vec(),
    }
    full = spacy.util.load_model_from_config(config, auto_fill=True).config
    nlp = init_nlp(full)
    nlp.config["training"]["logger"] = {"@loggers": "tests.Silent.v1"}
    trained, _ = spacy_train(nlp)
    assert trained.get_pipe("ner").labels == ("DRINK",)


@registry.loggers("tests.Silent.v1")
def silent_logger():
    return lambda nlp, stdout, stderr: (lambda info: None, lambda: None)


def test_what_spacy_writes_is_read_alike(train_file: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    direct = list(AnnotatedCorpus(train_file)(nlp))
    DocBin(docs=[eg.reference for eg in direct]).to_disk(tmp_path / "a.spacy")
    again = list(AnnotatedCorpus(tmp_path / "a.spacy")(nlp))
    assert [eg.get_aligned_ner() for eg in again] == [eg.get_aligned_ner() for eg in direct]
    assert len(again) == len(TRAIN_ROWS) > len(DEV_ROWS)
