"""Our counts are spaCy's, where spaCy counts."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_pickled_ner.evaluation import EvaluationSet

NLP = spacy.blank("en")
LENGTH = 8
LABELS = ("A", "B")


def make_doc(entities: list[tuple[int, int, str]], unknown: int | None = None) -> Doc:
    doc = Doc(NLP.vocab, words=[f"w{i}" for i in range(LENGTH)])
    taken: set[int] = set()
    spans = []
    for start, size, label in entities:
        tokens = set(range(start, min(start + size, LENGTH)))
        if not tokens & taken and unknown not in tokens:
            taken |= tokens
            spans.append(Span(doc, start, max(tokens) + 1, label=label))
    missing = [doc[unknown : unknown + 1]] if unknown is not None else []
    doc.set_ents(spans, missing=missing, default="outside")
    return doc


entity_lists = st.lists(
    st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 3), st.sampled_from(LABELS)), max_size=4
)
pairs = st.lists(
    st.tuples(entity_lists, entity_lists, st.none() | st.integers(0, LENGTH - 1)), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(pairs)
def test_counts_are_those_of_spacys_scorer(pairs):
    predicted = [make_doc(entities) for entities, _, _ in pairs]
    gold = [make_doc(entities, unknown) for _, entities, unknown in pairs]
    expected = get_ner_prf(
        Example(left, right) for left, right in zip(predicted, gold, strict=True)
    )
    examples = [Example(doc.copy(), right) for doc, right in zip(predicted, gold, strict=True)]
    ours = EvaluationSet(examples, labels=LABELS).score(lambda docs: predicted).to_dict()
    for name in ("ents_p", "ents_r", "ents_f"):
        assert ours[name] == pytest.approx(expected[name] or 0.0)
    for label, scores in (expected["ents_per_type"] or {}).items():
        assert ours["ents_per_type"][label] == pytest.approx(scores)


def test_predictions_with_other_labels_are_not_scored():
    gold = EvaluationSet([Example(make_doc([]), make_doc([(0, 1, "A")]))])
    scores = gold.score(lambda docs: [make_doc([(0, 1, "A"), (3, 2, "B")])])
    assert scores.metrics()["ents_f"] == 1.0
    assert set(scores.per_type) == {"A"}


def test_labels_without_any_entity_are_listed_with_zeros():
    gold = EvaluationSet([Example(make_doc([]), make_doc([]))], labels=["A"])
    scores = gold.score(lambda docs: docs)
    assert scores.per_label() == {"A": {"p": 0.0, "r": 0.0, "f": 0.0, "support": 0, "predicted": 0}}


def test_annotators_get_docs_without_entities():
    gold = EvaluationSet([Example(make_doc([]), make_doc([(0, 1, "A")]))])

    def annotate(docs):
        assert not any(token.ent_iob for doc in docs for token in doc)
        for doc in docs:
            doc.set_ents([Span(doc, 0, 1, label="A")])
        return docs

    assert gold.score(annotate).total.fscore == 1.0
    assert gold.score(annotate).total.fscore == 1.0


def test_other_tokens_than_golds_are_compared_by_characters():
    text = "New York-based"
    predicted = Doc(
        NLP.vocab, words=["New", "York", "-", "based"], spaces=[True, False, False, False]
    )
    reference = Doc(NLP.vocab, words=["New York", "-based"], spaces=[False, False])
    assert predicted.text == reference.text == text
    reference.set_ents([Span(reference, 0, 1, label="A")])
    gold = EvaluationSet([Example(predicted, reference)])

    def annotate(docs):
        docs[0].set_ents([Span(docs[0], 0, 2, label="A")])
        return docs

    assert gold.score(annotate).total.fscore == 1.0
