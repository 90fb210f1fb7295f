"""Update and evaluate until the policy says stop; keep the best weights in memory.

Differs from `spacy train` in what it does per step: only the NER is updated, without `nlp.update`
(which copies every Doc each time and throws the cached alignment away), and only the NER is
evaluated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from thinc.api import Optimizer

from ..early_stopping import EarlyStopping, StopReason
from ..errors import UnknownMetricError
from .epochs import Epochs
from .listener import TrainingListener
from .ner_update import Update, make_update
from .weights import Snapshot, averaged

Batcher = Callable[[Iterable[Example]], Iterable[list[Example]]]
Evaluate = Callable[[], dict[str, float]]


@dataclass(frozen=True)
class Evaluation:
    """One row of the history.

    step (int): Updates so far; 0 is the base.
    epoch (int): 1-based epoch the last update belonged to; 0 is the base.
    seconds (float): Since the loop began.
    loss (Optional[float]): Summed loss since the last evaluation; None for the base.
    words (int): Words in updates so far.
    metrics (Dict[str, float]): All metrics, flat; see `EntityScores.metrics`.
    improved (bool): It is the best so far.
    """

    step: int
    epoch: int
    seconds: float
    loss: float | None
    words: int
    metrics: dict[str, float]
    improved: bool

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data, for the metrics file."""
        row: dict[str, Any] = {
            "step": self.step,
            "epoch": self.epoch,
            "seconds": round(self.seconds, 3),
            "loss": self.loss,
            "words": self.words,
            "improved": self.improved,
        }
        return row | {name: value for name, value in self.metrics.items() if name != "loss"}


@dataclass
class TrainingLoop:
    """One run: settings, and the state that changes while it runs.

    ner (EntityRecognizer): The component to train.
    epochs (Epochs): Gives the examples of each epoch.
    evaluate (Optional[Callable]): Scores the NER as it stands; None if there is no dev data.
    policy (EarlyStopping): Decides what is best and when to stop.
    optimizer (Optimizer): Its averages, if it keeps any, are what is evaluated and kept.
    batcher (Callable): Examples → batches, called once per epoch.
    eval_frequency (int): Updates between evaluations; 0 evaluates at the end of each epoch.
    max_epochs, max_steps (int): Limits; 0 means none.
    """

    ner: EntityRecognizer
    epochs: Epochs
    evaluate: Evaluate | None
    policy: EarlyStopping
    optimizer: Optimizer
    batcher: Batcher
    dropout: float
    eval_frequency: int
    max_epochs: int
    max_steps: int
    listener: TrainingListener

    history: list[Evaluation] = field(default_factory=list, init=False)
    train_seconds: float = field(default=0.0, init=False)
    eval_seconds: float = field(default=0.0, init=False)
    words: int = field(default=0, init=False)
    step: int = field(default=0, init=False)
    epoch: int = field(default=0, init=False)
    _loss: float = field(default=0.0, init=False)
    _pending: int = field(default=0, init=False)
    _best: Snapshot = field(init=False)
    _began: float = field(default=0.0, init=False)
    _update_ner: Update = field(init=False)

    def run(self) -> StopReason:
        """Train until something says stop, then put the best weights back.

        RETURNS (StopReason): Why it stopped. The NER holds the best evaluation's weights; the
            base's own if nothing was better.
        """
        self._began = time.perf_counter()
        self._update_ner = make_update(self.ner, dropout=self.dropout)
        self._best = Snapshot.take(self.ner.model)
        self._evaluate_base()
        try:
            reason = self._train()
        except KeyboardInterrupt:
            reason = StopReason.INTERRUPTED
        finally:
            self._best.restore(self.ner.model)
        return reason

    def timing(self) -> dict[str, float]:
        """Where the time went: seconds of updates and evaluations, words per second of updates."""
        return {
            "train_s": round(self.train_seconds, 3),
            "eval_s": round(self.eval_seconds, 3),
            "words_per_second": round(self.words / max(self.train_seconds, 1e-9), 1),
        }

    def _train(self) -> StopReason:
        while True:
            first_step = self.step
            self.epoch += 1
            for batch in self.batcher(self.epochs(self.epoch)):
                reason = self._update(batch) or self._evaluate_if_due()
                if reason is None and self.max_steps and self.step >= self.max_steps:
                    reason = self._finish(StopReason.MAX_STEPS)
                if reason is not None:
                    return reason
            if self.step == first_step:
                self.epoch -= 1
                return self._finish(StopReason.DATA_EXHAUSTED)
            if not self.eval_frequency and self._pending:
                reason = self._evaluate()
                if reason is not None:
                    return reason
            if self.max_epochs and self.epoch >= self.max_epochs:
                return self._finish(StopReason.MAX_EPOCHS)

    def _update(self, batch: list[Example]) -> StopReason | None:
        began = time.perf_counter()
        self._loss += self._update_ner(batch)
        self.ner.finish_update(self.optimizer)
        self.optimizer.step_schedules()
        self.words += sum(len(example.predicted) for example in batch)
        self.step += 1
        self._pending += 1
        self.train_seconds += time.perf_counter() - began
        self.listener.on_step(self.step, self.epoch, self._loss)
        if not math.isfinite(self._loss):
            # Broken weights need no evaluation: the last scores stand in for the policy's sake.
            return self._record(dict(self.history[-1].metrics) if self.history else {})
        return None

    def _evaluate_if_due(self) -> StopReason | None:
        limit = self.policy.max_seconds
        out_of_time = limit is not None and self._seconds() >= limit
        if out_of_time or (self.eval_frequency and self._pending >= self.eval_frequency):
            return self._evaluate()
        return None

    def _finish(self, reason: StopReason) -> StopReason:
        """Give the updates since the last evaluation their chance before a limit ends the run."""
        if self._pending:
            return self._evaluate() or reason
        return reason

    def _evaluate_base(self) -> None:
        if self.evaluate is None:
            return
        metrics = self._timed_metrics()
        if self.policy.monitor != "loss":
            try:
                self.policy.update(metrics, step=0, epoch=0, seconds=self._seconds())
            except UnknownMetricError as err:
                # There is a loss too, from the first update on.
                raise UnknownMetricError(err.metric, [*err.available, "loss"]) from None
        row = Evaluation(0, 0, self._seconds(), None, 0, metrics, self.policy.improved)
        self.history.append(row)
        self.listener.on_evaluation(row)

    def _evaluate(self) -> StopReason | None:
        with averaged(self.ner.model, self.optimizer.averages):
            return self._record(self._timed_metrics())

    def _record(self, metrics: dict[str, float]) -> StopReason | None:
        metrics["loss"] = self._loss
        reason = self.policy.update(
            metrics, step=self.step, epoch=self.epoch, seconds=self._seconds()
        )
        if self.policy.improved:
            self._best = Snapshot.take(self.ner.model)
        row = Evaluation(
            self.step,
            self.epoch,
            self._seconds(),
            self._loss,
            self.words,
            metrics,
            self.policy.improved,
        )
        self.history.append(row)
        self._loss, self._pending = 0.0, 0
        self.listener.on_evaluation(row)
        return reason

    def _timed_metrics(self) -> dict[str, float]:
        began = time.perf_counter()
        metrics = {} if self.evaluate is None else self.evaluate()
        self.eval_seconds += time.perf_counter() - began
        return metrics

    def _seconds(self) -> float:
        return time.perf_counter() - self._began
