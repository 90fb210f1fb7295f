"""Gold out of what the base finds: training texts completed, raw texts annotated.

The data wins: what the base finds is added only where the data has no entity, and only with labels
that the data does not annotate. Where a label's relation to the data is open, its tokens are left
unannotated, so that training says neither yes nor no.
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
    """Complete a training text with what the base finds in it.

    example (Example): The text with the data's annotation.
    found (Entities): What the base finds, as (first token, end token, label).
    relations (Mapping[str, LabelRelation]): What is kept and what is open.
    RETURNS (GoldExample): Gold, the base's labels that are kept, and unannotated tokens.
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
    """Take what the base finds in a raw text as gold, under the names that the data uses.

    doc (Doc): The text, without entities.
    found (Entities): What the base finds in it.
    relations (Mapping[str, LabelRelation]): The new names, and what is open.
    RETURNS (GoldExample): The text as replayed.
    """
    return _annotate(doc, found, lambda label: relations[label].target)


class Silence:
    """Makes raw texts into ones without any entity of the new labels, with other names in them.

    An NER that only sees that some names are not meant learns these names. Where each of them
    stands in the place of others, it learns what such texts look like, whoever is in them.

    docs (Sequence[Doc]): The texts, without entities.
    found (Iterable[Entities]): What the base finds in each.
    share (float): How many of the names are swapped for others, 0 to 1.
    """

    def __init__(self, docs: Sequence[Doc], found: Iterable[Entities], *, share: float):
        self.examples = [
            _annotate(doc, entities, lambda _: _NAME)
            for doc, entities in zip(docs, found, strict=True)
        ]
        self._swap = MentionSwapper(self.examples, [_NAME], share=share)

    def __call__(self, example: Example, rng: random.Random) -> Example:
        """Make what is trained on out of one of `examples`."""
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
