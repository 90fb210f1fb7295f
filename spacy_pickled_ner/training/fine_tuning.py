"""The settings of a fine-tuning run: checked when they are given, and described for the record."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from ..early_stopping import EarlyStopping, StopReason
from ..errors import SettingsError
from ..machine import BLAS
from ..ner.retention import MODES
from ..pipelines import Base
from ..ty import Batcher, Logger
from .checkpoint import remove_checkpoint
from .listener import TrainingListener, WarningListener
from .result import FineTuneResult
from .running import run
from .tracking import Listeners, LoggerListener


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """The settings of a fine-tuning run; `run()` does it.

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
        _check("dropout", self.dropout, 0 <= self.dropout < 1, "from 0 to below 1")
        _check("dev_fraction", self.dev_fraction, 0 < self.dev_fraction < 1, "between 0 and 1")
        for setting in ("eval_frequency", "max_epochs", "max_steps"):
            value = getattr(self, setting)
            _check(setting, value, value >= 0, "0 or more")
        _check("gpu_id", self.gpu_id, self.gpu_id >= -1, "the number of a GPU, or -1 for the CPU")
        _check("threads", self.threads, self.threads >= 1, "1 or more")
        _check("blas", self.blas, self.blas in BLAS, " or ".join(map(repr, BLAS)))
        policy = self.early_stopping
        is_policy = policy is None or isinstance(policy, EarlyStopping)
        _check("early_stopping", policy, is_policy, "an EarlyStopping, or None")
        _check("train", self.train, self.train is not None, "a file, rows or a corpus reader")
        _check("retention", self.retention, self.retention in MODES, f"one of {MODES}")
        is_logger = self.logger is None or callable(self.logger)
        made = "a logger as spaCy's registry makes them, e.g. registry.loggers.get(name)()"
        _check("logger", self.logger, is_logger, made)
        modes = ("strict", "contract", "expand")
        allowed = "'strict', 'contract' or 'expand'"
        folder = self.checkpoint_dir
        is_folder = folder is None or not Path(folder).is_file()
        _check("checkpoint_dir", folder, is_folder, "a folder for this run alone")
        can_be_kept = not self.stream or self.retention == "none"
        allowed_here = "'none', as a stream is trained on as it is: old labels may be forgotten"
        _check("retention", self.retention, can_be_kept, allowed_here)
        is_stream = self.stream or not self.labels
        _check("labels", self.labels, is_stream, "none, or set stream: only streams need them")
        _check("alignment_mode", self.alignment_mode, self.alignment_mode in modes, allowed)
        if self.alignment_mode != "strict":  # the default: nobody need have asked for it
            for part, mode in self.alignment.items():
                says = f"{mode!r}, as its corpus for {part} says, or left to the corpus"
                _check("alignment_mode", self.alignment_mode, mode == self.alignment_mode, says)

    @property
    def alignment(self) -> dict[str, AlignmentMode]:
        """The alignment mode of each part of the data; dev texts split off are as the others."""
        dev = self.train if self.dev is None else self.dev
        sources = {"train": self.train, "dev": dev, "retention_dev": self.retention_dev}
        return {
            part: choose_alignment(source, self.alignment_mode) for part, source in sources.items()
        }

    def run(
        self, *, listener: TrainingListener | None = None, keep_checkpoint: bool = False
    ) -> FineTuneResult:
        """Fine-tune.

        listener (Optional[TrainingListener]): Hears of every step; by default only what
            looks wrong with the data is logged.
        keep_checkpoint (bool): Leave the checkpoint where it is, for `remove_checkpoint` once the
            result is safe. That of a run which was interrupted (Ctrl-C) always stays.
        RETURNS (FineTuneResult): The pipeline with the best weights, and how it got there.
        RAISES (PickledNerError): Base, data or settings cannot be used; says what and where.
        """
        with self.tracked(listener or WarningListener()) as heard:
            result = run(self, heard)
        if not keep_checkpoint and result.stop_reason is not StopReason.INTERRUPTED:
            self.remove_checkpoint()
        return result

    @contextmanager
    def tracked(self, listener: TrainingListener) -> Iterator[TrainingListener]:
        """Add the run's logger, if it has one, to a listener, and finalise it at the end.

        listener (TrainingListener): Who else hears of the run.
        YIELDS (TrainingListener): Both.
        """
        if self.logger is None:
            yield listener
            return
        monitor = (self.early_stopping or EarlyStopping()).monitor
        tracker = LoggerListener(self.logger, settings=self.settings(), monitor=monitor)
        try:
            yield Listeners([listener, tracker])
        finally:
            tracker.finalize()

    def remove_checkpoint(self) -> None:
        """Remove the checkpoint of a finished run, if there is one."""
        if self.checkpoint_dir is not None:
            remove_checkpoint(Path(self.checkpoint_dir))

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
            "dropout": self.dropout,
            "threads": self.threads,
            "blas": self.blas,
            "eval_frequency": self.eval_frequency,
            "max_epochs": self.max_epochs,
            "max_steps": self.max_steps,
            "seed": self.seed,
            "retention": self.retention,
            "stream": self.stream,
            "alignment_mode": self.alignment["train"],
        }

    def all_settings(self) -> dict[str, Any]:
        """Every setting that the result depends on and that is plain data."""
        described_otherwise = {
            *("base", "train", "dev", "retention_dev", "raw_text", "optimizer", "batcher"),
            *("early_stopping", "trusted", "checkpoint_dir", "logger"),
        }
        plain = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in described_otherwise
        }
        policy = self.settings()["early_stopping"]
        return {**plain, "early_stopping": policy, "alignment_mode": self.alignment}


def fine_tune(
    base: Base,
    train: AnnotationSource,
    *,
    listener: TrainingListener | None = None,
    **settings: Any,
) -> FineTuneResult:
    """Fine-tune the NER of a pipeline on annotated texts, and stop at the right moment.

    base (Base): Package name, directory, `.pkl` file, "blank:<language>", or a Language (copied).
    train (AnnotationSource): File, rows, Examples, or a corpus reader.
    listener (Optional[TrainingListener]): Hears of every step; by default only what looks
        wrong with the data is logged.
    settings: Any other field of `FineTuning`, e.g. `dev=`, `early_stopping=`, `seed=`.
    RETURNS (FineTuneResult): The pipeline with the best weights, and how it got there.
    RAISES (PickledNerError): Base, data or settings cannot be used; says what and where.
    """
    known = {field.name for field in fields(FineTuning)}
    for name in settings.keys() - known:
        hint = (
            f": it is one of EarlyStopping's, early_stopping=EarlyStopping({name}=…)"
            if name in EarlyStopping().settings()
            else ""
        )
        raise TypeError(f"fine_tune has no setting {name!r}{hint}")
    return FineTuning(base=base, train=train, **settings).run(listener=listener)


def _check(setting: str, value: object, is_allowed: bool, allowed: str) -> None:
    if not is_allowed:
        raise SettingsError(setting, value, allowed)
