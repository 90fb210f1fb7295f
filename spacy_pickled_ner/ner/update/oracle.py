"""The gold of an example as arrays, computed once and stored with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy
from spacy.attrs import ENT_IOB, IS_SPACE, SENT_START  # type: ignore[import-not-found]
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from .moves import BEGIN, ENDS, INSIDE, MISSING, SPACE, Moves
from .structure import Array

# As in `Token.ent_iob`: inside, begin.
PRESET = (1, 3)


@dataclass(frozen=True)
class Segment:
    """A part of a text that is read at once.

    start, stop (int): Its tokens.
    opened (int): First token of the entity that is open at the start; -1 if none is open.
    label (int): Label of that entity.
    """

    start: int
    stop: int
    opened: int = -1
    label: int = -1


class Gold:
    """An example as arrays.

    ner (EntityRecognizer): The component to train.
    moves (Moves): The moves of the component.
    """

    def __init__(self, ner: EntityRecognizer, moves: Moves, example: Example):
        self.ner, self.moves, self.example = ner, moves, example
        doc = example.predicted
        self.length = len(doc)
        attributes = doc.to_array([IS_SPACE, SENT_START, ENT_IOB]).astype(numpy.int64)
        self.has_presets = bool(numpy.isin(attributes[:, 2], PRESET).any())
        ends = numpy.append(attributes[1:, 1] == 1, True)
        self.flags: Array = numpy.where(ends, ENDS, 0) | numpy.where(attributes[:, 0], SPACE, 0)
        tags = example.get_aligned_ents_and_ner()[1]
        # spaCy's own update reports unknown moves.
        numbers = [MISSING if tag in ("-", "", None) else moves.classes.get(tag) for tag in tags]
        self.has_unknown = None in numbers
        self.classes: Array = numpy.array([MISSING if n is None else n for n in numbers], dtype=int)
        self.following: Array = numpy.append(self.classes[1:], moves.out)
        annotated = example.reference.to_array([ENT_IOB]) != 0
        self._all_annotated = bool(annotated.all())
        self.has_gold = bool(annotated.any())

    @property
    def is_usual(self) -> bool:
        """Return True if `Moves` covers this example."""
        return not (self.has_presets or self.has_unknown)

    def segments(self, longest: int) -> list[Segment]:
        """Cut it as `Parser._init_gold_batch` does.

        longest (int): Length limit in tokens; 0 means none.
        RETURNS (List[Segment]): Segments with gold. A cut segment also reads the next token.
        """
        if not self.has_gold:
            return []
        if not longest or self.length < longest:
            return [Segment(0, self.length)]
        opened, labels = self._oracle
        return [
            Segment(
                start,
                min(start + longest + 1, self.length),
                int(opened[start]),
                int(labels[start]),
            )
            for start in range(0, self.length, longest)
            if self._has_gold(start, start + longest)
        ]

    def _has_gold(self, start: int, stop: int) -> bool:
        # spaCy reads up to the first token after the segment; after the last one it is -1.
        stop = stop if stop < self.length else -1
        return self._all_annotated or bool(self.ner.moves.has_gold(self.example, start, stop))

    @cached_property
    def _oracle(self) -> tuple[Array, Array]:
        """Return the entity that is open before each token, by the gold."""
        (state,) = self.ner.moves.init_batch([self.example.predicted])
        gold = self.ner.moves.init_gold(state, self.example)
        opened, labels = numpy.full((2, self.length + 1), -1)
        for token, number in enumerate(self.ner.moves.get_oracle_sequence_from_state(state, gold)):
            if self.moves.kinds[number] == BEGIN:
                opened[token + 1], labels[token + 1] = token, self.moves.labels[number]
            elif self.moves.kinds[number] == INSIDE:
                opened[token + 1], labels[token + 1] = opened[token], labels[token]
        return opened, labels
