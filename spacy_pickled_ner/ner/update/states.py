"""The layers that score states, with the backward pass of all states at once.

After `spacy.ml.parser_model` and `spacy.ml._precomputable_affine`, for the three features of an
NER: the token, the first one of the open entity, and the one before. With no entity open, the last
two are padding.
"""

from __future__ import annotations

from typing import Any

import numpy

from .layers import dropout_mask, sum_rows
from .structure import Array, Layer

FEATURES = 3
# spaCy uses this dropout rate between the two layers, whatever the caller sets.
STATE_DROPOUT = 0.1

Memory = tuple[Any, ...]


class StateLayers:
    """Lower and upper layer of an NER's model, for one batch.

    lower, upper (Model): The layers.
    tokvecs (Floats2d): (tokens, width).
    """

    def __init__(self, lower: Layer, upper: Layer, tokvecs: Array):
        self.lower, self.upper, self.tokvecs = lower, upper, tokvecs
        weights = lower.get_param("W")
        self.pieces = weights.shape[2]
        # (features, hidden * pieces, width)
        self._weights = weights.reshape(FEATURES, -1, weights.shape[3])
        self._bias = lower.get_param("b").ravel()

    def score_outside(self, tokens: Any) -> tuple[Array, Memory]:
        """Score states with no entity open.

        tokens (Ints1d): The token of each.
        RETURNS (Tuple[Floats2d, Memory]): (states, moves), and arrays that `backprop` needs.
        """
        padding = self.lower.get_param("pad").reshape(FEATURES, -1)[1:].sum(axis=0)
        summed = self.lower.ops.gemm(self._of(tokens), self._weights[0], trans2=True)
        summed += padding + self._bias
        return self._score(summed)

    def score_inside(self, tokens: Any) -> tuple[Array, Memory]:
        """Score states in an open entity.

        tokens (Ints2d): (states, 3).
        RETURNS (Tuple[Floats2d, Memory]): As for `score_outside`.
        """
        summed = numpy.broadcast_to(self._bias, (len(tokens), len(self._bias))).copy()
        for feature in range(FEATURES):
            inputs = self._of(tokens[:, feature])
            summed += self.lower.ops.gemm(inputs, self._weights[feature], trans2=True)
        return self._score(summed)

    def _of(self, tokens: Any) -> Array:
        vectors: Array = self.tokvecs.take(tokens, axis=0)
        return vectors

    def _score(self, summed: Array) -> tuple[Array, Memory]:
        vectors, which = self.lower.ops.maxout(summed.reshape(len(summed), -1, self.pieces))
        mask = dropout_mask(vectors.shape, STATE_DROPOUT)
        if mask is None:
            mask = numpy.ones_like(vectors)
        vectors *= mask
        scores = self.upper.ops.gemm(vectors, self.upper.get_param("W"), trans2=True)
        scores += self.upper.get_param("b")
        return scores, (vectors, which, mask)

    def backprop(self, outside: Any, inside: Any, memory: Memory, d_scores: Array) -> Array:
        """Add to the layers' gradients.

        outside (Ints1d): Tokens of the states with no entity open, which come first.
        inside (Ints2d): Tokens of those in an open entity, which follow.
        memory, d_scores: Of all of them.
        RETURNS (Floats2d): d(tokvecs).
        """
        ops, upper = self.lower.ops, self.upper
        vectors, which, mask = memory
        upper.inc_grad("b", sum_rows(d_scores))
        upper.inc_grad("W", ops.gemm(d_scores, vectors, trans1=True))
        d_vectors = ops.gemm(d_scores, upper.get_param("W"))
        d_vectors *= mask
        d_summed = ops.backprop_maxout(d_vectors, which, self.pieces).reshape(len(d_scores), -1)
        d_outside, d_inside = d_summed[: len(outside)], d_summed[len(outside) :]
        d_padding, d_weights = sum_rows(d_outside), numpy.empty_like(self._weights)
        d_tokvecs = numpy.zeros_like(self.tokvecs)
        for feature in range(FEATURES):
            tokens = inside[:, feature]
            d_weights[feature] = ops.gemm(d_inside, self._of(tokens), trans1=True)
            _add_rows(ops, d_tokvecs, tokens, ops.gemm(d_inside, self._weights[feature]))
            if feature:
                # For padding, spaCy uses the vector of the last token as input.
                d_weights[feature] += numpy.outer(d_padding, self.tokvecs[-1])
        d_weights[0] += ops.gemm(d_outside, self._of(outside), trans1=True)
        _add_rows(ops, d_tokvecs, outside, ops.gemm(d_outside, self._weights[0]))
        self._add_gradients(d_padding, d_padding + sum_rows(d_inside), d_weights)
        return d_tokvecs

    def _add_gradients(self, d_padding: Any, d_bias: Any, d_weights: Any) -> None:
        lower = self.lower
        pad = lower.get_param("pad")
        d_pad = numpy.zeros_like(pad).reshape(FEATURES, -1)
        d_pad[1:] = d_padding
        lower.inc_grad("pad", d_pad.reshape(pad.shape))
        lower.inc_grad("b", d_bias.reshape(lower.get_param("b").shape))
        lower.inc_grad("W", d_weights.reshape(lower.get_param("W").shape))


def _add_rows(ops: Any, array: Array, rows: Any, values: Array) -> None:
    ops.scatter_add(array, rows.astype(numpy.int32), values)
