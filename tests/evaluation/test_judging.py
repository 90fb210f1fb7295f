"""Finds held against the gold, and which texts are drawn to be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner.evaluation.confusion import pair_entities
from spacy_pickled_ner.evaluation.judging import Judged, draw_examples, judge

TEA, BIG_TEA, FOOD = (6, 9, "DRINK"), (0, 9, "DRINK"), (6, 9, "FOOD")
ADA = (20, 23, "PERSON")
LABELS = {"DRINK", "FOOD"}


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        ([TEA], [TEA], [Judged(TEA, "right")]),
        ([TEA], [FOOD], [Judged(FOOD, "label", TEA)]),
        ([TEA], [BIG_TEA], [Judged(BIG_TEA, "bounds", TEA)]),
        ([BIG_TEA], [FOOD], [Judged(FOOD, "label", BIG_TEA)]),
        ([TEA], [], [Judged(TEA, "missed")]),
        ([], [TEA], [Judged(TEA, "spurious")]),
        # The gold does not annotate persons: it cannot say whether this is one.
        ([TEA], [TEA, ADA], [Judged(TEA, "right"), Judged(ADA, "unjudged")]),
        ([(20, 23, "DRINK")], [ADA], [Judged(ADA, "label", (20, 23, "DRINK"))]),
    ],
)
def test_verdicts(gold, found, expected):
    assert judge(pair_entities(gold, found), found, LABELS) == expected
    is_mistake = any(one.is_mistake for one in expected)
    in_labels = {entity for entity in found if entity[2] in LABELS}
    assert is_mistake == (set(gold) != in_labels)


def test_what_is_found_where_nothing_is_known_is_not_judged():
    assert judge([], [TEA], LABELS) == [Judged(TEA, "unjudged")]


def test_entities_as_plain_data():
    tea = {"start": 6, "end": 9, "label": "DRINK"}
    assert Judged(TEA, "missed").to_dict() == {**tea, "verdict": "missed"}
    assert Judged(FOOD, "label", TEA).to_dict() == {
        **tea,
        "label": "FOOD",
        "verdict": "label",
        "gold": tea,
    }


KINDS = {"m": [Judged(TEA, "missed")], "r": [Judged(TEA, "right")], "-": []}
KINDS["u"] = [Judged(ADA, "unjudged")]


def draw(kinds: str, count: int) -> str:
    drawn = draw_examples(((kind, KINDS[kind]) for kind in kinds), count=count)
    assert drawn["texts"] == len(kinds)
    assert (drawn["mistaken"], drawn["faultless"]) == (kinds.count("m"), kinds.count("r"))
    return "".join(example["text"] for example in drawn["shown"])


@pytest.mark.parametrize(
    ("kinds", "drawn"),
    [
        ("", ""),
        ("-u-u", ""),
        ("rrrrrr", "rrrr"),
        ("mmmmmm", "mmmm"),
        ("mrrrrr", "mrrr"),
        ("rmmmmm", "rmmm"),
        ("rrrmmm", "rrmm"),
        ("-mu", "m"),
    ],
)
def test_half_of_the_examples_have_mistakes_if_there_are_any(kinds, drawn):
    assert draw(kinds, 4) == drawn


@given(st.text(alphabet="mr-u", max_size=40), st.integers(0, 12))
def test_as_many_examples_as_there_can_be(kinds, count):
    drawn = draw(kinds, count)
    assert len(drawn) == min(count, kinds.count("m") + kinds.count("r"))
    for kind in "mr":
        assert drawn.count(kind) >= min(kinds.count(kind), count // 2)


def test_examples_come_from_all_over_the_texts():
    texts = ((str(number), KINDS["m"]) for number in range(100))
    shown = draw_examples(texts, count=4)["shown"]
    assert [example["text"] for example in shown] == ["12", "37", "62", "87"]
