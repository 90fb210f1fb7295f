"""What a training run tells whoever listens: the console, a logger, a test."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plan import Plan
    from .progress import Evaluation, Progress
    from .result import FineTuneResult

logger = logging.getLogger("spacy_pickled_ner")


class TrainingListener:
    """Base class with no-op methods: override what you care about.

    Exceptions from a listener end the run, except KeyboardInterrupt, which ends it cleanly with
    the best weights so far.
    """

    def on_start(self, plan: Plan) -> None:
        """Data, base and settings are ready; training has not begun."""

    def on_resume(self, progress: Progress) -> None:
        """Hear that the run goes on where an interrupted one was, in place of its first rows."""

    def on_step(self, step: int, epoch: int, loss: float) -> None:
        """Hear of an update: `loss` is the summed loss since the last evaluation."""

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Hear of an evaluation; the first one (step 0) is of the base itself."""

    def on_end(self, result: FineTuneResult) -> None:
        """Training is over, and the best weights are back."""


class WarningListener(TrainingListener):
    """Logs what the user should know of the data: the listener of runs that are given none."""

    def on_start(self, plan: Plan) -> None:
        """Log the warnings."""
        for warning in plan.warnings:
            logger.warning("%s", warning)
