"""Embedding tables of which a batch reads and updates only some rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy

from .structure import Array, Layer

RowGradient = tuple[Array, Array]


class Table:
    """The table of one hash embedding.

    node (Model): The layer, with the parameter "E": (rows, width).
    """

    def __init__(self, node: Layer):
        self.node = node
        self.before_read: Callable[[Array], None] | None = None
        self._gradient: RowGradient | None = None

    def look_up(self, rows: Array) -> Array:
        """Sum rows of the table.

        rows (Ints2d): (tokens, hashes) int32.
        RETURNS (Floats2d): (tokens, width).
        """
        if self.before_read is not None:
            self.before_read(self._distinct(rows))
        summed: Array = self.node.ops.gather_add(self.node.get_param("E"), rows)
        return summed

    def add_gradient(self, rows: Array, d_summed: Array) -> None:
        """Add the gradient for the rows of a `look_up`."""
        distinct = self._distinct(rows)
        gradient = self._sum_by_row(distinct, rows, d_summed)
        if self._gradient is not None:
            # A second batch before the optimizer's step.
            earlier, d_earlier = self._gradient
            rows = numpy.concatenate([earlier, distinct])[:, None]
            distinct = self._distinct(rows)
            gradient = self._sum_by_row(distinct, rows, numpy.vstack([d_earlier, gradient]))
        self._gradient = distinct, gradient

    def collect_gradient(self) -> None:
        """Take over the gradient that `ner.update` has left in the model."""
        if self.node.has_grad("E"):
            d_table = self.node.get_grad("E")
            rows = numpy.flatnonzero(d_table.any(axis=1))
            self.add_gradient(rows[:, None], d_table[rows])
            d_table[rows] = 0

    def take_gradient(self) -> RowGradient | None:
        """Return and clear the gradient: ascending rows, and (rows, width)."""
        gradient, self._gradient = self._gradient, None
        return gradient

    def give_gradient(self) -> None:
        """Move the gradient to the model, for an optimizer that needs whole tables."""
        if self._gradient is not None:
            rows, gradient = self._gradient
            d_table = numpy.zeros_like(self.node.get_param("E"))
            d_table[rows] = gradient
            self.node.inc_grad("E", d_table)
            self._gradient = None

    def _distinct(self, rows: Array) -> Array:
        is_read = numpy.zeros(len(self.node.get_param("E")), dtype=bool)
        is_read[rows] = True
        return numpy.flatnonzero(is_read)

    def _sum_by_row(self, distinct: Array, rows: Array, values: Array) -> Array:
        number = numpy.empty(len(self.node.get_param("E")), dtype=numpy.int32)
        number[distinct] = numpy.arange(len(distinct), dtype=numpy.int32)
        summed = numpy.zeros((len(distinct), values.shape[1]), dtype=values.dtype)
        for column in number[rows].T:
            self.node.ops.scatter_add(summed, numpy.ascontiguousarray(column), values)
        return summed
