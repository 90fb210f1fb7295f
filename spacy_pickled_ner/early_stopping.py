"""When to stop training, and which evaluation was the best one.

A pure state machine: metrics, step, epoch and seconds go in, a `StopReason` or None comes out. It
reads no clock, file or pipeline, so the same numbers always give the same decision. A run resumed
from `state_dict()` decides like a run without interruption. The training loop keeps the weights of
the best evaluation: it copies them whenever `improved` is true.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from numbers import Real
from typing import Any, Literal

from .errors import SettingsError, TrainingError, UnknownMetricError
from .wording import counted


class StopReason(str, Enum):
    """Why a run ended. The training loop sets the last four, the policy sets the others."""

    PATIENCE = "patience"
    TARGET = "target"
    DIVERGED = "diverged"
    NON_FINITE = "non_finite"
    MAX_SECONDS = "max_seconds"
    MAX_EPOCHS = "max_epochs"
    MAX_STEPS = "max_steps"
    DATA_EXHAUSTED = "data_exhausted"
    INTERRUPTED = "interrupted"

    def __str__(self) -> str:
        """Return the value. Python 3.12 changed how f-strings format mixed-in enums."""
        return self.value


def _is_number(value: Any, *, least: float = -math.inf) -> bool:
    # In Python a bool is an int; in a config it is a mistake.
    is_real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_real and math.isfinite(value) and value >= least


def _is_count(value: Any, *, least: int = 0) -> bool:
    return isinstance(value, int) and _is_number(value, least=least)


_Rule = tuple[Callable[[Any], bool], str]
_NAME: _Rule = (lambda v: isinstance(v, str) and v != "", "the name of a metric")
_NUMBER: _Rule = (lambda v: v is None or _is_number(v), "a finite number, or None")
_SIZE: _Rule = (lambda v: v is None or _is_number(v, least=0), "a finite number >= 0, or None")
_ALLOWED: dict[str, _Rule] = {
    "monitor": _NAME,
    "mode": (lambda v: v in ("auto", "max", "min"), "'auto', 'max' or 'min'"),
    "patience": (lambda v: v is None or _is_count(v, least=1), "a whole number >= 1, or None"),
    "patience_unit": (lambda v: v in ("evaluations", "epochs"), "'evaluations' or 'epochs'"),
    "min_delta": (lambda v: _is_number(v, least=0), "a finite number >= 0"),
    "warmup": (_is_count, "a whole number >= 0"),
    "baseline": _NUMBER,
    "target": _NUMBER,
    "divergence": _NUMBER,
    "max_seconds": _SIZE,
    "retention_monitor": _NAME,
    "max_retention_drop": _SIZE,
}


@dataclass(kw_only=True, repr=False)
class EarlyStopping:
    """Decide when to stop training, and which evaluation was the best.

    Any gain makes an evaluation the best one. Patience restarts only on a gain of more than
    `min_delta` over the value at its last restart, so that many small gains count together. A tie
    is not a gain. A non-finite value ends the run and is never the best. If several reasons hold
    at once, the first of non_finite, target, diverged, patience, max_seconds is reported. An
    evaluation before the first update (step 0) is the starting point, and uses no patience.

    monitor (str): The metric to watch, e.g. "ents_f", "ents_per_type.DRUG.f", "loss", "retention".
    mode (str): The better direction: "max", "min", or "auto", which is "min" for a
        metric whose last dotted part ends with "loss", and "max" for others.
    patience (Optional[int]): Stop after this many evaluations (or epochs) without a gain, at least
        1. None for no limit.
    patience_unit (str): The unit of `patience` and `warmup`: "evaluations" or "epochs". An epoch
        can have any number of evaluations.
    min_delta (float): A gain of this size or less does not restart patience.
    warmup (int): Number of first evaluations (or epochs) in which patience and divergence do not
        count. Best, target and non-finite values do.
    baseline (Optional[float]): A gain restarts patience only above this value.
    target (Optional[float]): Stop when the best value reaches this.
    divergence (Optional[float]): Stop when a value is worse than this.
    max_seconds (Optional[float]): Stop after this much training time.
    retention_monitor (str): The metric for retention; more is better.
    max_retention_drop (Optional[float]): The largest allowed loss of retention against the first
        evaluation. An evaluation that loses more is never the best, is not a gain, and does not
        reach the target. In the unit of the metric: spaCy's scores are 0 to 1, so 0.01 is one
        point.
    RAISES (SettingsError): A setting has an invalid value.
    """

    monitor: str = "ents_f"
    mode: Literal["auto", "max", "min"] = "auto"
    patience: int | None = 10
    patience_unit: Literal["evaluations", "epochs"] = "evaluations"
    min_delta: float = 0.0
    warmup: int = 0
    baseline: float | None = None
    target: float | None = None
    divergence: float | None = None
    max_seconds: float | None = None
    retention_monitor: str = "retention"
    max_retention_drop: float | None = None

    # The fields below are state, for reading only.
    improved: bool = field(default=False, init=False)  # the last evaluation is the best so far
    best_value: float | None = field(default=None, init=False)
    best_step: int | None = field(default=None, init=False)
    best_epoch: int | None = field(default=None, init=False)
    stop_reason: StopReason | None = field(default=None, init=False)
    evaluations: int = field(default=0, init=False)
    held_back: int = field(default=0, init=False)  # better evaluations that lost too much retention
    last_value: float | None = field(default=None, init=False)
    last_step: int | None = field(default=None, init=False)
    last_seconds: float = field(default=0.0, init=False)
    non_finite: str | None = field(default=None, init=False)  # e.g. "loss was nan"
    retention_floor: float | None = field(default=None, init=False)
    # A round is an evaluation or epoch, as patience counts; the next gain is measured from the bar.
    rounds: int = field(default=0, init=False)
    reset_round: int = field(default=0, init=False)
    bar: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        for name, (is_allowed, allowed) in _ALLOWED.items():
            if not is_allowed(getattr(self, name)):
                raise SettingsError(name, getattr(self, name), allowed)
        self.bar = self.baseline

    @classmethod
    def seed_rule(cls, patience: int = 3) -> EarlyStopping:
        """Stop after `patience` epochs without a new lowest summed loss (at first 100000)."""
        return cls(monitor="loss", patience=patience, patience_unit="epochs", baseline=100000)

    @property
    def should_stop(self) -> bool:
        """Return True if there is a reason to stop."""
        return self.stop_reason is not None

    @property
    def wait(self) -> int:
        """The patience used so far, in evaluations or epochs."""
        return max(0, self.rounds - max(self.reset_round, self.warmup))

    def update(
        self,
        metrics: Mapping[str, float | None],
        *,
        step: int,
        epoch: int = 0,
        seconds: float = 0.0,
    ) -> StopReason | None:
        """Add an evaluation. After a stop, nothing changes and the reason stays the same.

        metrics (Mapping[str, float]): Values by flat names. None means that a metric is missing. A
            "loss" must be finite, even if another metric is monitored.
        step (int): Updates made so far; 0 is before training.
        epoch (int): The epoch of the evaluation, from 1; 0 is before training.
        seconds (float): Training time so far.
        RETURNS (Optional[StopReason]): The reason to stop, or None to continue.
        RAISES (UnknownMetricError): A monitored metric is missing. The evaluation is not counted.
        """
        if self.stop_reason is not None:
            self.improved = False
            return self.stop_reason
        watched = {self.monitor: _read(metrics, self.monitor)}
        if self.max_retention_drop is not None:
            watched[self.retention_monitor] = _read(metrics, self.retention_monitor)
        if metrics.get("loss") is not None:
            watched["loss"] = _read(metrics, "loss")
        if self.patience_unit == "epochs":
            if step > 0 and epoch < 1:
                raise SettingsError(
                    "epoch",
                    epoch,
                    "the number of the epoch, from 1, because patience counts epochs",
                )
            self.rounds = epoch
        elif step > 0:
            self.rounds += 1
        self.evaluations += 1
        self.last_step, self.last_seconds = step, seconds
        self.stop_reason = self._judge(watched, step, epoch)
        return self.check_time(seconds)

    def _judge(self, watched: Mapping[str, float], step: int, epoch: int) -> StopReason | None:
        self.improved = False
        for name, seen in watched.items():
            if not math.isfinite(seen):
                self.non_finite = f"{name} was {seen}"
                return StopReason.NON_FINITE
        value = self.last_value = watched[self.monitor]
        if self.evaluations == 1 and self.max_retention_drop is not None:
            self.retention_floor = watched[self.retention_monitor] - self.max_retention_drop
        if self._gain(value, over=self.best_value) > 0:
            floor = self.retention_floor
            self.improved = floor is None or watched[self.retention_monitor] >= floor
            self.held_back += not self.improved
        if self.improved:
            self.best_value, self.best_step, self.best_epoch = value, step, epoch
            # Only the best can clear the bar: earlier evaluations are within min_delta of it.
            if self._gain(value, over=self.bar) > self.min_delta:
                self.bar, self.reset_round = value, self.rounds
            if self.target is not None and self._gain(value, over=self.target) >= 0:
                return StopReason.TARGET
        is_warm = self.rounds > self.warmup
        if is_warm and self._gain(value, over=self.divergence) < 0:
            return StopReason.DIVERGED
        if self.patience is not None and self.wait >= self.patience:
            return StopReason.PATIENCE
        return None

    def _gain(self, value: float, *, over: float | None) -> float:
        if over is None:
            return math.inf
        return over - value if self._less_is_better else value - over

    @property
    def _less_is_better(self) -> bool:
        if self.mode == "auto":
            return self.monitor.rsplit(".", 1)[-1].endswith("loss")
        return self.mode == "min"

    def check_time(self, seconds: float) -> StopReason | None:
        """Check between evaluations if the time is over.

        seconds (float): Training time so far.
        RETURNS (Optional[StopReason]): The reason to stop, or None to continue.
        """
        if self.stop_reason is None:
            self.last_seconds = seconds
            if self.max_seconds is not None and seconds >= self.max_seconds:
                self.stop_reason = StopReason.MAX_SECONDS
        return self.stop_reason

    def explain(self, reason: StopReason | None = None, *, at: int | None = None) -> str:
        """Explain in words and numbers why the run ended, or how it stands.

        reason (Optional[StopReason]): The reason, if the training loop ended the run.
        at (Optional[int]): The epoch (for MAX_EPOCHS), else the step, at which the loop ended.
        RETURNS (str): One line, e.g. "stopped by patience: no improvement of ents_f over 65.2 (step
            800) in 5 evaluations". Scores are percentages.
        """
        reason = reason or self.stop_reason
        best = self._say_best()
        why = self._say_why(reason, at)
        if reason is StopReason.INTERRUPTED:
            parts = [why]
        else:
            parts = [f"stopped by {reason}: {why}" if reason else f"not stopped: {why}"]
        if self.best_value is not None and best not in why:
            parts.append(f"best {best}")
        if self.held_back:
            evaluations = counted(self.held_back, "better evaluation")
            floor = _say(self.retention_monitor, self.retention_floor)
            parts.append(f"{evaluations} not kept: {self.retention_monitor} below {floor}")
        return "; ".join(parts)

    def _say_why(self, reason: StopReason | None, at: int | None) -> str:
        in_epochs = self.patience_unit == "epochs"
        now = f"(epoch {self.rounds})" if in_epochs else f"(step {self.last_step})"
        unit = "epoch" if reason is StopReason.MAX_EPOCHS else "step"
        end = "" if at is None else f" ({unit} {at})"
        waited = counted(self.wait, "epoch" if in_epochs else "evaluation")
        value = f"{self.monitor} was {self._say(self.last_value)} {now}"
        seconds = f"{_plain(self.last_seconds)} seconds passed, limit {_plain(self.max_seconds)}"
        return {
            None: f"no improvement in {waited}",
            StopReason.PATIENCE: f"{self._say_gain()} in {waited}",
            StopReason.TARGET: f"{value}, target {self._say(self.target)}",
            StopReason.DIVERGED: f"{value}, limit {self._say(self.divergence)}",
            StopReason.NON_FINITE: f"{self.non_finite} {now}",
            StopReason.MAX_SECONDS: seconds,
            StopReason.MAX_EPOCHS: f"maximum number of epochs reached{end}",
            StopReason.MAX_STEPS: f"maximum number of steps reached{end}",
            StopReason.DATA_EXHAUSTED: f"end of the training data reached{end}",
            StopReason.INTERRUPTED: f"interrupted{end}",
        }[reason]

    def _say_gain(self) -> str:
        """Say which gain was missing, e.g. "no improvement of ents_f over 65.2 (step 800)"."""
        bar = self._say_best() if self.bar == self.best_value else self._say(self.bar)
        if self.bar == self.baseline:
            bar = f"the baseline {bar}"
        by = ""
        if self.min_delta:
            points = 100 * self.min_delta if _is_score(self.monitor) else self.min_delta
            by = f" by more than {_plain(points)}"
        return f"no improvement of {self.monitor}{by} over {bar}"

    def _say_best(self) -> str:
        in_epochs = self.patience_unit == "epochs"
        where = f"epoch {self.best_epoch}" if in_epochs else f"step {self.best_step}"
        return f"{self._say(self.best_value)} ({where})"

    def _say(self, value: float | None) -> str:
        return _say(self.monitor, value)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of an equal policy: `EarlyStopping(**policy.settings())`."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    def fresh(self) -> EarlyStopping:
        """Return a new policy with the same settings."""
        return EarlyStopping(**self.settings())

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain JSON. All its numbers are finite."""
        state = {f.name: getattr(self, f.name) for f in fields(self) if not f.init}
        return {**state, "stop_reason": self.stop_reason and self.stop_reason.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state of a policy with the same settings.

        state (Mapping[str, Any]): From `state_dict()`, also after a round trip through JSON.
        RAISES (TrainingError): It is not such a state. The policy does not change.
        """
        odd = {f.name for f in fields(self) if not f.init} ^ set(state)
        if not odd and state["stop_reason"] not in (None, *StopReason):
            odd = {"stop_reason"}
        if odd:
            names = ", ".join(sorted(odd))
            raise TrainingError(
                "cannot resume early stopping: the saved state is damaged or from another version: "
                f"{names}"
            )
        reason = state["stop_reason"]
        vars(self).update(state, stop_reason=reason and StopReason(reason))

    def __repr__(self) -> str:
        """Return the call that creates an equal new policy, without defaults."""
        changed = [f for f in fields(self) if f.init and getattr(self, f.name) != f.default]
        return f"EarlyStopping({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in changed)})"


def _read(metrics: Mapping[str, float | None], name: str) -> float:
    value: object = metrics.get(name)
    if not isinstance(value, Real):
        raise UnknownMetricError(name, [n for n, v in metrics.items() if v is not None])
    return float(value)


def _is_score(name: str) -> bool:
    """Return True for metrics from 0 to 1, by spaCy's names: `ents_f`, `tag_acc`, `retention` …"""
    return re.search(r"(?:^|[_.])(?:p|r|f|acc|auc|las|uas|score|retention)$", name) is not None


def _say(name: str, value: float | None) -> str:
    """Format a metric: scores as percentages, others as plain numbers."""
    if value is not None and _is_score(name) and abs(value) <= 1:
        return f"{100 * value:.1f}"
    return _plain(value)


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
