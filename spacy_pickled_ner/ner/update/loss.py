"""The NER's loss: log loss of all moves that are right, as `spacy.ml.parser_model.cpu_log_loss`."""

from __future__ import annotations

from typing import Any

import numpy

from .structure import Array

TINY = numpy.float32(1e-10)


def log_loss(scores: Array, allowed: Any, right: Any) -> Array:
    """Compute the gradient of the loss.

    scores (Floats2d): (states, moves).
    allowed, right (Array2d): (states, moves) bool. Where no allowed move is right, all of them are.
    RETURNS (Floats2d): d(scores); the loss that spaCy reports is the sum of its squares.
    """
    gold = allowed & right
    gold = numpy.where(gold.any(axis=1, keepdims=True), gold, allowed)
    of_gold = numpy.where(gold, scores, -numpy.inf)
    share: Array = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True) + TINY
    gold_share = numpy.exp(of_gold - of_gold.max(axis=1, keepdims=True))
    gold_share /= gold_share.sum(axis=1, keepdims=True) + TINY
    share -= gold_share
    return share
