"""The events of a training run, for the console, loggers and tests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plan import Plan
    from .progress import Evaluation, Progress
    from .result import FineTuneResult

logger = logging.getLogger("spacy_pickled_ner")


class TrainingListener:
    """Base class for listeners. Its methods do nothing: override those you need.

    An exception in a listener ends the run. KeyboardInterrupt ends it cleanly, with the best
    weights so far.
    """

    def on_start(self, plan: Plan) -> None:
        """Called when data, base and settings are ready, before training."""

    def on_resume(self, progress: Progress) -> None:
        """Called instead of the first evaluations if the run resumes from a checkpoint."""

    def on_step(self, step: int, epoch: int, loss: float) -> None:
        """Called after each update. `loss` is the summed loss since the last evaluation."""

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Called after each evaluation. The first one (step 0) is of the base."""

    def on_end(self, result: FineTuneResult) -> None:
        """Called when training has ended and the best weights are restored."""


class WarningListener(TrainingListener):
    """Logs warnings about the data: the default listener."""

    def on_start(self, plan: Plan) -> None:
        """Log the warnings."""
        for warning in plan.warnings:
            logger.warning("%s", warning)
