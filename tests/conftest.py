"""A tiny trained pipeline and tiny data, for every test that only needs some pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

import spacy_pickled_ner as spn

PEOPLE = ["Ada", "Grace", "Alan", "Mary", "Linus", "Barbara"]
DRINKS = ["tea", "cocoa", "milk", "juice", "lemonade", "water"]
PEOPLE_TEMPLATES = ["{} came home.", "I saw {} yesterday.", "They asked {} again."]
DRINK_TEMPLATES = ["I like {} a lot.", "Please pass me some {} now.", "{} is hot."]

# Texts without annotation.
RAW = [f"{name} {rest}" for name in PEOPLE for rest in ("was late.", "left it there.", "said so.")]
RAW += ["It was late.", "They left it there.", "Nobody said so.", "We saw them all yesterday."]

Row = dict[str, Any]
Pair = tuple[str, dict[str, list[tuple[int, int, str]]]]
Run = Callable[..., spn.FineTuneResult]


def make_rows(words: Iterable[str], label: str, templates: Iterable[str]) -> list[Row]:
    """One Prodigy-style row for each word in each template."""
    rows = []
    for template in templates:
        for word in words:
            start = template.index("{}")
            span = {"start": start, "end": start + len(word), "label": label}
            rows.append({"text": template.format(word), "spans": [span]})
    return rows


TRAIN_ROWS = make_rows(DRINKS[:4], "DRINK", DRINK_TEMPLATES)
DEV_ROWS = make_rows(DRINKS[4:], "DRINK", DRINK_TEMPLATES)
OLD_ROWS = make_rows(PEOPLE, "PERSON", PEOPLE_TEMPLATES)


def as_pairs(rows: list[Row]) -> list[Pair]:
    """The rows as spaCy 2's TRAIN_DATA."""
    return [
        (row["text"], {"entities": [(s["start"], s["end"], s["label"]) for s in row["spans"]]})
        for row in rows
    ]


TRAIN, DEV, KNOWN = (as_pairs(rows) for rows in (TRAIN_ROWS, DEV_ROWS, OLD_ROWS))


def write_jsonl(path: Path, rows: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def tiny_tok2vec() -> dict[str, Any]:
    return {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "width": 32,
        "depth": 1,
        "embed_size": 200,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
        "pretrained_vectors": None,
    }


def train_known(nlp: Language, epochs: int) -> Language:
    """Train whatever is in the pipeline on OLD_ROWS, as a base that knows PERSON."""
    fix_random_seed(0)
    examples = []
    for row in OLD_ROWS:
        doc = nlp.make_doc(row["text"])
        entities = [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        tags = ["X" if token.is_punct else "Y" for token in doc]
        examples.append(Example.from_dict(doc, {"entities": entities, "tags": tags}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(epochs):
        nlp.update(examples, sgd=optimizer)
    return nlp


@pytest.fixture(scope="session")
def tiny_base() -> Language:
    """English with a tagger and an NER that knows PERSON. Tests must not change it."""
    nlp = spacy.blank("en", meta={"name": "tiny"})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": tiny_tok2vec()}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": tiny_tok2vec()}})
    return train_known(nlp, epochs=40)


@pytest.fixture(scope="session")
def tiny_base_dir(tiny_base: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tiny_base` as spaCy's own directory."""
    path = tmp_path_factory.mktemp("bases") / "tiny"
    tiny_base.to_disk(path)
    return path


@pytest.fixture(scope="session")
def tiny_base_pkl(tiny_base: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tiny_base` as one file."""
    path = tmp_path_factory.mktemp("bases") / "tiny.pkl"
    spn.dump(tiny_base, path)
    return path


@pytest.fixture
def train_file(tmp_path: Path) -> Path:
    """Twelve texts, each with a DRINK."""
    return write_jsonl(tmp_path / "train.jsonl", TRAIN_ROWS)


@pytest.fixture
def dev_file(tmp_path: Path) -> Path:
    """Six other texts, each with a DRINK that is not in `train_file`."""
    return write_jsonl(tmp_path / "dev.jsonl", DEV_ROWS)


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

    def run(**settings: Any) -> spn.FineTuneResult:
        defaults: dict[str, Any] = {
            "base": base,
            "train": TRAIN,
            "dev": DEV,
            "early_stopping": spn.EarlyStopping(patience=3),
            "optimizer": Adam(learn_rate=0.005),
            "eval_frequency": 5,
            "max_steps": 40,
            "retention": "none",
        }
        return spn.fine_tune(**{**defaults, **settings})

    return run
