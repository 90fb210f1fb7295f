"""The settings of a fine-tuning run, checked when they are set."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from thinc.api import Optimizer

from ..about import __version__
from ..annotations import (
    AlignmentMode,
    AnnotatedCorpus,
    AnnotationSource,
    RawTextSource,
    choose_alignment,
)
from ..early_stopping import EarlyStopping
from ..errors import SettingsError
from ..machine import BLAS
from ..ner.retention import MODES
from ..pipelines import Base
from ..ty import Batcher, Logger

# A function that returns True for allowed values, and the allowed values in words.
_Rule = tuple[Callable[[Any], bool], str]
_COUNT: _Rule = (lambda v: v >= 0, "0 or more")
_ALLOWED: dict[str, _Rule] = {
    "dropout": (lambda v: 0 <= v < 1, "from 0 to below 1"),
    "dev_fraction": (lambda v: 0 < v < 1, "between 0 and 1"),
    "eval_frequency": _COUNT,
    "max_epochs": _COUNT,
    "max_steps": _COUNT,
    "gpu_id": (lambda v: v >= -1, "the number of a GPU, or -1 for the CPU"),
    "threads": (lambda v: v >= 1, "1 or more"),
    "blas": (lambda v: v in BLAS, " or ".join(map(repr, BLAS))),
    "early_stopping": (
        lambda v: v is None or isinstance(v, EarlyStopping),
        "an EarlyStopping, or None",
    ),
    "train": (lambda v: v is not None, "a file, rows or a corpus reader"),
    "retention": (lambda v: v in MODES, f"one of {MODES}"),
    "logger": (
        lambda v: v is None or callable(v),
        "a logger as spaCy's registry creates it, e.g. registry.loggers.get(name)()",
    ),
    "checkpoint_dir": (
        lambda v: v is None or not Path(v).is_file(),
        "a folder used by this run only",
    ),
    "alignment_mode": (
        lambda v: v in ("strict", "contract", "expand"),
        "'strict', 'contract' or 'expand'",
    ),
}
# The settings in the training record, besides the policy and the alignment mode.
_RECORDED = (
    *("dropout", "threads", "blas", "eval_frequency", "max_epochs", "max_steps", "seed"),
    *("retention", "stream"),
)
# Settings that the result does not depend on, or that a checkpoint describes differently.
_DESCRIBED_OTHERWISE = frozenset(
    {
        *("base", "train", "dev", "retention_dev", "raw_text", "optimizer", "batcher"),
        *("early_stopping", "trusted", "checkpoint_dir", "logger"),
    }
)


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The settings of a fine-tuning run.

    base (Base): Package name, directory, `.pkl` file, "blank:<language>", or a Language (copied).
    train (AnnotationSource): File, rows, Examples, or a corpus reader.
    dev (Optional[AnnotationSource]): Dev data, as `train`. By default, `dev_fraction` of the
        training texts is split off, unless the policy only monitors the loss.
    retention_dev (Optional[AnnotationSource]): Gold for the base labels, to measure retention.
    raw_text (Optional[RawTextSource]): Raw text for retention. Texts that are also in the other
        data are not used.
    component (Optional[str]): Name of the NER to train, if there are several; with retention
        "stack", the name of the new NER.
    early_stopping (EarlyStopping): Decides when to stop and which evaluation is the best.
    optimizer (Optional[Optimizer]): By default Adam at 0.001 with averaged weights.
    batcher (Optional[Batcher]): By default by words, from 100 to 1,000 words a batch. Batchers and
        optimizers with a schedule keep their state: create new ones for each run.
    dropout (float): Dropout rate, 0 to 1.
    eval_frequency (int): Updates between evaluations. 0 evaluates at the end of each epoch, and so
        does a policy whose patience counts epochs.
    max_epochs, max_steps (int): Limits; 0 means none.
    seed (int): The same seed, data and machine give the same weights.
    name (Optional[str]): New `meta["name"]` of the pipeline.
    retention (str): How old labels are kept. "stack": a second NER for the labels of the data, in
        front of the NER of the base. "replay": the NER of the base is trained, on the data mixed
        with its own predictions. "auto": "stack" if all labels of the data are new, else
        "replay". "none": the NER of the base is trained on the data alone.
    dev_fraction (float): See `dev`.
    alignment_mode (str): See `AnnotatedCorpus`. A corpus with its own mode keeps it.
    skip_invalid (bool): Skip and count invalid rows instead of raising an error.
    stream (bool): Read the training data during training, for data that does not fit into memory.
        A first pass checks all rows and counts labels. Needs dev data and retention "none".
    labels (Sequence[str]): All labels of a stream, if `train` is an iterator. An iterator can be
        read only once, so there is no first pass and no second epoch.
    gpu_id (int): GPU to use, or -1 for the CPU.
    threads (int): Threads of numpy's BLAS during training; see `use_blas`. One is usually fastest,
        because the matrices are small.
    blas (str): The BLAS for matrix products during training: "numpy" or "blis".
    trusted (Sequence[str]): For a base in a `.pkl` file, see `spacy_pickled_ner.load`.
    checkpoint_dir (Optional[Union[str, Path]]): A folder used by this run only, for its
        checkpoint. If the run is killed, starting it again resumes it, with the same result.
    logger (Optional[Logger]): A spaCy logger, e.g. MLflow's. It gets each evaluation.
    """

    base: Base
    train: AnnotationSource
    dev: AnnotationSource | None = None
    retention_dev: AnnotationSource | None = None
    raw_text: RawTextSource | None = None
    component: str | None = None
    early_stopping: EarlyStopping | None = None
    optimizer: Optimizer | None = None
    batcher: Batcher | None = None
    dropout: float = 0.1
    eval_frequency: int = 100
    max_epochs: int = 0
    max_steps: int = 20_000
    seed: int = 0
    name: str | None = None
    retention: str = "auto"
    dev_fraction: float = 0.2
    alignment_mode: AlignmentMode = "strict"
    skip_invalid: bool = False
    stream: bool = False
    labels: Sequence[str] = ()
    gpu_id: int = -1
    threads: int = 1
    blas: str = "numpy"
    trusted: Sequence[str] = ()
    checkpoint_dir: str | os.PathLike[str] | None = None
    logger: Logger | None = None

    def __post_init__(self) -> None:
        """Check the settings before anything is loaded."""
        for name, (is_allowed, allowed) in _ALLOWED.items():
            if not is_allowed(getattr(self, name)):
                raise SettingsError(name, getattr(self, name), allowed)
        self._check_stream()
        self._check_alignment()

    def _check_stream(self) -> None:
        if self.stream and self.retention != "none":
            allowed = "'none': streams do not support retention, so old labels may be forgotten"
            raise SettingsError("retention", self.retention, allowed)
        if self.labels and not self.stream:
            allowed = "empty, unless stream is set"
            raise SettingsError("labels", self.labels, allowed)

    def _check_alignment(self) -> None:
        if self.alignment_mode == "strict":  # the default
            return
        for part, mode in self.alignment.items():
            if mode != self.alignment_mode:
                allowed = f"{mode!r}, the mode of the corpus for {part}"
                raise SettingsError("alignment_mode", self.alignment_mode, allowed)

    @property
    def alignment(self) -> dict[str, AlignmentMode]:
        """The alignment mode of each part of the data."""
        dev = self.train if self.dev is None else self.dev
        sources = {"train": self.train, "dev": dev, "retention_dev": self.retention_dev}
        return {
            part: choose_alignment(source, self.alignment_mode) for part, source in sources.items()
        }

    def files(self) -> list[Path]:
        """The data files."""
        sources = (self.train, self.dev, self.retention_dev, self.raw_text)
        paths = (s.path if isinstance(s, AnnotatedCorpus) else s for s in sources)
        return [Path(path) for path in paths if isinstance(path, str | os.PathLike)]

    def settings(self) -> dict[str, Any]:
        """Return the plain settings for the record, without paths, data and objects."""
        policy = self.early_stopping or EarlyStopping()
        return {
            "package_version": __version__,
            "early_stopping": policy.settings(),
            **{name: getattr(self, name) for name in _RECORDED},
            "alignment_mode": self.alignment["train"],
        }

    def all_settings(self) -> dict[str, Any]:
        """Return all settings that affect the result and are plain data."""
        names = (field.name for field in fields(self))
        plain = {name: getattr(self, name) for name in names if name not in _DESCRIBED_OTHERWISE}
        policy = self.settings()["early_stopping"]
        return {**plain, "early_stopping": policy, "alignment_mode": self.alignment}
