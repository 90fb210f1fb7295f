"""Gold out of what the base finds: training texts completed, raw texts annotated.

The data wins: what the base finds is added only where the data has no entity, and only with labels
that the data does not annotate. Where a label's relation to the data is open, its tokens are left
unannotated, so that training says neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spacy.tokens import Doc
from spacy.training import Example

from ..gold import GoldExample, aligned_tags, entity_tags, make_gold
from .relations import LabelRelation

Entities = Sequence[tuple[int, int, str]]


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
    tags = ["O"] * len(doc)
    for start, end, label in found:
        target, length = relations[label].target, end - start
        tags[start:end] = ["-"] * length if target is None else entity_tags(target, length)
    return make_gold(doc, tags)


def silence(doc: Doc) -> GoldExample:
    """Take a raw text as one without any entity of the new labels."""
    return make_gold(doc, ["O"] * len(doc))
