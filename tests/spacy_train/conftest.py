"""Stock spaCy training on the tiny data, in this process."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config

from spacy_pickled_ner.spacy_train import TrainingStopped

from ..cli.conftest import plain
from ..conftest import tiny_tok2vec


@dataclass
class Trained:
    """How a run of spaCy's loop ended: what it printed, and what our logger raised, if it did."""

    log: str
    stopped: TrainingStopped | None
    folder: Path


Train = Callable[..., Trained]

READER = {"@readers": "spacy-pickled-ner.AnnotatedCorpus.v1"}


@pytest.fixture
def stock_train(train_file: Path, dev_file: Path, tmp_path: Path) -> Train:
    """Run spaCy's loop with our logger: `policy` and `logger` are blocks, the rest `[training]`."""

    def run(
        policy: dict[str, Any],
        *,
        logger: dict[str, Any] | None = None,
        path: Path | None = None,
        output: bool = True,
        **training: Any,
    ) -> Trained:
        block: dict[str, Any] = {
            "@loggers": "spacy-pickled-ner.EarlyStoppingLogger.v1",
            "early_stopping": {"@misc": "spacy-pickled-ner.EarlyStopping.v1", **policy},
            "path": path and str(path),
        }
        if logger is not None:
            block["logger"] = logger
        ner = {
            "factory": "ner",
            "model": {
                "@architectures": "spacy.TransitionBasedParser.v2",
                "state_type": "ner",
                "extra_state_tokens": False,
                "hidden_width": 16,
                "maxout_pieces": 2,
                "use_upper": True,
                "tok2vec": tiny_tok2vec(),
            },
        }
        settings = {
            "train_corpus": "corpora.train",
            "dev_corpus": "corpora.dev",
            "seed": 0,
            "gpu_allocator": None,
            "patience": 0,
            "max_steps": 200,
            "eval_frequency": 10,
            "logger": block,
            "optimizer": {"@optimizers": "Adam.v1", "learn_rate": 0.01},
        }
        config = Config(
            {
                "nlp": {"lang": "en", "pipeline": ["ner"]},
                "components": {"ner": ner},
                "corpora": {
                    "train": {**READER, "path": str(train_file)},
                    "dev": {**READER, "path": str(dev_file)},
                },
                "training": {**settings, **training},
            }
        )
        stdout = io.StringIO()
        folder = tmp_path / "out"
        folder.mkdir(exist_ok=True)
        stopped = None
        try:
            train(init_nlp(config), folder if output else None, stdout=stdout, stderr=stdout)
        except TrainingStopped as stop:
            stopped = stop
        return Trained(plain(stdout.getvalue()), stopped, folder)

    return run
