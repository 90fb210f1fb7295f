"""Splitting dev data off: seeded, stratified, and never half a text on either side."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import AnnotatedText, EntitySpan, split_dev

LABELS = ("COMMON", "MIDDLE", "RARE")


def make_row(text: str, labels: tuple[str, ...], number: int = 1) -> AnnotatedText:
    spans = tuple(EntitySpan(i, i + 1, label) for i, label in enumerate(labels))
    return AnnotatedText(text, spans, "a.jsonl", number)


def labels_of(rows: list[AnnotatedText]) -> Counter[str]:
    return Counter(span.label for row in rows for span in row.spans)


rows_strategy = st.lists(
    st.tuples(st.sampled_from("abcdefghijkl"), st.lists(st.sampled_from(LABELS), max_size=3)),
    min_size=1,
    max_size=30,
).map(lambda pairs: [make_row(t, tuple(ls), n) for n, (t, ls) in enumerate(pairs, start=1)])


@given(rows=rows_strategy, fraction=st.floats(0.01, 0.99), seed=st.integers(0, 5))
def test_every_split(rows: list[AnnotatedText], fraction: float, seed: int) -> None:
    try:
        train, dev = split_dev(rows, fraction=fraction, seed=seed)
    except AnnotationError:
        return
    assert sorted(row.row for row in train + dev) == [row.row for row in rows]
    assert [row.row for row in train] == sorted(row.row for row in train)
    assert [row.row for row in dev] == sorted(row.row for row in dev)
    assert not {row.text for row in train} & {row.text for row in dev}
    assert labels_of(train).keys() == labels_of(rows).keys()
    assert labels_of(dev)
    assert split_dev(rows, fraction=fraction, seed=seed) == (train, dev)


def test_the_same_share_of_every_label_goes_to_dev() -> None:
    counts = {"COMMON": 100, "MIDDLE": 50, "RARE": 10}
    rows = [
        make_row(f"{label} {n}", (label,)) for label, count in counts.items() for n in range(count)
    ]
    rows += [make_row(f"nothing {n}", ()) for n in range(40)]
    _, dev = split_dev(rows, fraction=0.2, seed=0)
    assert labels_of(dev) == {"COMMON": 20, "MIDDLE": 10, "RARE": 2}
    assert sum(not row.spans for row in dev) == 8


def test_a_text_counts_for_its_rarest_label() -> None:
    rows = [make_row(f"text {n}", ("COMMON",)) for n in range(40)]
    rows += [make_row(f"both {n}", ("COMMON", "RARE")) for n in range(4)]
    _, dev = split_dev(rows, fraction=0.25, seed=1)
    assert labels_of(dev)["RARE"] == 1


def test_another_seed_is_another_split() -> None:
    rows = [make_row(f"text {n}", ("COMMON",)) for n in range(40)]
    splits = {
        tuple(row.text for row in split_dev(rows, fraction=0.2, seed=seed)[1]) for seed in range(5)
    }
    assert len(splits) == 5


def test_a_label_of_a_single_text_is_trained_not_scored() -> None:
    rows = [make_row(f"text {n}", ("COMMON",)) for n in range(10)] + [make_row("one", ("RARE",))]
    train, _ = split_dev(rows, fraction=0.9, seed=0)
    assert labels_of(train)["RARE"] == 1


def test_a_label_that_is_the_rarest_of_no_text_stays_in_train() -> None:
    # Each group gives one of its two texts to dev; without care, both that have MIDDLE.
    rows = [
        make_row("a", ("A", "MIDDLE")),
        make_row("b", ("A",)),
        make_row("c", ("B", "MIDDLE")),
        make_row("d", ("B",)),
        make_row("e", ("C",)),
        make_row("f", ("C",)),
    ]
    for seed in range(20):
        train, _ = split_dev(rows, fraction=0.5, seed=seed)
        assert labels_of(train).keys() == labels_of(rows).keys()


@pytest.mark.parametrize(
    "rows",
    [
        [make_row("only one", ("COMMON",))],
        [make_row("same", ("COMMON",), 1), make_row("same", ("COMMON",), 2)],
        [make_row("one", ("COMMON",))] + [make_row(f"nothing {n}", ()) for n in range(10)],
    ],
)
def test_too_few_texts_with_entities(rows: list[AnnotatedText]) -> None:
    with pytest.raises(AnnotationError, match=r"a\.jsonl: too few texts .* pass dev data"):
        split_dev(rows, fraction=0.2, seed=0)
