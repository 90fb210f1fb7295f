"""Gold out of what the base finds: training texts completed, raw texts annotated.

The data wins: what the base finds is added only where the data has no entity, and only with labels
that the data does not annotate. Where a label's relation to the data is open, its tokens are left
unannotated, so that training says neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.training.iob_utils import biluo_tags_to_spans

from ..gold import GoldExample
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
    doc = example.predicted
    tags = example.get_aligned_ner()
    reference = doc.copy()
    known = ["-" if tag is None else tag for tag in tags]
    gold = list(biluo_tags_to_spans(reference, known))
    unknown = {token for token, tag in enumerate(known) if tag == "-"}
    taken = {token for span in gold for token in range(span.start, span.end)}
    for start, end, label in found:
        relation = relations[label]
        tokens = range(start, end)
        if relation.is_trained or taken.intersection(tokens):
            continue
        if relation.is_kept:
            gold.append(Span(reference, start, end, label=label))
            taken.update(tokens)
        elif relation.target is None:
            unknown.update(tokens)
    return _make(doc, reference, gold, unknown - taken)


def annotate(doc: Doc, found: Entities, relations: Mapping[str, LabelRelation]) -> GoldExample:
    """Take what the base finds in a raw text as gold, under the names that the data uses.

    doc (Doc): The text, without entities.
    found (Entities): What the base finds in it.
    relations (Mapping[str, LabelRelation]): The new names, and what is open.
    RETURNS (GoldExample): The text as replayed.
    """
    reference = doc.copy()
    gold = []
    unknown: set[int] = set()
    for start, end, label in found:
        target = relations[label].target
        if target is None:
            unknown.update(range(start, end))
        else:
            gold.append(Span(reference, start, end, label=target))
    return _make(doc, reference, gold, unknown)


def silence(doc: Doc) -> GoldExample:
    """Take a raw text as one without any entity of the new labels."""
    return _make(doc, doc.copy(), [], ())


def _make(doc: Doc, reference: Doc, gold: list[Span], unknown: Iterable[int]) -> GoldExample:
    missing = [reference[token : token + 1] for token in sorted(unknown)]
    reference.set_ents(gold, missing=missing, default="outside")
    return GoldExample(doc, reference)
