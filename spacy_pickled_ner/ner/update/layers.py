"""The block of spaCy's tok2vec: maxout, layer normalization, dropout.

As `thinc.layers.maxout`, `layernorm` and `dropout` compute it, with fewer passes over the data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from .structure import Array, Layer

Backprop = Callable[[Any], Any]


class MaxoutBlock:
    """Three layers that a chain lists in this order.

    maxout, layernorm, dropout (Model): The layers.
    """

    def __init__(self, maxout: Layer, layernorm: Layer, dropout: Layer):
        self.maxout = maxout
        self.layernorm = layernorm
        self.has_dropout = bool(dropout.attrs["is_enabled"])

    def forward(self, inputs: Array) -> tuple[Array, Backprop]:
        """Compute maxout and layer normalization.

        inputs (Floats2d): (rows, nI).
        RETURNS (Tuple[Floats2d, Callable]): (rows, nO), without dropout; d(outputs) → d(inputs),
            which adds to the layers' gradients.
        """
        ops, pieces = self.maxout.ops, self.maxout.get_dim("nP")
        weights = self.maxout.get_param("W").reshape(-1, inputs.shape[1])
        candidates = ops.gemm(inputs, weights, trans2=True)
        candidates += self.maxout.get_param("b").ravel()
        best, which = ops.maxout(candidates.reshape(len(inputs), -1, pieces))
        outputs, backprop_layernorm = self._normalise(best)

        def backprop(d_outputs: Array) -> Array:
            d_best = backprop_layernorm(d_outputs)
            d_candidates = ops.backprop_maxout(d_best, which, pieces).reshape(len(inputs), -1)
            d_bias = sum_rows(d_candidates)
            self.maxout.inc_grad("b", d_bias.reshape(self.maxout.get_param("b").shape))
            d_weights = ops.gemm(d_candidates, inputs, trans1=True)
            self.maxout.inc_grad("W", d_weights.reshape(self.maxout.get_param("W").shape))
            d_inputs: Array = ops.gemm(d_candidates, weights)
            return d_inputs

        return outputs, backprop

    def drop(self, outputs: Array, rate: float) -> Array | None:
        """Apply dropout in place; returns its mask, None for none."""
        mask = dropout_mask(outputs.shape, rate) if self.has_dropout else None
        if mask is not None:
            outputs *= mask
        return mask

    def _normalise(self, inputs: Array) -> tuple[Array, Backprop]:
        """Normalise rows, in place."""
        gain, width = self.layernorm.get_param("G"), numpy.float32(inputs.shape[1])
        inputs -= inputs.mean(axis=1, keepdims=True)
        variance = sum_columns(inputs, inputs) / width + numpy.float32(1e-08)
        scale = 1 / numpy.sqrt(variance)
        inputs *= scale
        outputs = inputs * gain
        outputs += self.layernorm.get_param("b")

        def backprop(d_outputs: Array) -> Array:
            self.layernorm.inc_grad("b", sum_rows(d_outputs))
            self.layernorm.inc_grad("G", numpy.einsum("ij,ij->j", d_outputs, inputs))
            d_inputs: Array = d_outputs * gain
            along = sum_columns(d_inputs, inputs) / width
            d_inputs -= d_inputs.mean(axis=1, keepdims=True)
            d_inputs -= inputs * along
            d_inputs *= scale
            return d_inputs

        return outputs, backprop


def sum_rows(array: Array) -> Any:
    """Sum over the first axis, by a matrix product."""
    return numpy.ones(len(array), dtype=array.dtype) @ array


def sum_columns(left: Array, right: Array) -> Any:
    """Sum the products of two arrays over the second axis; (rows, 1)."""
    return numpy.einsum("ij,ij->i", left, right)[:, None]


LEVELS = 1 << 16


def dropout_mask(shape: tuple[int, ...], rate: float) -> Array | None:
    """Draw a mask: 0 with the probability of the rate, else the factor that keeps the expected sum.

    Draws 16 random bits a cell, where thinc takes 64, from numpy's global generator, which
    `fix_random_seed` seeds.

    shape (Tuple[int, ...]): Its shape.
    rate (float): From 0 to below 1; rounded to 1/65,536.
    RETURNS (Optional[FloatsXd]): float32; None where nothing is dropped.
    """
    dropped = round(rate * LEVELS)
    if not dropped:
        return None
    size = int(numpy.prod(shape))
    bits = numpy.frombuffer(numpy.random.bytes(2 * size), dtype=numpy.uint16)
    mask = (bits >= dropped).astype(numpy.float32)
    mask *= numpy.float32(LEVELS / (LEVELS - dropped))
    return mask.reshape(shape)
