"""Update and evaluate until the policy says stop; keep the best weights in memory.

Unlike `spacy train`, a step updates and evaluates only the NER. It does not call `nlp.update`,
which copies every Doc and drops its cached alignment.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from thinc.api import Optimizer

from ..early_stopping import EarlyStopping, StopReason
from ..errors import TrainingError, UnknownMetricError
from ..ner.data.epochs import Epochs
from ..ner.retention.anchor import Anchor
from ..ner.update import Updates
from ..ner.weights import Snapshot, averaged, clear_gradients
from ..ty import Batcher
from .checkpoint import CheckpointKeeper, RunState
from .listener import TrainingListener
from .progress import Evaluation, Progress

Evaluate = Callable[[], dict[str, float]]


@dataclass
class TrainingLoop:
    """The training loop of one run.

    ner (EntityRecognizer): The component to train.
    epochs (Epochs): Returns the examples of each epoch.
    evaluate (Optional[Callable]): Scores the NER with its current weights; None without dev data.
    baseline (Dict[str, float]): The metrics of the base.
    policy (EarlyStopping): Decides what is best and when to stop.
    optimizer (Optimizer): If it averages weights, the averages are evaluated and kept.
    batcher (Callable): Examples → batches, called once per epoch.
    eval_frequency (int): Updates between evaluations; 0 evaluates at the end of each epoch.
    max_epochs, max_steps (int): Limits; 0 means none.
    checkpoint (Optional[CheckpointKeeper]): Saves and restores the state of the run.
    anchor (Optional[Anchor]): Pulls the weights towards those of the base.
    progress (Progress): Counters and clocks, new; clocks may be running.
    state (RunState): Everything that changes; created when the loop begins.
    """

    ner: EntityRecognizer
    epochs: Epochs
    evaluate: Evaluate | None
    baseline: dict[str, float]
    policy: EarlyStopping
    optimizer: Optimizer
    batcher: Batcher
    dropout: float
    eval_frequency: int
    max_epochs: int
    max_steps: int
    listener: TrainingListener
    checkpoint: CheckpointKeeper | None = None
    anchor: Anchor | None = None
    progress: Progress = field(default_factory=Progress)

    state: RunState = field(init=False)

    def run(self) -> StopReason:
        """Train until there is a reason to stop, then restore the best weights.

        RETURNS (StopReason): Why training stopped. The NER has the weights of the best evaluation,
            or those of the base if none was better.
        """
        self.progress.begin()
        best = Snapshot.take(self.ner.model)
        clear_gradients(self.ner.model)
        updates = Updates(self.ner, self.optimizer, dropout=self.dropout)
        self.state = RunState(self.ner, self.optimizer, self.policy, self.progress, best, updates)
        if self.checkpoint is not None and self.checkpoint.resume(self.state):
            self.listener.on_resume(self.progress)
        else:
            self._evaluate_base()
        try:
            reason = self._train()
        except KeyboardInterrupt:
            reason = StopReason.INTERRUPTED
        finally:
            self.state.best.restore(self.ner.model)
        return reason

    def _train(self) -> StopReason:
        # Close it now, not at garbage collection: a stream holds resources.
        with closing(batches_to_do(self.epochs, self.batcher, self.progress)) as epochs:
            return self._train_on(epochs)

    def _train_on(self, epochs: Iterable[tuple[int, Iterator[list[Example]]]]) -> StopReason:
        progress = self.progress
        for epoch, batches in epochs:
            for batch in batches:
                progress.epoch = epoch
                reason = self._update(batch) or self._evaluate_if_due()
                if reason is None and self.max_steps and progress.step >= self.max_steps:
                    reason = self._finish(StopReason.MAX_STEPS)
                if reason is not None:
                    return reason
                if self.checkpoint is not None:
                    self.checkpoint.save_if_due(self.state)
            if progress.epoch < epoch:
                return self._finish(StopReason.DATA_EXHAUSTED)
            if not self.eval_frequency and progress.pending:
                reason = self._evaluate()
                if reason is not None:
                    return reason
            if self.max_epochs and epoch >= self.max_epochs:
                return self._finish(StopReason.MAX_EPOCHS)
        raise AssertionError("epochs are numbered without end")

    def _update(self, batch: list[Example]) -> StopReason | None:
        progress = self.progress
        with progress.timed("train"):
            progress.loss += self.state.updates.update(batch)
            self.state.updates.step()
            if self.anchor is not None and self.anchor.is_due(progress.step + 1):
                self.state.updates.settle()
                self.anchor.pull()
        progress.words += count_words(batch)
        progress.step += 1
        progress.pending += 1
        self.listener.on_step(progress.step, progress.epoch, progress.loss)
        if not math.isfinite(progress.loss):
            # A non-finite loss needs no evaluation: the policy gets the last scores.
            return self._record(dict(progress.history[-1].metrics) if progress.history else {})
        return None

    def _evaluate_if_due(self) -> StopReason | None:
        limit = self.policy.max_seconds
        out_of_time = limit is not None and self.progress.elapsed() >= limit
        if out_of_time or (self.eval_frequency and self.progress.pending >= self.eval_frequency):
            return self._evaluate()
        return None

    def _finish(self, reason: StopReason) -> StopReason:
        """Evaluate the updates since the last evaluation, before a limit ends the run."""
        if self.progress.pending:
            return self._evaluate() or reason
        return reason

    def _evaluate_base(self) -> None:
        if self.evaluate is None:
            return
        metrics = dict(self.baseline)
        if self.policy.monitor != "loss":
            try:
                self.policy.update(metrics, step=0, epoch=0, seconds=self.progress.elapsed())
            except UnknownMetricError as err:
                # There is a loss, too, after the first update.
                raise UnknownMetricError(err.metric, [*err.available, "loss"]) from None
        row = Evaluation(0, 0, self.progress.elapsed(), None, 0, metrics, self.policy.improved)
        self.progress.history.append(row)
        self.listener.on_evaluation(row)

    def _evaluate(self) -> StopReason | None:
        with self.progress.timed("train"):
            self.state.updates.settle()
        with averaged(self.ner.model, self.optimizer.averages):
            return self._record(self._timed_metrics())

    def _record(self, metrics: dict[str, float]) -> StopReason | None:
        progress = self.progress
        metrics["loss"] = progress.loss
        seconds = progress.elapsed()
        reason = self.policy.update(
            metrics, step=progress.step, epoch=progress.epoch, seconds=seconds
        )
        if self.policy.improved:
            self.state.best = Snapshot.take(self.ner.model)
        row = Evaluation(
            progress.step,
            progress.epoch,
            seconds,
            progress.loss,
            progress.words,
            metrics,
            self.policy.improved,
        )
        progress.history.append(row)
        progress.loss, progress.pending = 0.0, 0
        self.listener.on_evaluation(row)
        return reason

    def _timed_metrics(self) -> dict[str, float]:
        with self.progress.timed("eval"):
            return {} if self.evaluate is None else self.evaluate()


def batches_to_do(
    epochs: Epochs, batcher: Batcher, done: Progress
) -> Generator[tuple[int, Iterator[list[Example]]], None, None]:
    """Yield the batches of each epoch, without those of an earlier process.

    Earlier batches are created again and skipped, so that the batcher and its schedule are in the
        same state.

    done (Progress): The progress when the first epoch begins.
    YIELDS (Tuple[int, Iterator[List[Example]]]): Number and batches of each epoch.
    RAISES (TrainingError): The earlier batches differ from those of the interrupted run.
    """
    first, step, left, words = done.epoch, done.step, done.step, done.words
    for number in itertools.count(1):
        batches = iter(batcher(epochs(number)))
        try:
            for batch in itertools.islice(batches, left):
                left -= 1
                words -= count_words(batch)
            if number < first:
                continue
            if left or words:
                raise TrainingError(
                    f"cannot resume after step {step}: the batches before it differ from those of "
                    "the interrupted run. Data and batcher must be the same in every process"
                )
            yield number, batches
        finally:
            getattr(batches, "close", lambda: None)()


def count_words(batch: Iterable[Example]) -> int:
    """Count the words of a batch."""
    return sum(len(example.predicted) for example in batch)
