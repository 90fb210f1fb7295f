"""Tiny pipelines and data for the training tests; every run takes about a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_pickled_ner import EarlyStopping, FineTuneResult, fine_tune

Row = tuple[str, dict[str, list[tuple[int, int, str]]]]
Run = Callable[..., FineTuneResult]

OLD = ["Ada", "Lovelace", "Grace", "Hopper", "Alan", "Mary"]
NEW = ["tea", "cocoa", "milk", "juice", "lemonade", "water"]


def rows(words: list[str], label: str, templates: list[str]) -> list[Row]:
    made = []
    for template in templates:
        for word in words:
            start = template.index("{}")
            made.append((template.format(word), {"entities": [(start, start + len(word), label)]}))
    return made


TRAIN = rows(NEW[:4], "DRINK", ["I like {} a lot.", "Please pass me some {} now.", "{} is hot."])
DEV = rows(NEW[4:], "DRINK", ["I like {} a lot.", "Please pass me some {} now."])
KNOWN = rows(OLD, "PERSON", ["{} came home.", "I saw {} yesterday.", "They asked {} again."])


def tok2vec_config(width: int = 32) -> dict[str, Any]:
    return {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "width": width,
        "depth": 1,
        "embed_size": 200,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
        "pretrained_vectors": None,
    }


def listener_config(width: int = 32) -> dict[str, Any]:
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": "*"}


def train_known(nlp: Language, epochs: int = 15) -> Language:
    fix_random_seed(0)
    examples = []
    for text, gold in KNOWN:
        doc = nlp.make_doc(text)
        tags = ["X" if token.is_punct else "Y" for token in doc]
        examples.append(Example.from_dict(doc, {**gold, "tags": tags}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(epochs):
        nlp.update(examples, sgd=optimizer)
    return nlp


@pytest.fixture(scope="session")
def _base() -> Language:
    nlp = spacy.blank("en", meta={"name": "tiny"})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": tok2vec_config()}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": tok2vec_config()}})
    return train_known(nlp, epochs=25)


@pytest.fixture(scope="session")
def _shared_base() -> Language:
    nlp = spacy.blank("en", meta={"name": "tiny_shared"})
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config()})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": listener_config()}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": listener_config()}})
    return train_known(nlp, epochs=25)


@pytest.fixture
def base(_base: Language) -> Language:
    """Tagger and NER (PERSON), each with its own tok2vec."""
    return _base


@pytest.fixture
def shared_base(_shared_base: Language) -> Language:
    """Tagger and NER (PERSON) that listen to one tok2vec."""
    return _shared_base


@pytest.fixture
def tune(base: Language) -> Run:
    """Fine-tune for a few steps; any setting can be given."""

    def run(**settings: Any) -> FineTuneResult:
        defaults: dict[str, Any] = {
            "base": base,
            "train": TRAIN,
            "dev": DEV,
            "early_stopping": EarlyStopping(patience=3),
            "optimizer": Adam(learn_rate=0.005),
            "eval_frequency": 5,
            "max_steps": 40,
        }
        return fine_tune(**{**defaults, **settings})

    return run
