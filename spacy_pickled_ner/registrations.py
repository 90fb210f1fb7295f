"""Every function that spaCy's registry sees; entry points in pyproject.toml name them.

Nothing else registers anything, but for `factories`.

The type hints here are what confection checks a config against, so each must resolve at run time,
and each default is what `init fill-config` fills in. No logic lives here.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from spacy.language import Language
from spacy.training import Example
from thinc.api import Optimizer

from .annotations import AnnotatedCorpus
from .early_stopping import EarlyStopping
from .loggers import early_stopping_logger
from .training import FineTuning
from .training.callbacks import copy_from_pickled, dump_pickled, resume_from_base
from .training.tracking import Logger

Corpus = Callable[[Language], Iterable[Example]]
Batcher = Callable[[Iterable[Example]], Iterable[list[Example]]]
Callback = Callable[[Language], Language]


def create_early_stopping(
    monitor: str = "ents_f",
    mode: Literal["auto", "max", "min"] = "auto",
    patience: int | None = 5,
    patience_unit: Literal["evaluations", "epochs"] = "evaluations",
    min_delta: float = 0.0,
    warmup: int = 0,
    baseline: float | None = None,
    target: float | None = None,
    divergence: float | None = None,
    max_seconds: float | None = None,
    retention_monitor: str = "retention",
    max_retention_drop: float | None = None,
) -> EarlyStopping:
    """`@misc = "spacy-pickled-ner.EarlyStopping.v1"`: see `EarlyStopping`."""
    return EarlyStopping(**locals())


def create_fine_tuning(
    base: str,
    train: str | Path | Corpus,
    dev: str | Path | Corpus | None = None,
    retention_dev: str | Path | Corpus | None = None,
    raw_text: str | Path | None = None,
    component: str | None = None,
    early_stopping: EarlyStopping | None = None,
    optimizer: Optimizer | None = None,
    batcher: Batcher | None = None,
    dropout: float = 0.1,
    eval_frequency: int = 200,
    max_epochs: int = 0,
    max_steps: int = 20_000,
    seed: int = 0,
    name: str | None = None,
    retention: Literal["auto", "stack", "replay", "none"] = "auto",
    dev_fraction: float = 0.2,
    alignment_mode: Literal["strict", "contract", "expand"] = "strict",
    skip_invalid: bool = False,
    stream: bool = False,
    labels: Sequence[str] = (),
    gpu_id: int = -1,
    threads: int = 1,
    blas: Literal["numpy", "blis"] = "numpy",
    trusted: Sequence[str] = (),
    checkpoint_dir: str | Path | None = None,
    logger: Logger | None = None,
) -> FineTuning:
    """`@misc = "spacy-pickled-ner.FineTuning.v1"`: see `FineTuning`."""
    return FineTuning(**locals())


def create_annotated_corpus(
    path: str | Path,
    alignment_mode: Literal["strict", "contract", "expand"] = "strict",
    skip_invalid: bool = False,
) -> Corpus:
    """`@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"`: see `AnnotatedCorpus`."""
    return AnnotatedCorpus(path, alignment_mode=alignment_mode, skip_invalid=skip_invalid)


def create_copy_from_pickled(
    path: str | Path,
    tokenizer: bool = True,
    vocab: bool = True,
    trusted: Sequence[str] = (),
) -> Callback:
    """`@callbacks = "spacy-pickled-ner.copy_from_pickled.v1"`: see `copy_from_pickled`."""
    return copy_from_pickled(path, tokenizer=tokenizer, vocab=vocab, trusted=trusted)


def create_resume_from_base(
    base: str | Path, component: str = "ner", trusted: Sequence[str] = ()
) -> Callback:
    """`@callbacks = "spacy-pickled-ner.resume_from_base.v1"`: see `resume_from_base`."""
    return resume_from_base(base, component=component, trusted=trusted)


def create_dump_pickled(path: str | Path, only_best: bool = True) -> Callback:
    """`@callbacks = "spacy-pickled-ner.dump_pickled.v1"`: see `dump_pickled`."""
    return dump_pickled(path, only_best=only_best)


def create_early_stopping_logger(
    early_stopping: EarlyStopping | None = None,
    logger: Logger | None = None,
    path: str | Path | None = None,
) -> Logger:
    """`@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"`: see `early_stopping_logger`."""
    return early_stopping_logger(early_stopping or EarlyStopping(), logger=logger, path=path)
