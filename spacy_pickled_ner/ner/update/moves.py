"""spaCy's BILUO moves as tables: which moves are allowed, and which are right.

After `spacy.pipeline._parser_internals.ner.BiluoPushDown`, for texts without preset entities and
gold without negative examples. Each move reads one token, so a state is a token and the entity that
is open, if any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from spacy.pipeline import EntityRecognizer

from .structure import Array

MISSING = -1
# Properties of a token that affect moves.
ENDS, SPACE = 1, 2

Masks = tuple[Any, Any]


# Kinds of gold moves: missing, and those of a move's first letter.
KINDS = "-BILUO"
BEGIN, INSIDE, UNIT = (KINDS.index(kind) for kind in "BIU")


class Moves:
    """The moves of one NER.

    names (Sequence[str]): Of each move, in the order of the model's outputs: "B-DRUG", "O", "U-" …
    """

    def __init__(self, names: Sequence[str]):
        self.names = tuple(names)
        self.classes = {name: number for number, name in enumerate(names) if name != "U-"}
        found = sorted({name[2:] for name in names if name[2:]})
        numbers = {label: number for number, label in enumerate(found)}
        # With one more entry each for MISSING, at index -1; labels of "O" and "U-" are -1.
        self.kinds = numpy.array([KINDS.index(name[0]) for name in [*names, "-"]])
        self.labels = numpy.array([numbers.get(name[2:], -1) for name in [*names, "-"]])
        self.inside = numpy.array([self.classes[f"I-{label}"] for label in found], dtype=int)
        self.last = numpy.array([self.classes[f"L-{label}"] for label in found], dtype=int)
        self._begun = numpy.where(numpy.isin(self.kinds, (BEGIN, UNIT)), self.labels, -1)
        self._allowed = numpy.array([self._allowed_outside(flags) for flags in range(4)])
        self._right = numpy.array([self._right_outside(gold) for gold in [*range(len(names)), -1]])
        self._inside_right = numpy.array(
            [
                [[_inside_is_right(kind, sunk, after) for after in KINDS] for sunk in (False, True)]
                for kind in KINDS
            ]
        )

    @classmethod
    def of(cls, ner: EntityRecognizer) -> Moves:
        """Get those of a component."""
        return cls([ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)])

    @property
    def out(self) -> int:
        """The move for a token outside of entities."""
        return self.classes["O"]

    def outside(self, flags: Array, gold: Array) -> Masks:
        """Get allowed and right moves where no entity is open.

        flags (Ints1d): ENDS and SPACE of each token.
        gold (Ints1d): Gold move of each token, or MISSING.
        RETURNS (Tuple[Array2d, Array2d]): (tokens, moves) bool. A move that is not allowed can be
            right here.
        """
        return self._allowed[flags], self._right[gold]

    def allowed_outside(self, flags: Array) -> Any:
        """Get allowed moves only."""
        return self._allowed[flags]

    def inside_or_last(
        self, flags: Array, gold: Array, following: Array, opened: Array, labels: Array
    ) -> Masks:
        """Get allowed and right moves in an open entity.

        flags, gold (Ints1d): As for `outside`.
        following (Ints1d): Gold move of the next token; "O" after the last one.
        opened (Ints1d): Gold move of the token that the entity was opened at.
        labels (Ints1d): Its label.
        RETURNS (Tuple[Array2d, Array2d]): (states, moves) bool.
        """
        states = numpy.arange(len(labels))
        inside, last = self.inside[labels], self.last[labels]
        allowed = numpy.zeros((len(labels), len(self.names)), dtype=bool)
        allowed[states, last] = True
        allowed[states, inside] = (flags & ENDS) == 0
        # If the entity should not have been opened here, every move is right.
        sunk = self._begun[opened] != labels
        kind = self.kinds[gold]
        right = numpy.zeros_like(allowed)
        right[states, last] = (kind != INSIDE) | sunk
        right[states, inside] = self._inside_right[kind, sunk.astype(int), self.kinds[following]]
        return allowed, right

    def _allowed_outside(self, flags: int) -> list[bool]:
        allowed = {"B": not flags, "U": not flags & SPACE, "O": True}
        return [name != "U-" and allowed.get(name[0], False) for name in self.names]

    def _right_outside(self, gold: int) -> list[bool]:
        if gold == MISSING:
            return [True] * len(self.names)
        begins = self.kinds[gold] in (BEGIN, UNIT)
        return [
            number == gold if name[0] in "BU" else not begins
            for number, name in enumerate(self.names)
        ]


def _inside_is_right(kind: str, sunk: bool, after: str) -> bool:
    """Return True where a token should be read as inside an entity."""
    if kind == "L":
        return sunk and after in "O-"
    if kind == "O":
        return after in "O-"
    return kind != "U" or after == "O"
