"""Gold entities side by side with those predicted."""

from __future__ import annotations

import pytest

from spacy_pickled_ner.evaluation.confusion import count_confusion, pair_entities

A, B = (0, 5, "DRINK"), (10, 15, "DRINK")


@pytest.mark.parametrize(
    ("gold", "predicted", "pairs"),
    [
        ([], [], []),
        ([A], [A], [(A, A)]),
        ([A], [], [(A, None)]),
        ([], [A], [(None, A)]),
        ([A], [(0, 5, "FOOD")], [(A, (0, 5, "FOOD"))]),
        ([A], [(3, 8, "FOOD")], [(A, (3, 8, "FOOD"))]),
        ([A], [(5, 8, "FOOD")], [(A, None), (None, (5, 8, "FOOD"))]),
        # The same span before more of an overlap, and more of an overlap before less.
        ([A, B], [(0, 5, "FOOD"), (0, 15, "DRINK")], [(A, (0, 5, "FOOD")), (B, (0, 15, "DRINK"))]),
        (
            [(0, 9, "X")],
            [(0, 2, "X"), (3, 9, "X")],
            [(None, (0, 2, "X")), ((0, 9, "X"), (3, 9, "X"))],
        ),
    ],
)
def test_pairs(gold, predicted, pairs):
    assert pair_entities(gold, predicted) == pairs
    assert pair_entities(gold[::-1], predicted[::-1]) == pairs


def test_counts():
    food, person = (20, 25, "FOOD"), (30, 35, "PERSON")
    pairs = [(A, A), (A, (0, 4, "DRINK")), (B, food), (B, None), (None, A), (None, person)]
    assert count_confusion(pairs, {"DRINK", "FOOD"}) == [
        {"gold": "DRINK", "predicted": "DRINK", "count": 2, "exact": 1},
        {"gold": "DRINK", "predicted": "FOOD", "count": 1, "exact": 0},
        {"gold": "DRINK", "predicted": None, "count": 1, "exact": 0},
        {"gold": None, "predicted": "DRINK", "count": 1, "exact": 0},
    ]
