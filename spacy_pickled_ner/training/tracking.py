"""Pass the events of a run to a spaCy logger: console, MLflow, Weights & Biases, or your own.

A spaCy logger gets None at each update, and an `info` after each evaluation, with `epoch` (from 0),
`step`, `score`, `other_scores`, `losses` (summed per component since the last evaluation),
`checkpoints` ((score, step) pairs), `seconds` and `words`; see `spacy.training.loop`.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..ty import Finalize, Info, Logger, LogStep
from .listener import TrainingListener

if TYPE_CHECKING:
    from .plan import Plan
    from .progress import Evaluation, Progress
    from .result import FineTuneResult


class LoggerListener(TrainingListener):
    """Passes events to a spaCy logger. The caller calls `finalize`.

    logger (Logger): A logger, as `[training.logger]` of a spaCy config resolves to.
    settings (Dict[str, Any]): The settings of the run, for loggers that store the config.
    monitor (str): The metric to pass on as `score`. If it is a loss, `ents_f` is used instead,
        because spaCy's loggers expect that more is better.
    """

    def __init__(self, logger: Logger, *, settings: dict[str, Any], monitor: str):
        self._logger = logger
        self._settings = settings
        self._monitor = "ents_f" if monitor.endswith("loss") else monitor
        self._plan: Plan | None = None
        self._started: tuple[LogStep, Finalize] | None = None
        self._checkpoints: list[tuple[float, int]] = []

    def on_start(self, plan: Plan) -> None:
        """Store the pipeline. Its NER is not ready yet."""
        self._plan = plan

    def on_resume(self, progress: Progress) -> None:
        """Restore the checkpoints that the interrupted run has logged."""
        self._checkpoints = [(self._score(row), row.step) for row in progress.history]

    def on_step(self, step: int, epoch: int, loss: float) -> None:  # noqa: ARG002
        """Pass on an update."""
        self._log_step(None)

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Pass on an evaluation."""
        assert self._plan is not None
        score = self._score(evaluation)
        self._checkpoints.append((score, evaluation.step))
        self._log_step(
            {
                "epoch": max(evaluation.epoch - 1, 0),
                "step": evaluation.step,
                "score": score,
                "other_scores": {n: v for n, v in evaluation.metrics.items() if n != "loss"},
                "losses": {self._plan.component: evaluation.loss or 0.0},
                "checkpoints": list(self._checkpoints),
                "seconds": int(evaluation.seconds),
                "words": evaluation.words,
            }
        )

    def finalize(self) -> None:
        """Finalize the logger, also after an error, and also if nothing was logged."""
        started, self._started = self._started, None
        if started is not None:
            _, finalize = started
            finalize()

    def _score(self, evaluation: Evaluation) -> float:
        return evaluation.metrics.get(self._monitor, 0.0)

    def _log_step(self, info: Info | None) -> None:
        if self._started is None:
            assert self._plan is not None
            self._started = self._setup(self._plan)
        log_step, _ = self._started
        log_step(info)

    def _setup(self, plan: Plan) -> tuple[LogStep, Finalize]:
        # A shallow copy with its own config: loggers read settings there, and some store all of it.
        view = copy.copy(plan.nlp)
        config = plan.nlp.config.copy()
        weights = dict.fromkeys(config["training"]["score_weights"])
        config["training"] |= {
            **{name: self._settings[name] for name in ("max_steps", "eval_frequency", "seed")},
            "score_weights": weights | {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0},
        }
        config["pickled_ner"] = self._settings
        view.config = config
        others = [name for name in view.pipe_names if name != plan.component]
        with view.select_pipes(disable=others):
            return self._logger(view, sys.stdout, sys.stderr)


class Listeners(TrainingListener):
    """Passes events to several listeners.

    listeners (Iterable[TrainingListener]): The listeners, in this order.
    """

    def __init__(self, listeners: Iterable[TrainingListener]):
        self._listeners = tuple(listeners)

    def on_start(self, plan: Plan) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.on_start(plan)

    def on_resume(self, progress: Progress) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.on_resume(progress)

    def on_step(self, step: int, epoch: int, loss: float) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.on_step(step, epoch, loss)

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.on_evaluation(evaluation)

    def on_end(self, result: FineTuneResult) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.on_end(result)


def log_artifacts(paths: Iterable[Path]) -> None:
    """Add files to the active MLflow run of this process, if there is one.

    spaCy's logger protocol has no files, so only MLflow is supported.

    paths (Iterable[Path]): The files, e.g. model file and report.
    """
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None and mlflow.active_run() is not None:
        for path in paths:
            mlflow.log_artifact(str(path))
