"""The tiny English pipeline of the demo, trained from hand-written sentences.

It takes the place of a pretrained package: a `tagger`, and a `ner` with the labels PERSON, ORG and
GPE, each with its own tok2vec. It is trained on the files in `data/` only.
"""

from __future__ import annotations

import random
from importlib.resources import files
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.training import Example
from thinc.api import Adam

from ..machine import seeded, use_blas
from ..ner.weights import set_params

_BATCH_SIZE = 8
_EPOCHS = {"tagger": 8, "ner": 16}
_DROPOUT = 0.2
_LEARN_RATE = 0.002


def data_path(name: str) -> Path:
    """Find one of the demo's data files.

    name (str): A file name, e.g. "instrument-train.jsonl".
    RETURNS (Path): Its path in the installed package.
    RAISES (FileNotFoundError): There is no such file; the message lists the files.
    """
    folder = Path(str(files("spacy_pickled_ner.demo"))) / "data"
    path = folder / name
    if not path.is_file():
        known = ", ".join(sorted(p.name for p in folder.glob("*.jsonl")))
        raise FileNotFoundError(f"The demo has no data file {name!r}. It has: {known}.")
    return path


def read_examples(nlp: Language, name: str) -> list[Example]:
    """Read one of the demo's data files as gold-standard examples.

    nlp (Language): The pipeline with vocab and tokenizer.
    name (str): A file name, as for `data_path`.
    RETURNS (list[Example]): One per row, with entities, and with tags if the file has them.
    """
    examples = []
    for row in srsly.read_jsonl(data_path(name)):
        gold: dict[str, Any] = {
            "entities": [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        }
        if "tags" in row:
            gold["tags"] = row["tags"]
        examples.append(Example.from_dict(nlp.make_doc(row["text"]), gold))
    return examples


def build_base(seed: int = 0) -> Language:
    """Train the demo's base pipeline. Takes less than ten seconds on one core.

    seed (int): The same seed gives the same weights. The states of `random` and numpy are restored.
    RETURNS (Language): "en_demo_base": a `tagger` (UPOS tags in `token.tag_`) and a `ner`.
    """
    description = "A tiny tagger and entity recognizer, trained for the demo from its own sentences"
    nlp = spacy.blank("en", meta={"name": "demo_base", "description": description})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": _tok2vec_config()}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": _tok2vec_config()}})
    examples = read_examples(nlp, "base-train.jsonl")
    with seeded(seed):
        nlp.initialize(lambda: examples)
        for name, component in nlp.pipeline:
            assert isinstance(component, TrainablePipe)
            with use_blas(component.model):
                _train(component, examples, epochs=_EPOCHS[name])
    return nlp


def _tok2vec_config() -> dict[str, Any]:
    return {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 64,
            "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
            "rows": [1000, 500, 1000, 500],
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 64,
            "depth": 2,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }


def _train(component: TrainablePipe, examples: list[Example], *, epochs: int) -> None:
    optimizer = Adam(
        learn_rate=_LEARN_RATE, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True
    )
    order = list(examples)
    for _ in range(epochs):
        random.shuffle(order)
        for start in range(0, len(order), _BATCH_SIZE):
            component.update(order[start : start + _BATCH_SIZE], drop=_DROPOUT, sgd=optimizer)
    set_params(component.model, optimizer.averages)
