"""The progress of a run: history, counters and clocks, as plain data."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Evaluation:
    """One row of the history.

    step (int): Updates so far; 0 is the base.
    epoch (int): Epoch of the last update, from 1; 0 is the base.
    seconds (float): Time since the loop began.
    loss (Optional[float]): Summed loss since the last evaluation; None for the base.
    words (int): Words trained on so far.
    metrics (Dict[str, float]): All metrics, flat; see `EntityScores.metrics`.
    improved (bool): True if it is the best so far.
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
class Progress:
    """What changes during a run, besides weights, optimizer and policy.

    step (int): Updates so far.
    epoch (int): The epoch of the last update, from 1.
    words (int): Words trained on so far.
    loss (float): Summed loss since the last evaluation.
    pending (int): Updates since the last evaluation.
    seconds (Dict[str, float]): Time so far, by activity; `total` is the time of earlier
        processes, if the run was interrupted.
    history (List[Evaluation]): One row per evaluation.
    """

    step: int = 0
    epoch: int = 0
    words: int = 0
    loss: float = 0.0
    pending: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    history: list[Evaluation] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter, init=False)

    def begin(self) -> None:
        """Start the training clock."""
        self._began = time.perf_counter()

    def elapsed(self) -> float:
        """Seconds since training began, without interruptions."""
        return self.seconds.get("total", 0.0) + time.perf_counter() - self._began

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Measure the time of a block.

        kind (str): The activity, e.g. "train".
        """
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.perf_counter() - began

    def timing(self, began: float) -> dict[str, float]:
        """Return the time by activity, for the metrics file.

        began (float): When this process began the run, by `time.perf_counter`.
        RETURNS (Dict[str, float]): Seconds of reading base and data, preparing the NER, updates,
            evaluations, checkpoints, and in total, including earlier processes of the run; and
            words per second of updates.
        """
        kinds = ("read", "prepare", "train", "eval", "checkpoint")
        timing = {f"{kind}_s": round(self.seconds.get(kind, 0.0), 3) for kind in kinds}
        total_s = self.seconds.get("total", 0.0) + time.perf_counter() - began
        words_per_second = self.words / max(self.seconds.get("train", 0.0), 1e-9)
        return {
            **timing,
            "total_s": round(total_s, 3),
            "words_per_second": round(words_per_second, 1),
        }

    def state_dict(self) -> dict[str, Any]:
        """The progress as plain JSON."""
        state = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        state["seconds"] = {**self.seconds, "total": self.elapsed()}
        state["history"] = [vars(row) for row in self.history]
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the progress of another process.

        state (Mapping[str, Any]): Its `state_dict()`, also after a round trip through JSON.
        RAISES (KeyError, TypeError): It is not such a state.
        """
        values = {f.name: state[f.name] for f in fields(self) if f.init}
        values["seconds"] = dict(values["seconds"])
        values["history"] = [Evaluation(**row) for row in values["history"]]
        for kind, seconds in self.seconds.items():
            # Add the time that this process has spent on getting ready.
            values["seconds"][kind] = values["seconds"].get(kind, 0.0) + seconds
        vars(self).update(values)
