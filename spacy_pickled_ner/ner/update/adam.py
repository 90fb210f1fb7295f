"""Adam's step on all parameters of a model, with the state and the arithmetic of thinc's optimizer.

thinc passes over every parameter many times. Here, all arithmetic of a block is done while it is in
the processor's cache. Of embedding tables, only the rows with a gradient are updated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from thinc.api import Optimizer

from .structure import Array, Layer, is_on_cpu
from .tables import Table
from .waiting import Waiting

BLOCK = 16_384
# The second momentum fades slower than the first by at least this factor; see `waiting.py`.
SLOWNESS = 0.011
# All rows are brought up to date after this many steps.
LIMIT = 64

Key = tuple[int, str]


def can_step(model: Layer, optimizer: Optimizer) -> bool:
    """Return True if `FastAdam` supports an optimizer and the parameters."""
    return (
        type(optimizer) is Optimizer
        and not optimizer.use_radam
        and 0 < optimizer.b1 < 1
        and 0 < 1 - optimizer.b2 <= SLOWNESS * (1 - optimizer.b1)
        and (not optimizer.L2 or optimizer.L2_is_weight_decay)
        and not optimizer.schedules.keys() & {"b1", "b2", "eps"}
        and is_on_cpu(model)
    )


@dataclass(frozen=True)
class Rates:
    """The numbers of one step.

    rate (float): Learning rate, corrected for the start.
    decay (float): What the weights are multiplied with after the step.
    keep (float): What the average is multiplied with.
    """

    rate: float
    decay: float
    keep: float

    @classmethod
    def of(cls, optimizer: Optimizer, step: int) -> Rates:
        """Read them from an optimizer, for a step from 1 on."""
        start1, start2 = 1 - optimizer.b1**step, 1 - optimizer.b2**step
        return cls(
            rate=optimizer.learn_rate * start2**0.5 / start1,
            decay=1 - optimizer.learn_rate * optimizer.L2,
            keep=min((1 + step) / (10 + step), 0.9999),
        )


class FastAdam:
    """Steps of a plain Adam on one model.

    model (Model): The model; not for a GPU.
    tables (Sequence[Table]): Its embedding tables that keep their gradients themselves.
    optimizer (Optimizer): Stores momenta, averages and counts, as for its own steps. Those of
        the tables, and the tables, are up to date after `settle`.
    """

    def __init__(self, model: Layer, tables: Sequence[Table], optimizer: Optimizer):
        self.model, self.optimizer = model, optimizer
        self._waiting = Waiting(LIMIT)
        self._rows = [RowState(table, optimizer, self._waiting) for table in tables]
        self._buffer = numpy.empty(BLOCK, dtype=numpy.float32)
        self.list_params()

    def list_params(self) -> None:
        """List the other parameters. Call this again after replacing layers of the model."""
        keys = {rows.key for rows in self._rows}
        self._params = [
            (node, name)
            for node in self.model.walk()
            for name in node.param_names
            if (node.id, name) not in keys
        ]

    def step(self) -> None:
        """Update the weights and clear the gradients."""
        optimizer = self.optimizer
        for node, name in self._params:
            if node.has_grad(name):
                key, weights = (node.id, name), node.get_param(name)
                optimizer.nr_update[key] += 1
                rates = Rates.of(optimizer, optimizer.nr_update[key])
                self._update(
                    rates, weights, node.get_grad(name), *state_of(optimizer, key, weights)
                )
        self._step_tables()

    def settle(self) -> None:
        """Bring all rows of the tables up to date."""
        if not self.is_settled:
            for rows in self._rows:
                rows.catch_up_all()
            self._waiting.reset()

    @property
    def is_settled(self) -> bool:
        """Return True if no row waits."""
        return self._waiting.now == 0

    def waiting(self) -> dict[str, Array]:
        """Return the state of the waiting rows."""
        rows = {str(number): rows.since for number, rows in enumerate(self._rows)}
        return {"factors": self._waiting.factors, **rows}

    def restore_waiting(self, state: Mapping[str, Array]) -> None:
        """Restore the state of the waiting rows."""
        self._waiting.restore(state["factors"])
        for number, rows in enumerate(self._rows):
            rows.since[:] = state[str(number)]

    def _step_tables(self) -> None:
        optimizer = self.optimizer
        gradients = [rows.table.take_gradient() for rows in self._rows]
        has_begun = any(optimizer.nr_update.get(rows.key) for rows in self._rows)
        if not has_begun and not any(gradients):
            return
        for rows in self._rows:
            optimizer.nr_update[rows.key] += 1
        rates = Rates.of(optimizer, optimizer.nr_update[self._rows[0].key])
        self._waiting.advance(
            b1=optimizer.b1,
            b2=optimizer.b2,
            eps=optimizer.eps,
            rate=rates.rate,
            decay=rates.decay,
            keep=rates.keep,
        )
        for rows, gradient in zip(self._rows, gradients, strict=True):
            if gradient is not None:
                state = rows.take(gradient[0])
                self._update(rates, state[0], gradient[1], *state[1:])
                rows.put(gradient[0], state)
        if self._waiting.now == LIMIT:
            self.settle()

    def _update(
        self,
        rates: Rates,
        weights: Array,
        gradient: Array,
        mom1: Array,
        mom2: Array,
        average: Array | None,
    ) -> None:
        """Update some weights in place, and set their gradient to zero."""
        optimizer, arrays = self.optimizer, (weights, gradient, mom1, mom2)
        w, g, m1, m2 = (array.reshape(-1) for array in arrays)
        averages = None if average is None else average.reshape(-1)
        clip = numpy.float32(clip_factor(g, optimizer.grad_clip))
        b1, b2 = numpy.float32(optimizer.b1), numpy.float32(optimizer.b2)
        by1, by2 = (1 - b1) * clip, (1 - b2) * clip * clip
        eps, rate = numpy.float32(optimizer.eps), numpy.float32(rates.rate)
        decay, keep = numpy.float32(rates.decay), numpy.float32(rates.keep)
        take = numpy.float32(1 - rates.keep)
        for start in range(0, w.size, BLOCK):
            part = slice(start, start + BLOCK)
            w_, g_, m1_, m2_ = w[part], g[part], m1[part], m2[part]
            buffer = self._buffer[: w_.size]
            m1_ *= b1
            m1_ += numpy.multiply(g_, by1, out=buffer)
            m2_ *= b2
            numpy.multiply(g_, g_, out=buffer)
            buffer *= by2
            m2_ += buffer
            numpy.sqrt(m2_, out=buffer)
            buffer += eps
            numpy.divide(m1_, buffer, out=buffer)
            buffer *= rate
            w_ -= buffer
            w_ *= decay
            if averages is not None:
                average_ = averages[part]
                average_ *= keep
                average_ += numpy.multiply(w_, take, out=buffer)
            g_.fill(0)


class RowState:
    """The rows of one table, with their momenta, average and waiting time."""

    def __init__(self, table: Table, optimizer: Optimizer, waiting: Waiting):
        self.table, self.optimizer, self.waiting = table, optimizer, waiting
        self.key: Key = (table.node.id, "E")
        self.since = numpy.zeros(len(table.node.get_param("E")), dtype=numpy.int64)
        table.before_read = self.catch_up

    def take(self, rows: Any) -> list[Any]:
        """Copy rows of weights, momenta and average (or None)."""
        # Here and elsewhere: `take` is several times faster than indexing.
        return [None if array is None else array.take(rows, axis=0) for array in self._arrays()]

    def put(self, rows: Any, state: Sequence[Any]) -> None:
        """Write rows back; they are then up to date."""
        for array, values in zip(self._arrays(), state, strict=True):
            if array is not None:
                array[rows] = values
        self.since[rows] = self.waiting.now

    def catch_up(self, rows: Array) -> None:
        """Bring rows up to date."""
        rows = rows[self.since[rows] < self.waiting.now]
        if len(rows):
            state = self.take(rows)
            self.waiting.catch_up(self.since[rows], self.optimizer.eps, *state)
            self.put(rows, state)

    def catch_up_all(self) -> None:
        """Bring all rows up to date, before `Waiting.reset`."""
        for rows in numpy.array_split(numpy.arange(len(self.since)), len(self.since) // 512 + 1):
            self.catch_up(rows)
        self.since[:] = 0

    def _arrays(self) -> tuple[Any, ...]:
        table = self.table.node.get_param("E")
        mom1, mom2, average = state_of(self.optimizer, self.key, table)
        return table, mom1.reshape(table.shape), mom2.reshape(table.shape), average


def state_of(optimizer: Any, key: Key, weights: Array) -> tuple[Any, Any, Any]:
    """Get or create an optimizer's momenta (1-d) and average (or None) of a parameter."""
    for momenta in (optimizer.mom1, optimizer.mom2):
        if key not in momenta:
            momenta[key] = numpy.zeros(weights.size, dtype=weights.dtype)
    averages = optimizer.averages
    if averages is not None and key not in averages:
        averages[key] = numpy.zeros_like(weights)
    average = None if averages is None else averages[key]
    return optimizer.mom1[key], optimizer.mom2[key], average


def clip_factor(gradient: Array, limit: float) -> float:
    """Return the factor for a gradient (1-d) that limits its norm."""
    norm = float(numpy.sqrt(gradient @ gradient)) if limit else 0.0
    return limit / norm if norm >= limit > 0 else 1.0
