"""When to stop training, and which evaluation was the best one.

A pure state machine: metrics, step, epoch and seconds go in, a `StopReason` or None comes out. It
reads no clock, no file and no pipeline, so the same numbers always give the same decision, and a
run resumed from `state_dict()` decides as one that was never stopped. Keeping the weights of the
best evaluation is the loop's part: it takes them whenever `improved` is true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from numbers import Real
from typing import Any, Literal

from .errors import SettingsError, TrainingError, UnknownMetricError


class StopReason(str, Enum):
    """Why a run ended. The last four are for the training loop to find, the others for a policy."""

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
        """The same on every Python: 3.12 changed what an f-string makes of a mixed-in enum."""
        return self.value


def _is_number(value: Any, *, least: float = -math.inf) -> bool:
    # To Python a bool is an int; in a config it is a slip.
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
    """Stop training when it no longer pays, and say which evaluation was best and why it ended.

    "Best" moves on any strict gain. Patience starts anew only on a gain of more than `min_delta`
    over the value at its last start, so that many small gains in a row do count. Ties do neither.
    A non-finite value ends the run and is never a best. Where several reasons hold at once, the
    first of non_finite, target, diverged, patience, max_seconds is given. An evaluation before
    the first update (step 0) is where the run starts from, and uses no patience.

    monitor (str): The metric to watch, e.g. "ents_f", "ents_per_type.DRUG.f", "loss", "retention".
    mode (str): Whether more or less is better: "max", "min", or "auto", which is "min" for a
        metric whose last dotted part ends with "loss" and "max" for all others.
    patience (Optional[int]): Stop after this many evaluations (or epochs) without a gain, at least
        1. None for no limit.
    patience_unit (str): What `patience` and `warmup` count: "evaluations", or "epochs", of which
        each may hold any number of evaluations.
    min_delta (float): A gain of this size or less does not restore patience.
    warmup (int): In the first so many evaluations (or epochs) neither patience nor divergence
        counts. Best, target and non-finite values do.
    baseline (Optional[float]): What must be beaten before a gain restores patience.
    target (Optional[float]): Stop at a best as good as this.
    divergence (Optional[float]): Stop at a value worse than this.
    max_seconds (Optional[float]): Stop once this much training time has passed.
    retention_monitor (str): The metric, more being better, that says how much is still known.
    max_retention_drop (Optional[float]): An evaluation whose retention is lower than that of the
        first by more than this is not a best: nor a gain, nor the target reached. In the metric's
        own unit: spaCy's scores run from 0 to 1, so 0.01 is one point.
    RAISES (SettingsError): A setting has a value that makes no sense.
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

    # Everything below is state: what was seen so far, for reading only.
    improved: bool = field(default=False, init=False)  # the last evaluation is the best one
    best_value: float | None = field(default=None, init=False)
    best_step: int | None = field(default=None, init=False)
    best_epoch: int | None = field(default=None, init=False)
    stop_reason: StopReason | None = field(default=None, init=False)
    evaluations: int = field(default=0, init=False)
    held_back: int = field(default=0, init=False)  # evaluations that lost too much retention
    last_value: float | None = field(default=None, init=False)
    last_step: int | None = field(default=None, init=False)
    last_seconds: float = field(default=0.0, init=False)
    non_finite: str | None = field(default=None, init=False)  # e.g. "loss was nan"
    retention_floor: float | None = field(default=None, init=False)
    # A round is what patience counts, and the bar is what the next gain is measured from.
    rounds: int = field(default=0, init=False)
    reset_round: int = field(default=0, init=False)
    bar: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Check the settings, and let the bar start from the baseline."""
        for name, (is_allowed, allowed) in _ALLOWED.items():
            if not is_allowed(getattr(self, name)):
                raise SettingsError(name, getattr(self, name), allowed)
        self.bar = self.baseline

    @classmethod
    def seed_rule(cls, patience: int = 3) -> EarlyStopping:
        """Stop when no epoch's summed loss in `patience` is below the lowest, at first 100000."""
        return cls(monitor="loss", patience=patience, patience_unit="epochs", baseline=100000)

    @property
    def should_stop(self) -> bool:
        """Whether there is a reason to stop."""
        return self.stop_reason is not None

    @property
    def wait(self) -> int:
        """How much of the patience is used up, in evaluations or epochs."""
        return max(0, self.rounds - max(self.reset_round, self.warmup))

    def update(
        self,
        metrics: Mapping[str, float | None],
        *,
        step: int,
        epoch: int = 0,
        seconds: float = 0.0,
    ) -> StopReason | None:
        """Take in one evaluation. After a stop this changes nothing: the reason stays the same.

        metrics (Mapping[str, float]): Flat names to values; None is as if the name were missing.
            A "loss" among them must be finite even where another metric is monitored.
        step (int): Updates made so far; 0 is before training.
        epoch (int): The epoch the evaluation belongs to, from 1; 0 is before training.
        seconds (float): Training time so far.
        RETURNS (Optional[StopReason]): Why to stop now, or None to go on.
        RAISES (UnknownMetricError): A metric to watch is not there. The evaluation is not counted.
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
                raise SettingsError("epoch", epoch, "its number, from 1, to count patience in")
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
            # Only a best can clear the bar: all earlier ones are within min_delta of it.
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
        """Ask between evaluations whether the time is up.

        seconds (float): Training time so far.
        RETURNS (Optional[StopReason]): Why to stop now, or None to go on.
        """
        if self.stop_reason is None:
            self.last_seconds = seconds
            if self.max_seconds is not None and seconds >= self.max_seconds:
                self.stop_reason = StopReason.MAX_SECONDS
        return self.stop_reason

    def explain(self, reason: StopReason | None = None, *, at: int | None = None) -> str:
        """Say in words and numbers why the run ended, or how it stands.

        reason (Optional[StopReason]): What ended the run, where that was the training loop.
        at (Optional[int]): At which epoch (for MAX_EPOCHS), else at which step, the loop ended.
        RETURNS (str): One line, e.g. "stopped by patience: ents_f did not rise over the best 0.652
            (step 800) in 5 evaluations".
        """
        reason = reason or self.stop_reason
        in_epochs = self.patience_unit == "epochs"
        seen_at = f"(epoch {self.rounds})" if in_epochs else f"(step {self.last_step})"
        unit = "epoch" if reason is StopReason.MAX_EPOCHS else "step"
        ended_at = "" if at is None else f" ({unit} {at})"
        best_at = f"(epoch {self.best_epoch})" if in_epochs else f"(step {self.best_step})"
        best = f"the best {_say(self.best_value)} {best_at}"
        bar = best if self.bar == self.best_value else _say(self.bar)
        if self.bar == self.baseline:
            bar = f"the baseline {bar}"
        rise, over = ("fall", "below") if self._less_is_better else ("rise", "over")
        by = f" by more than {_say(self.min_delta)}" if self.min_delta else ""
        waited = f"{self.wait} {'epoch' if in_epochs else 'evaluation'}{'s' * (self.wait != 1)}"
        value = f"{self.monitor} was {_say(self.last_value)} {seen_at}"
        said = {
            None: f"{waited} without a gain",
            StopReason.PATIENCE: f"{self.monitor} did not {rise}{by} {over} {bar} in {waited}",
            StopReason.TARGET: f"{value}, the target is {_say(self.target)}",
            StopReason.DIVERGED: f"{value}, worse than {_say(self.divergence)}",
            StopReason.NON_FINITE: f"{self.non_finite} {seen_at}",
            StopReason.MAX_SECONDS: f"{_say(self.last_seconds)} seconds have passed, "
            f"{_say(self.max_seconds)} were allowed",
            StopReason.MAX_EPOCHS: f"the last epoch allowed is done{ended_at}",
            StopReason.MAX_STEPS: f"the last step allowed is done{ended_at}",
            StopReason.DATA_EXHAUSTED: f"the training data has come to its end{ended_at}",
            StopReason.INTERRUPTED: f"interrupted before there was a reason to stop{ended_at}",
        }[reason]
        parts = [f"stopped by {reason}: {said}" if reason else f"not stopped: {said}"]
        if reason is StopReason.INTERRUPTED:
            parts = [said]
        if self.best_value is not None and best not in said:
            parts.append(best)
        if self.held_back:
            floor = f"{self.retention_monitor} below {_say(self.retention_floor)}"
            parts.append(f"{self.held_back} better held back, having {floor}")
        return "; ".join(parts)

    def settings(self) -> dict[str, Any]:
        """The arguments that make an equal policy: `EarlyStopping(**policy.settings())`."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    def fresh(self) -> EarlyStopping:
        """A policy of the same settings that has seen nothing."""
        return EarlyStopping(**self.settings())

    def state_dict(self) -> dict[str, Any]:
        """What was seen so far, as plain JSON; no number in it is ever non-finite."""
        state = {f.name: getattr(self, f.name) for f in fields(self) if not f.init}
        return {**state, "stop_reason": self.stop_reason and self.stop_reason.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a policy with the same settings was.

        state (Mapping[str, Any]): Its `state_dict()`, also after a round trip through JSON.
        RAISES (TrainingError): It is not such a state. Nothing is changed.
        """
        odd = {f.name for f in fields(self) if not f.init} ^ set(state)
        if not odd and state["stop_reason"] not in (None, *StopReason):
            odd = {"stop_reason"}
        if odd:
            said = f"of another version, or damaged, in {', '.join(sorted(odd))}"
            raise TrainingError(f"cannot resume early stopping: the state saved is {said}")
        reason = state["stop_reason"]
        vars(self).update(state, stop_reason=reason and StopReason(reason))

    def __repr__(self) -> str:
        """The call that makes an equal fresh policy; defaults are left out."""
        changed = [f for f in fields(self) if f.init and getattr(self, f.name) != f.default]
        return f"EarlyStopping({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in changed)})"


def _read(metrics: Mapping[str, float | None], name: str) -> float:
    value: object = metrics.get(name)
    if not isinstance(value, Real):
        raise UnknownMetricError(name, [n for n, v in metrics.items() if v is not None])
    return float(value)


def _say(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
