"""Mentions swapped for others: the label stays where it was, and nothing else changes."""

from __future__ import annotations

import random

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_pickled_ner.ner.data.augmentation import MentionSwapper
from spacy_pickled_ner.ner.data.gold import GoldExample, entity_tags

NLP = spacy.blank("en")
ROWS = [
    ("Take two aspirin, please.", [(9, 16, "DRUG")]),
    ("He took cod liver oil twice.", [(8, 21, "DRUG")]),
    ("Ada took ibuprofen.", [(0, 3, "PERSON"), (9, 18, "DRUG")]),
]


def examples() -> list[Example]:
    made = [Example.from_dict(NLP.make_doc(text), {"entities": ents}) for text, ents in ROWS]
    return [GoldExample.of(example) for example in made]


def mentions(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_mentions_are_swapped_within_their_label():
    swap = MentionSwapper(examples(), ["DRUG"], share=1.0)
    seen = set()
    for seed in range(30):
        for (text, _), example in zip(ROWS, examples(), strict=True):
            swapped = swap(example, random.Random(seed))
            entities = mentions(swapped.reference)
            assert [label for _, label in entities] == [e.label_ for e in example.reference.ents]
            assert swapped.predicted.text == swapped.reference.text
            assert not swapped.predicted.ents
            old = [ent.text for ent in example.reference.ents]
            expected = text
            for before, (after, _) in zip(old, entities, strict=True):
                expected = expected.replace(before, after)
            assert swapped.reference.text == expected
            seen |= set(entities)
    drugs = {("aspirin", "DRUG"), ("cod liver oil", "DRUG"), ("ibuprofen", "DRUG")}
    assert seen == {*drugs, ("Ada", "PERSON")}


@pytest.mark.parametrize(("share", "labels"), [(0.0, ["DRUG"]), (1.0, [])])
def test_nothing_to_swap_is_the_same_example(share: float, labels: list[str]):
    swap = MentionSwapper(examples(), labels, share=share)
    for example in examples():
        assert swap(example, random.Random(0)) is example


def test_what_is_unknown_stays_unknown():
    doc = NLP.make_doc("Take aspirin or Foo now.")
    reference = doc.copy()
    reference.set_ents(
        [doc.char_span(5, 12, label="DRUG")], missing=[reference[3:4]], default="outside"
    )
    swap = MentionSwapper(examples(), ["DRUG"], share=1.0)
    swapped = swap(GoldExample(doc, reference), random.Random(1))
    states = {token.text: token.ent_iob for token in swapped.reference}
    assert states["Foo"] == 0
    assert states["Take"] == states["or"] == states["now"] == 2


def test_the_same_random_numbers_give_the_same_text():
    swap = MentionSwapper(examples(), ["DRUG"], share=0.5)
    first, second = ([swap(e, random.Random(3)).text for e in examples()] for _ in range(2))
    assert first == second


def test_entity_tags():
    assert entity_tags("X", 1) == ["U-X"]
    assert entity_tags("X", 2) == ["B-X", "L-X"]
    assert entity_tags("X", 4) == ["B-X", "I-X", "I-X", "L-X"]
