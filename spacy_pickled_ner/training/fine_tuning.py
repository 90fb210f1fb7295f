"""`fine_tune()`, and `FineTuning` for runs that are stored, changed or configured."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from thinc.api import Optimizer

from ..annotations import AlignmentMode, AnnotationSource, RawTextSource
from ..early_stopping import EarlyStopping, StopReason
from ..pipelines import Base
from ..ty import Batcher, Logger
from .checkpoint import remove_checkpoint
from .listener import TrainingListener, WarningListener
from .result import FineTuneResult
from .running import run
from .settings import RunSettings
from .tracking import Listeners, LoggerListener


@dataclass(frozen=True, kw_only=True)
class FineTuning(RunSettings):
    """The settings of a fine-tuning run, with a method to start it.

    `RunSettings` explains each setting.
    """

    def run(
        self, *, listener: TrainingListener | None = None, keep_checkpoint: bool = False
    ) -> FineTuneResult:
        """Fine-tune.

        listener (Optional[TrainingListener]): Gets the events of the run. By default, warnings
                about the data are logged.
        keep_checkpoint (bool): Keep the checkpoint after the run: call `remove_checkpoint` once the
                result is saved. The checkpoint of an interrupted run (Ctrl-C) is always kept.
        RETURNS (FineTuneResult): The pipeline with the best weights, scores and history.
        RAISES (PickledNerError): Base, data or settings cannot be used. The message says why.
        """
        with self.tracked(listener or WarningListener()) as heard:
            result = run(self, heard)
        if not keep_checkpoint and result.stop_reason is not StopReason.INTERRUPTED:
            self.remove_checkpoint()
        return result

    @contextmanager
    def tracked(self, listener: TrainingListener) -> Iterator[TrainingListener]:
        """Add the run's logger, if there is one, to a listener, and finalize it at the end.

        listener (TrainingListener): Another listener.
        YIELDS (TrainingListener): Passes events on to both.
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


def fine_tune(
    base: Base,
    train: AnnotationSource,
    *,
    listener: TrainingListener | None = None,
    dev: AnnotationSource | None = None,
    retention_dev: AnnotationSource | None = None,
    raw_text: RawTextSource | None = None,
    component: str | None = None,
    early_stopping: EarlyStopping | None = None,
    optimizer: Optimizer | None = None,
    batcher: Batcher | None = None,
    dropout: float = 0.1,
    eval_frequency: int = 100,
    max_epochs: int = 0,
    max_steps: int = 20_000,
    seed: int = 0,
    name: str | None = None,
    retention: str = "auto",
    dev_fraction: float = 0.2,
    alignment_mode: AlignmentMode = "strict",
    skip_invalid: bool = False,
    stream: bool = False,
    labels: Sequence[str] = (),
    gpu_id: int = -1,
    threads: int = 1,
    blas: str = "numpy",
    trusted: Sequence[str] = (),
    checkpoint_dir: str | os.PathLike[str] | None = None,
    logger: Logger | None = None,
    **unknown: NoReturn,
) -> FineTuneResult:
    """Fine-tune the NER of a pipeline on annotated texts, and stop at the right moment.

    base (Base): Package name, directory, `.pkl` file, "blank:<language>", or a Language (copied).
    train (AnnotationSource): File, rows, Examples, or a corpus reader.
    listener (Optional[TrainingListener]): Gets the events of the run. By default, warnings about
        the data are logged.
    dev, early_stopping, seed …: The settings of the run. `RunSettings` explains each.
    RETURNS (FineTuneResult): The pipeline with the best weights, scores and history.
    RAISES (PickledNerError): Base, data or settings cannot be used. The message says why.
    """
    settings = locals()
    _refuse_unknown(settings.pop("unknown"))
    del settings["listener"]
    return FineTuning(**settings).run(listener=listener)


def _refuse_unknown(names: Iterable[str]) -> None:
    for name in names:
        hint = (
            f": it is one of EarlyStopping's, early_stopping=EarlyStopping({name}=…)"
            if name in EarlyStopping().settings()
            else ""
        )
        raise TypeError(f"fine_tune has no setting {name!r}{hint}")
