"""What the data makes of the base's labels: kept, renamed, or left open."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_pickled_ner.ner.data.gold import GoldExample
from spacy_pickled_ner.ner.retention.relations import LabelRelation, find_likeness, find_relations
from spacy_pickled_ner.ner.retention.replaying import annotate, complete

Spans = list[tuple[int, int, str]]


def texts(*groups: tuple[int, str | None, str]) -> list[tuple[Spans, Spans]]:
    """So many texts of one span each: what the data calls it, and what the base does."""
    return [
        ([] if gold is None else [(0, 5, gold)], [(0, 5, found)])
        for count, gold, found in groups
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("groups", "target"),
    [
        # The data says nothing of it, or too little to tell.
        ([(20, None, "LOC")], "LOC"),
        ([(4, "PLACE", "LOC")], "LOC"),
        ([(20, None, "LOC"), (19, "PLACE", "LOC")], "LOC"),
        # Another name, though the base is often wrong.
        ([(20, "PLACE", "LOC")], "PLACE"),
        ([(20, "PLACE", "LOC"), (10, None, "LOC")], "PLACE"),
        ([(20, "PLACE", "LOC"), (1, "PERSON", "LOC")], "PLACE"),
        # Split in two.
        ([(10, "CITY", "LOC"), (10, "RIVER", "LOC")], None),
    ],
)
def test_a_label_that_the_data_does_not_annotate(groups, target):
    labels = {"PLACE", "PERSON", "CITY", "RIVER"}
    relations = find_relations(texts(*groups), base_labels=["LOC"], labels=labels)
    assert relations["LOC"].target == target
    assert relations["LOC"].is_kept == (target == "LOC")
    assert (relations["LOC"].warning() is None) == (target == "LOC")


@pytest.mark.parametrize(
    ("groups", "target"),
    [
        ([(2, None, "LOC")], "LOC"),
        ([(20, "LOC", "LOC"), (5, None, "LOC")], "LOC"),
        ([(5, "LOC", "LOC"), (20, None, "LOC")], None),
    ],
)
def test_a_label_that_the_data_annotates_itself(groups, target):
    relations = find_relations(texts(*groups), base_labels=["LOC"], labels={"LOC"})
    assert relations["LOC"].target == target
    assert not relations["LOC"].is_kept


def test_labels_that_are_merged_are_replayed_as_one():
    both = texts((20, "NAME", "PER"), (20, "NAME", "ORG"), (20, None, "LOC"))
    relations = find_relations(both, base_labels=["PER", "ORG", "LOC"], labels={"NAME"})
    assert {old: relation.target for old, relation in relations.items()} == {
        "PER": "NAME",
        "ORG": "NAME",
        "LOC": "LOC",
    }


def test_it_says_so_with_counts():
    groups = texts((20, "PLACE", "LOC"), (1, "CITY", "LOC"), (4, None, "LOC"))
    (relation,) = find_relations(groups, base_labels=["LOC"], labels={"PLACE", "CITY"}).values()
    assert relation.warning() == (
        "of 25 LOC that the base predicts in these texts, the data annotates 21 (1 CITY, 20 "
        "PLACE): LOC is renamed to PLACE"
    )
    assert relation.to_dict() == {
        "replayed_as": "PLACE",
        "found": 25,
        "annotated_as": {"CITY": 1, "PLACE": 20},
    }
    groups = texts((1, "LOC", "LOC"), (20, None, "LOC"))
    (relation,) = find_relations(groups, base_labels=["LOC"], labels={"LOC"}).values()
    assert "annotates 1 (1 LOC): LOC is not replayed" in (relation.warning() or "")


def test_likeness_counts_what_overlaps():
    gold = [(0, 10, "BRAND"), (20, 25, "BRAND")]
    found = [(0, 4, "PER"), (5, 10, "ORG"), (10, 12, "LOC"), (22, 30, "ORG")]
    assert find_likeness([(gold, found)], labels=["BRAND", "X"]) == {
        "BRAND": {"PER": 1, "ORG": 2},
        "X": {},
    }


RELATIONS = {
    "PER": LabelRelation("PER", "PER", 9, {}, is_trained=False),
    "LOC": LabelRelation("LOC", "PLACE", 9, {"PLACE": 9}, is_trained=False),
    "ORG": LabelRelation("ORG", None, 9, {"A": 4, "B": 5}, is_trained=False),
    "DATE": LabelRelation("DATE", "DATE", 9, {"DATE": 9}, is_trained=True),
}
FOUND = [(0, 1, "PER"), (1, 2, "LOC"), (2, 3, "ORG"), (3, 4, "DATE"), (4, 6, "PER")]


@pytest.fixture
def doc() -> Doc:
    return Doc(spacy.blank("en").vocab, words=["a", "b", "c", "d", "e", "f", "g"])


def described(example: Example) -> tuple[list[tuple[int, int, str]], list[int]]:
    gold = example.reference
    unknown = [token.i for token in gold if token.ent_iob == 0]
    return [(ent.start, ent.end, ent.label_) for ent in gold.ents], unknown


def test_raw_text_is_replayed_under_the_names_of_the_data(doc: Doc):
    assert described(annotate(doc, FOUND, RELATIONS)) == (
        [(0, 1, "PER"), (1, 2, "PLACE"), (3, 4, "DATE"), (4, 6, "PER")],
        [2],
    )
    assert not doc.ents


def test_a_training_text_gets_what_the_data_says_nothing_of(doc: Doc):
    gold = doc.copy()
    gold.set_ents([Span(gold, 5, 7, label="PLACE")], default="outside")
    completed = complete(GoldExample(doc, gold), FOUND, RELATIONS)
    assert described(completed) == ([(0, 1, "PER"), (5, 7, "PLACE")], [2])


def test_what_is_unknown_in_the_gold_stays_so_unless_the_base_knows(doc: Doc):
    gold = doc.copy()
    gold.set_ents([], missing=[gold[0:2]], default="outside")
    completed = complete(GoldExample(doc, gold), [(0, 1, "PER")], RELATIONS)
    assert described(completed) == ([(0, 1, "PER")], [1])
