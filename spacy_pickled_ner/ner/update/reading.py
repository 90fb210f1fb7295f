"""Read a whole batch at once, and only the inside of entities step by step.

spaCy reads all texts of a batch token by token, with as many steps as the longest text has tokens.
But while no entity is open, the scores of a token do not depend on earlier tokens. So all these
states are scored in one matrix product, as if each were reached. From each state that begins an
entity, its inside is read, for all entities of the batch together. States that were not reached are
dropped at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy

from .moves import BEGIN, ENDS, Moves
from .oracle import Gold
from .structure import Array

# The score of unseen moves: chosen only if no other move is allowed.
UNSEEN = numpy.float32(-1e30)


class Track(NamedTuple):
    """The tokens of all segments of a batch, one after the other, as rows.

    tokens (Ints1d): The token of each row, counted over all texts.
    steps (Ints1d): Number of earlier rows of the same segment.
    stops (Ints1d): The row after the last row of the segment.
    flags, gold, following (Ints1d): See `Moves`.
    classes (Ints1d): Gold move of each token of the texts.
    opened (Sequence[Tuple[int, int, int]]): Rows that begin in an open entity, with the first token
        and the label of the entity.
    """

    tokens: Array
    steps: Array
    stops: Array
    flags: Array
    gold: Array
    following: Array
    classes: Array
    opened: Sequence[tuple[int, int, int]]

    @classmethod
    def of(cls, golds: Sequence[Gold], longest: int) -> Track | None:
        """Create one; None if nothing has gold.

        golds (Sequence[Gold]): The texts.
        longest (int): See `Gold.segments`.
        """
        tokens, steps, stops, opened = [], [], [], []
        offset = row = 0
        for gold in golds:
            for segment in gold.segments(longest):
                length = segment.stop - segment.start
                if segment.opened >= 0:
                    opened.append((row, offset + segment.opened, segment.label))
                tokens.append(numpy.arange(offset + segment.start, offset + segment.stop))
                steps.append(numpy.arange(length))
                row += length
                stops.append(numpy.full(length, row))
            offset += gold.length
        if not tokens:
            return None
        rows = numpy.concatenate(tokens)
        flags, classes, following = (
            numpy.concatenate(arrays)
            for arrays in zip(*((g.flags, g.classes, g.following) for g in golds), strict=True)
        )
        return cls(
            tokens=rows,
            steps=numpy.concatenate(steps),
            stops=numpy.concatenate(stops),
            flags=flags[rows],
            gold=classes[rows],
            following=following[rows],
            classes=classes,
            opened=opened,
        )


class States(NamedTuple):
    """States inside of entities that are scored together.

    rows (Ints1d): Rows of the track.
    tokens (Ints2d): (states, 3): the token, the first token of the entity, and the token before.
    labels (Ints1d): Of the entity.
    entities (Ints1d): Its number.
    scores (Floats2d): (states, moves).
    memory (Tuple[ArrayXd, ...]): Of each state, what the backward pass needs.
    """

    rows: Array
    tokens: Any
    labels: Array
    entities: Array
    scores: Array
    memory: tuple[Any, ...]

    def select(self, which: Any) -> States:
        """Keep some states."""
        rows, tokens, labels, entities, scores = (array[which] for array in self[:-1])
        memory = tuple(array[which] for array in self.memory)
        return States(rows, tokens, labels, entities, scores, memory)


Scorer = Callable[[Any], tuple[Array, tuple[Any, ...]]]


class Reader:
    """Reads tracks, with the best move in each state.

    moves (Moves): The moves.
    unseen (Sequence[int]): Moves without gold so far.
    """

    def __init__(self, moves: Moves, unseen: Sequence[int]):
        self.moves = moves
        self._penalty = numpy.zeros(len(moves.names), dtype=numpy.float32)
        self._penalty[list(unseen)] = UNSEEN

    def read(self, track: Track, outside_scores: Array, score: Scorer) -> tuple[Any, list[States]]:
        """Read a track.

        outside_scores (Floats2d): (rows, moves) of all rows, as if no entity were open.
        score (Callable): `States.tokens` → scores, and memory.
        RETURNS (Tuple[Array1d, List[States]]): Which rows are reached with no entity open, and the
            states inside of entities that are reached.
        """
        allowed = self.moves.allowed_outside(track.flags)
        chosen = numpy.where(allowed, outside_scores + self._penalty, -numpy.inf).argmax(axis=1)
        begins = numpy.flatnonzero(self.moves.kinds[chosen] == BEGIN)
        cut = numpy.array(track.opened, dtype=int).reshape(-1, 3)
        # The row after a move that begins an entity may belong to another segment.
        firsts = numpy.concatenate([cut[:, 0], begins + 1])
        stops = numpy.concatenate([track.stops[cut[:, 0]], track.stops[begins]])
        starts = numpy.concatenate([cut[:, 1], track.tokens[begins]])
        labels = numpy.concatenate([cut[:, 2], self.moves.labels[chosen[begins]]])
        states, ends = self._read_insides(track, firsts, stops, starts, labels, score)
        is_outside = numpy.ones(len(track.tokens), dtype=bool)
        is_reached = numpy.zeros(len(firsts), dtype=bool)
        for entity in numpy.argsort(firsts, kind="stable").tolist():
            if entity < len(cut) or is_outside[firsts[entity] - 1]:
                is_reached[entity] = True
                is_outside[firsts[entity] : ends[entity]] = False
        return is_outside, [group.select(is_reached[group.entities]) for group in states]

    def _read_insides(
        self,
        track: Track,
        rows: Array,
        stops: Array,
        starts: Array,
        labels: Array,
        score: Scorer,
    ) -> tuple[list[States], Array]:
        """Read entities from their first rows to where they are closed, or the segment ends."""
        rows, states = rows.copy(), []
        open_ = numpy.flatnonzero(rows < stops)
        while len(open_):
            at, label = rows[open_], labels[open_]
            token = track.tokens[at]
            tokens = numpy.stack([token, starts[open_], token - 1], axis=1)
            scores, memory = score(tokens)
            states.append(States(at, tokens, label, open_, scores, memory))
            rows[open_] += 1
            inside, last = self.moves.inside[label], self.moves.last[label]
            each = numpy.arange(len(open_))
            gain = scores[each, inside] + self._penalty[inside]
            gain -= scores[each, last] + self._penalty[last]
            goes_on = ((gain > 0) | ((gain == 0) & (inside < last))) & (track.flags[at] & ENDS == 0)
            open_ = open_[goes_on & (rows[open_] < stops[open_])]
        return states, rows
