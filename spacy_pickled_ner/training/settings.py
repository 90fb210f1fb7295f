"""The settings of a fine-tuning run: checked when they are given, and described for the record."""

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

# A value is allowed if the function says so; the text says which values are.
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
        "a logger as spaCy's registry makes them, e.g. registry.loggers.get(name)()",
    ),
    "checkpoint_dir": (
        lambda v: v is None or not Path(v).is_file(),
        "a folder for this run alone",
    ),
    "alignment_mode": (
        lambda v: v in ("strict", "contract", "expand"),
        "'strict', 'contract' or 'expand'",
    ),
}
# The settings that the training record shows, besides the policy and the alignment mode.
_RECORDED = (
    *("dropout", "threads", "blas", "eval_frequency", "max_epochs", "max_steps", "seed"),
    *("retention", "stream"),
)
# Settings that the result does not depend on, or that a checkpoint describes in another way.
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
    dev (Optional[AnnotationSource]): The same. Without it, `dev_fraction` of the training texts is
        split off, unless the policy only watches the loss.
    retention_dev (Optional[AnnotationSource]): Gold of what the base already knows, to measure what
        is forgotten.
    raw_text (Optional[RawTextSource]): Texts of any kind, without annotation, to keep old labels
        with: see `retention`. Texts that are in the other data are left out.
    component (Optional[str]): Name of the NER to train, where there are several; with retention
        "stack", a name for the new one.
    early_stopping (EarlyStopping): When to stop, and what is best.
    optimizer (Optional[Optimizer]): By default Adam at 0.001 with averaged weights.
    batcher (Optional[Batcher]): By default by words, from 100 to 1,000 words a batch. A batcher
        or an optimizer with a schedule goes on where it stood: make a new one for each run.
    dropout (float): Dropout rate, 0 to 1.
    eval_frequency (int): Updates between evaluations; 0 evaluates at the end of each epoch, as does
        a policy whose patience counts epochs.
    max_epochs, max_steps (int): Limits; 0 means none.
    seed (int): The same seed, data and machine give the same weights.
    name (Optional[str]): New `meta["name"]` of the pipeline.
    retention (str): How labels are kept that the base knows and the data does not annotate.
        "stack": the data's labels get an NER of their own in front of the base's. "replay": the
        base's NER is trained, on the data mixed with what it finds itself. "auto": "stack" if the
        data's labels are all new, else "replay". "none": the data is trained on as it is.
    dev_fraction (float): See `dev`.
    alignment_mode (str): See `AnnotatedCorpus`; one that has a mode of its own keeps it.
    skip_invalid (bool): Leave bad rows out, and count them, instead of raising.
    stream (bool): Read the training data while it is trained on, for more than fits into memory.
        A first pass checks all rows and counts labels, without keeping any. Needs dev data, and
        retention "none".
    labels (Sequence[str]): All labels of a stream, where `train` is an iterator, which can be read
        only once: for that there is no first pass, and no second epoch.
    gpu_id (int): GPU to use, or -1 for the CPU.
    threads (int): Threads of numpy's BLAS while training; see `use_blas`. One is usually fastest:
        the matrices are small.
    blas (str): What multiplies matrices while training: "numpy" or "blis".
    trusted (Sequence[str]): For a base that is a `.pkl` file, see `spacy_pickled_ner.load`.
    checkpoint_dir (Optional[Union[str, Path]]): A folder for this run alone, in which it keeps a
        checkpoint. If it is killed, the same run goes on from there, to the same bytes.
    logger (Optional[Logger]): Any logger of spaCy, e.g. MLflow's: hears of each evaluation.
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
        """Refuse settings that cannot work before anything is loaded."""
        for name, (is_allowed, allowed) in _ALLOWED.items():
            if not is_allowed(getattr(self, name)):
                raise SettingsError(name, getattr(self, name), allowed)
        self._check_stream()
        self._check_alignment()

    def _check_stream(self) -> None:
        if self.stream and self.retention != "none":
            allowed = "'none', as a stream is trained on as it is: old labels may be forgotten"
            raise SettingsError("retention", self.retention, allowed)
        if self.labels and not self.stream:
            allowed = "none, or set stream: only streams need them"
            raise SettingsError("labels", self.labels, allowed)

    def _check_alignment(self) -> None:
        if self.alignment_mode == "strict":  # the default: nobody need have asked for it
            return
        for part, mode in self.alignment.items():
            if mode != self.alignment_mode:
                allowed = f"{mode!r}, as its corpus for {part} says, or left to the corpus"
                raise SettingsError("alignment_mode", self.alignment_mode, allowed)

    @property
    def alignment(self) -> dict[str, AlignmentMode]:
        """The alignment mode of each part of the data; dev texts split off are as the others."""
        dev = self.train if self.dev is None else self.dev
        sources = {"train": self.train, "dev": dev, "retention_dev": self.retention_dev}
        return {
            part: choose_alignment(source, self.alignment_mode) for part, source in sources.items()
        }

    def files(self) -> list[Path]:
        """The files that are read as data."""
        sources = (self.train, self.dev, self.retention_dev, self.raw_text)
        paths = (s.path if isinstance(s, AnnotatedCorpus) else s for s in sources)
        return [Path(path) for path in paths if isinstance(path, str | os.PathLike)]

    def settings(self) -> dict[str, Any]:
        """The plain settings, for the record: no paths, no data, no objects."""
        policy = self.early_stopping or EarlyStopping()
        return {
            "package_version": __version__,
            "early_stopping": policy.settings(),
            **{name: getattr(self, name) for name in _RECORDED},
            "alignment_mode": self.alignment["train"],
        }

    def all_settings(self) -> dict[str, Any]:
        """Every setting that the result depends on and that is plain data."""
        names = (field.name for field in fields(self))
        plain = {name: getattr(self, name) for name in names if name not in _DESCRIBED_OTHERWISE}
        policy = self.settings()["early_stopping"]
        return {**plain, "early_stopping": policy, "alignment_mode": self.alignment}
