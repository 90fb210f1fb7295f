"""Gold from the base's predictions, for training texts and raw texts.

Predictions are added to training texts only where they do not overlap gold, and only with labels
that the data does not annotate. Tokens of open labels are left unknown, so that they are not
trained.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence

from spacy.tokens import Doc
from spacy.training import Example

from ..data.augmentation import MentionSwapper
from ..data.gold import GoldExample, aligned_tags, entity_tags, make_gold
from .relations import LabelRelation

Entities = Sequence[tuple[int, int, str]]

_NAME = "NAME"


def complete(
    example: Example, found: Entities, relations: Mapping[str, LabelRelation]
) -> GoldExample:
    """Add the base's predictions to a training text.

    example (Example): The text with the data's annotation.
    found (Entities): The predictions, as (first token, end token, label).
    relations (Mapping[str, LabelRelation]): Which labels are kept, and which are open.
    RETURNS (GoldExample): The text with gold, kept predictions, and unknown tokens.
    """
    tags = aligned_tags(example)
    is_gold = [tag[1:2] == "-" for tag in tags]
    for start, end, label in found:
        relation = relations[label]
        if relation.is_trained or any(is_gold[start:end]):
            continue
        if relation.is_kept:
            tags[start:end] = entity_tags(label, end - start)
        elif relation.target is None:
            tags[start:end] = ["-"] * (end - start)
    return make_gold(example.predicted, tags)


def annotate(doc: Doc, found: Entities, relations: Mapping[str, LabelRelation]) -> GoldExample:
    """Use the base's predictions in a raw text as gold, with the label names of the data.

    doc (Doc): The text, without entities.
    found (Entities): The predictions.
    relations (Mapping[str, LabelRelation]): The new names, and the open labels.
    RETURNS (GoldExample): The text to replay.
    """
    return _annotate(doc, found, lambda label: relations[label].target)


class Silence:
    """Creates examples without entities from raw texts, with some names replaced.

    If the names in raw texts were always the same, an NER would learn these names by heart.
    Replaced names train it on the context.

    docs (Sequence[Doc]): The texts, without entities.
    found (Iterable[Entities]): The base's predictions for each.
    share (float): The share of names that is replaced, 0 to 1.
    """

    def __init__(self, docs: Sequence[Doc], found: Iterable[Entities], *, share: float):
        self.examples = [
            _annotate(doc, entities, lambda _: _NAME)
            for doc, entities in zip(docs, found, strict=True)
        ]
        self._swap = MentionSwapper(self.examples, [_NAME], share=share)

    def __call__(self, example: Example, rng: random.Random) -> Example:
        """Replace some names in one of `examples`."""
        swapped = self._swap(example, rng)
        if swapped is not example or not isinstance(example, GoldExample):
            return _silence(swapped.predicted)
        return example.keep("silence", lambda: _silence(example.predicted))


def _annotate(doc: Doc, found: Entities, target_of: Callable[[str], str | None]) -> GoldExample:
    tags = ["O"] * len(doc)
    for start, end, label in found:
        target, length = target_of(label), end - start
        tags[start:end] = ["-"] * length if target is None else entity_tags(target, length)
    return make_gold(doc, tags)


def _silence(doc: Doc) -> GoldExample:
    return make_gold(doc, ["O"] * len(doc))
