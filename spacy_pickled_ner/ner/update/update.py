"""One update of an NER: forward and backward pass, and the loss."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from thinc.api import set_dropout_rate

from ..data.gold import GoldExample
from .embedding import TokenFeatures
from .layers import Backprop
from .moves import Moves
from .oracle import Gold
from .reading import Reader, States, Track
from .states import FEATURES, StateLayers
from .structure import Array, is_on_cpu, kinds
from .tables import Table
from .tok2vec import take_apart


class _Scored(NamedTuple):
    """The states of a batch, first those outside of entities.

    outside (Ints1d): Rows of the track with no entity open.
    inside (Sequence[States]): States with an entity open, in groups.
    rows (Ints1d): The row of the track of each state.
    scores (Floats2d): (states, moves).
    memory (Tuple): Data for the backward pass.
    """

    outside: Array
    inside: Sequence[States]
    rows: Array
    scores: Array
    memory: tuple[Any, ...]

    @property
    def tokens(self) -> Array:
        """The tokens of the features of each state inside: (states, features)."""
        return numpy.concatenate(
            [numpy.empty((0, FEATURES), int), *(group.tokens for group in self.inside)]
        )


class FastUpdate:
    """Computes losses and gradients as `ner.update` does.

    ner (EntityRecognizer): The component; see `can_update`.
    dropout (float): Dropout rate of its layers.
    """

    def __init__(self, ner: EntityRecognizer, *, dropout: float):
        self.ner, self.dropout = ner, dropout
        self.tok2vec = take_apart(ner.model.layers[0])
        self.moves = Moves.of(ner)

    @property
    def tables(self) -> Sequence[Table]:
        """Embedding tables, which keep their gradients themselves."""
        return () if self.tok2vec is None else self.tok2vec.embedding.tables

    def __call__(self, examples: Sequence[Example]) -> float | None:
        """Add to the gradients.

        RETURNS (Optional[float]): The summed loss; NaN if the weights are not finite. None if this
            batch needs `ner.update`; then nothing has changed.
        """
        if len(self.moves.names) != self.ner.moves.n_moves:
            # `ner.update` adds new labels.
            self.moves = Moves.of(self.ner)
        examples = [example for example in examples if len(example.predicted)]
        golds = [self._gold(example) for example in examples]
        if not all(gold.is_usual for gold in golds):
            return None
        if not any(gold.has_gold for gold in golds):
            return 0.0
        track = Track.of(golds, self._draw_length())
        if track is None:
            return 0.0
        tokvecs, backprop_tok2vec = self._forward(examples)
        _, lower, upper = self.ner.model.layers
        layers = StateLayers(lower, upper, tokvecs)
        unseen = sorted(self.ner.model.attrs["unseen_classes"])
        scored = self._score(track, layers, unseen)
        if scored is None:
            return math.nan
        d_scores = self._find_loss(track, scored, unseen)
        loss = float((d_scores**2).sum())
        d_scores[:, unseen] = 0.0
        outside = track.tokens[scored.outside]
        backprop_tok2vec(layers.backprop(outside, scored.tokens, scored.memory, d_scores))
        return loss

    def _score(self, track: Track, layers: StateLayers, unseen: Sequence[int]) -> _Scored | None:
        """Read the batch and score its states; None if the weights are not finite."""
        scores, memory = layers.score_outside(track.tokens)
        if not numpy.isfinite(scores.sum()):
            return None
        is_outside, inside = Reader(self.moves, unseen).read(track, scores, layers.score_inside)
        outside = numpy.flatnonzero(is_outside)
        memories = [[array.take(outside, axis=0) for array in memory], *(g.memory for g in inside)]
        return _Scored(
            outside=outside,
            inside=inside,
            rows=numpy.concatenate([outside, *(group.rows for group in inside)]),
            scores=numpy.concatenate(
                [scores.take(outside, axis=0), *(group.scores for group in inside)]
            ),
            memory=tuple(numpy.concatenate(arrays) for arrays in zip(*memories, strict=True)),
        )

    def _find_loss(self, track: Track, scored: _Scored, unseen: Sequence[int]) -> Array:
        """Compute the gradient of the loss; classes with gold in this batch count as seen."""
        allowed, right = self._masks(track, scored.outside, scored.inside)
        if unseen:
            _hide(scored.scores, track.steps[scored.rows], unseen)
            seen = (allowed & right)[:, unseen].any(axis=0)
            self.ner.model.attrs["unseen_classes"].difference_update(numpy.array(unseen)[seen])
        return log_loss(scored.scores, allowed, right)

    def _gold(self, example: Example) -> Gold:
        if not isinstance(example, GoldExample):
            return Gold(self.ner, self.moves, example)
        return example.keep(self.moves.names, lambda: Gold(self.ner, self.moves, example))

    def _draw_length(self) -> int:
        """Draw the length that texts are cut to, as `Parser.update` does."""
        cut = self.ner.cfg["update_with_oracle_cut_size"]
        return int(random.uniform(cut // 2, cut * 2)) if cut >= 1 else 0  # noqa: S311

    def _forward(self, examples: Sequence[Example]) -> tuple[Array, Backprop]:
        if self.tok2vec is None:
            model = self.ner.model.layers[0]
            set_dropout_rate(model, self.dropout)
            tokvecs, backprop = model([example.predicted for example in examples], is_train=True)
            return tokvecs, backprop
        return self.tok2vec.forward([self._features(eg) for eg in examples], self.dropout)

    def _features(self, example: Example) -> TokenFeatures:
        assert self.tok2vec is not None
        reader, doc = self.tok2vec.reader, example.predicted
        if not isinstance(example, GoldExample):
            return reader.read(doc)
        return example.keep(reader.key, lambda: reader.read(doc))

    def _masks(self, track: Track, outside: Any, inside: Sequence[States]) -> tuple[Any, Any]:
        masks = [
            self.moves.outside(track.flags[outside], track.gold[outside]),
            *(
                self.moves.inside_or_last(
                    track.flags[group.rows],
                    track.gold[group.rows],
                    track.following[group.rows],
                    track.classes[group.tokens[:, 1]],
                    group.labels,
                )
                for group in inside
            ),
        ]
        allowed, right = (numpy.concatenate(arrays) for arrays in zip(*masks, strict=True))
        return allowed, right


def can_update(ner: EntityRecognizer) -> bool:
    """Return True if `FastUpdate` supports an NER's model and settings."""
    cfg, model = ner.cfg, ner.model
    if cfg.get("beam_width", 1) >= 2 or cfg.get("multitasks") or cfg.get("incorrect_spans_key"):
        return False
    if model.name != "parser_model" or not model.attrs.get("has_upper") or len(model.layers) != 3:
        return False
    _, lower, upper = model.layers
    return bool(
        kinds([lower, upper]) == ["spacy.ml._precomputable_affine", "linear"]
        and lower.get_dim("nP") >= 2
        and lower.get_dim("nF") == FEATURES
        and is_on_cpu(model)
    )


def _hide(scores: Array, steps: Any, unseen: Sequence[int]) -> None:
    """Set the scores of unseen moves to the lowest score of all states at the same step."""
    lowest = numpy.full(steps.max() + 1, numpy.inf, dtype=scores.dtype)
    numpy.minimum.at(lowest, steps, scores.min(axis=1))
    scores[:, unseen] = lowest[steps][:, None]


TINY = numpy.float32(1e-10)


def log_loss(scores: Array, allowed: Any, right: Any) -> Array:
    """Compute the gradient of the loss, as `spacy.ml.parser_model.cpu_log_loss` does.

    It is the log loss of all right moves.

    scores (Floats2d): (states, moves).
    allowed, right (Array2d): (states, moves) bool. If no allowed move is right, all count as right.
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
