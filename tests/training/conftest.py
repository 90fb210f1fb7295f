"""Fine-tuning runs of about half a second, on the tiny base and data of all tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import spacy
from spacy.language import Language
from thinc.api import Adam

from spacy_pickled_ner import EarlyStopping, FineTuneResult, fine_tune

from ..conftest import DEV_ROWS, OLD_ROWS, TRAIN_ROWS, Row, tiny_tok2vec, train_known

Pair = tuple[str, dict[str, list[tuple[int, int, str]]]]
Run = Callable[..., FineTuneResult]


def as_pairs(rows: list[Row]) -> list[Pair]:
    """The rows as spaCy 2's TRAIN_DATA."""
    return [
        (row["text"], {"entities": [(s["start"], s["end"], s["label"]) for s in row["spans"]]})
        for row in rows
    ]


TRAIN, DEV, KNOWN = (as_pairs(rows) for rows in (TRAIN_ROWS, DEV_ROWS, OLD_ROWS))


@pytest.fixture
def base(tiny_base: Language) -> Language:
    """Tagger and NER (PERSON), each with its own tok2vec."""
    return tiny_base


@pytest.fixture(scope="session")
def shared_base() -> Language:
    """Tagger and NER (PERSON) that listen to one tok2vec."""
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32, "upstream": "*"}
    nlp = spacy.blank("en", meta={"name": "tiny_shared"})
    nlp.add_pipe("tok2vec", config={"model": tiny_tok2vec()})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": listener}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": listener}})
    return train_known(nlp, epochs=25)


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
            "retention": "none",
        }
        return fine_tune(**{**defaults, **settings})

    return run
