"""End stock `spacy train` by our policy. Only the logger of spaCy's loop gets the scores.

The loop reports an `Exception` as an abort and raises it again. `SystemExit` only passes through
its `finally`: loggers are finalized, `model-last` is saved, and the exit code is 0.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import IO, Any

import spacy
from spacy.language import Language
from spacy.util import registry
from wasabi.printer import Printer

from .. import model_file
from ..about import META_KEY
from ..container.urls.remote import is_url
from ..early_stopping import EarlyStopping, StopReason
from ..errors import TrainingError
from ..ty import Finalize, Info, Logger, LogStep

CONSOLE = "spacy.ConsoleLogger.v3"


class TrainingStopped(SystemExit):
    """Raised by a policy in `spacy.cli.train.train` and `spacy.training.loop.train`.

    It ends `python -m spacy train` with exit code 0. If you call these functions from Python, catch
    it: everything is on disk by then.

    reason (StopReason): The reason.
    explanation (str): The reason in words and numbers.
    """

    def __init__(self, reason: StopReason, explanation: str):
        self.reason = reason
        self.explanation = explanation
        super().__init__(0)


def early_stopping_logger(
    policy: EarlyStopping,
    *,
    logger: Logger | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Logger:
    """Create a logger for `[training.logger]` that ends the run when a policy decides to stop.

    policy (EarlyStopping): The policy. Each run uses a new one with its settings. It can monitor
        the metrics of `flat_metrics`.
    logger (Optional[Logger]): The logger to wrap; by default spaCy's console logger.
    path (Optional[Union[str, Path]]): Also write the pipeline of the policy's best evaluation to
        this file. Needs `--output`. An existing file is replaced.
    RETURNS (Logger): A setup function, as spaCy's loop calls it.
    """

    def setup(
        nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr
    ) -> tuple[LogStep, Finalize]:
        inner = (logger or registry.get("loggers", CONSOLE)())(nlp, stdout, stderr)
        run = _StockRun(policy.fresh(), nlp.config["training"], stdout, path, *inner)
        return run.log_step, run.finalize

    return setup


@dataclass
class _StockRun:
    """One run of spaCy's loop, from its logger.

    policy (EarlyStopping): A new policy.
    limits (Dict[str, Any]): The config's `[training]`.
    stdout (IO[str]): The stream for the log.
    path (Optional[Union[str, Path]]): See `early_stopping_logger`.
    inner_log_step, inner_finalize: The wrapped logger.
    """

    policy: EarlyStopping
    limits: dict[str, Any]
    stdout: IO[str]
    path: str | os.PathLike[str] | None
    inner_log_step: LogStep
    inner_finalize: Finalize

    steps: int = field(default=0, init=False)
    checkpoints: list[tuple[float, int]] = field(default_factory=list, init=False)
    history: list[dict[str, Any]] = field(default_factory=list, init=False)
    began: float = field(default_factory=time.perf_counter, init=False)

    def log_step(self, info: Info | None) -> None:
        """Log a step, and end the run if the policy decides to stop."""
        self.inner_log_step(info)
        self.steps += 1
        seconds = time.perf_counter() - self.began
        reason = self._judge(info, seconds) if info else self.policy.check_time(seconds)
        if reason is not None:
            raise TrainingStopped(reason, self.policy.explain())

    def finalize(self) -> None:
        """Finalize the logger, and print why the run ended."""
        try:
            self.inner_finalize()
        finally:
            explanation = self._explain()
            msg = Printer(no_print=True)
            if explanation is not None:
                self._write(msg.info(explanation[0].upper() + explanation[1:]))
            if self.path is not None and self.policy.best_step is not None:
                self._add_record(explanation)
                self._write(msg.good(f"Saved the best pipeline to {self.path}"))

    def _judge(self, info: Info, seconds: float) -> StopReason | None:
        if self.path is not None and "output_path" not in info:
            raise TrainingError(
                f"cannot write the best pipeline to {self.path}: spaCy saves no pipeline. "
                "Run `spacy train` with --output, or set path = null"
            )
        step, metrics = info["step"], flat_metrics(info)
        self.checkpoints = info["checkpoints"]
        if step == 0 and self.policy.monitor.endswith("loss"):
            # The sum of a single update, which cannot be compared with later sums.
            return self.policy.check_time(seconds)
        # spaCy counts epochs from 0; its first evaluation is after a single update.
        epoch = info["epoch"] + 1 if step else 0
        reason = self.policy.update(metrics, step=step, epoch=epoch, seconds=seconds)
        # Without speed, so that the same run writes the same bytes.
        values = {n: v if math.isfinite(v) else None for n, v in metrics.items() if n != "speed"}
        row = {"step": step, "epoch": epoch, "improved": self.policy.improved}
        self.history.append(row | values)
        if self.path is not None and self.policy.improved:
            self._save(Path(info["output_path"]), self.path)
        return reason

    def _save(self, folder: Path, path: str | os.PathLike[str]) -> None:
        # From the folder: the weights in memory are not the averages that were scored.
        if not is_url(path):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        model_file.dump(spacy.load(folder), path)

    def _add_record(self, explanation: str | None) -> None:
        """Add to the file how the run ended, which was unknown when it was written."""
        assert self.path is not None
        # Everything that it names was trusted, or it could not have been trained.
        nlp = model_file.load(self.path, trusted=model_file.get_untrusted(self.path))
        policy = self.policy
        nlp.meta[META_KEY] = {
            "stop": {
                "reason": policy.stop_reason and policy.stop_reason.value,
                "explanation": explanation,
                "best_step": policy.best_step,
                "last_step": self.steps - 1,
                "best_score": policy.best_value,
            },
            "settings": {"early_stopping": policy.settings()},
            "history": self.history,
        }
        model_file.dump(nlp, self.path)

    def _explain(self) -> str | None:
        """Return why the run ended; None after an error, which is reported elsewhere."""
        policy = self.policy
        error = sys.exc_info()[1]
        if policy.stop_reason is None and error is not None:
            is_interrupt = isinstance(error, KeyboardInterrupt)
            return policy.explain(StopReason.INTERRUPTED) if is_interrupt else None
        if policy.stop_reason is not None or not self.steps:
            return policy.explain()
        max_steps, patience = self.limits["max_steps"], self.limits["patience"]
        if max_steps and self.steps > max_steps:
            return policy.explain(StopReason.MAX_STEPS)
        best_step = -max((score, -step) for score, step in self.checkpoints)[1]
        if patience and self.steps - 1 - best_step >= patience:
            own = f"stopped by spaCy's own [training] patience = {patience}"
            return f"{own}; our policy: {policy.explain()}"
        return policy.explain(StopReason.MAX_EPOCHS)

    def _write(self, text: str) -> None:
        print(text, file=self.stdout, flush=True)


def flat_metrics(info: Info) -> dict[str, float]:
    """Return the metrics of an evaluation of `spacy train` by flat names, for the policy.

    info (Dict[str, Any]): The info that a logger gets at an evaluated step.
    RETURNS (Dict[str, float]): `score`, spaCy's weighted score; every single score, e.g. `ents_f`
        or `ents_per_type.DRUG.f`; the loss of each component, e.g. `ner_loss`; their sum, `loss`.
    """
    losses = {f"{name}_loss": float(loss) for name, loss in info["losses"].items()}
    scores = dict(_flatten(info["other_scores"]))
    return {**scores, **losses, "score": float(info["score"]), "loss": sum(losses.values())}


def _flatten(scores: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in scores.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, Real):
            yield f"{prefix}{name}", float(value)
