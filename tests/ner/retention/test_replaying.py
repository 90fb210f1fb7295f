"""Raw texts in which an NER has to stay silent, whoever is named in them."""

from __future__ import annotations

import random

import spacy

from spacy_pickled_ner.ner.retention.replaying import Silence

NLP = spacy.blank("en")
DOCS = [NLP.make_doc(text) for text in ("Ada met Grace Hopper.", "It rained.", "Acme sold it.")]
FOUND = [[(0, 1, "PERSON"), (2, 4, "PERSON")], [], [(0, 1, "ORG")]]


def test_names_change_places_and_nothing_is_an_entity():
    silence = Silence(DOCS, FOUND, share=1.0)
    names = ("Ada", "Grace Hopper", "Acme")
    seen = set()
    for seed in range(40):
        examples = [silence(example, random.Random(seed)) for example in silence.examples]
        for example in examples:
            assert [token.ent_iob_ for token in example.reference] == ["O"] * len(example.reference)
            assert not example.predicted.ents
        texts = [example.predicted.text for example in examples]
        assert texts[1] == "It rained."
        seen.add(texts[2])
    # A label of the base says nothing here: any name may stand for any other.
    assert seen == {f"{name} sold it." for name in names}


def test_a_text_that_is_not_varied_is_made_once():
    silence = Silence(DOCS, FOUND, share=0.0)
    first, second = ([silence(e, random.Random(0)) for e in silence.examples] for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))
    assert [example.predicted for example in first] == DOCS
