"""Compare gold and predicted entities, and count which labels are confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

Entity = tuple[int, int, str]
Pair = tuple[Entity | None, Entity | None]


def pair_entities(gold: Collection[Entity], predicted: Collection[Entity]) -> list[Pair]:
    """Pair gold and predicted entities of a text, one to one.

    Equal spans are paired first, with any labels; then those that overlap most.

    gold, predicted (Collection[Tuple[int, int, str]]): Start, end and label.
    RETURNS (List[Pair]): Gold and predicted, in the order of the text; None for the gold of a
        spurious entity, and for the prediction of a missed one.
    """
    overlaps = [
        (left[:2] != right[:2], max(left[0], right[0]) - min(left[1], right[1]), left, right)
        for left in gold
        for right in predicted
        if left[0] < right[1] and right[0] < left[1]
    ]
    pairs: list[Pair] = []
    seen_gold: set[Entity] = set()
    seen_predicted: set[Entity] = set()
    for _, _, left, right in sorted(overlaps):
        if left not in seen_gold and right not in seen_predicted:
            pairs.append((left, right))
            seen_gold.add(left)
            seen_predicted.add(right)
    pairs += [(entity, None) for entity in gold if entity not in seen_gold]
    pairs += [(None, entity) for entity in predicted if entity not in seen_predicted]
    return sorted(pairs, key=lambda pair: pair[0] or pair[1] or ())


def count_confusion(pairs: Iterable[Pair], labels: Collection[str]) -> list[dict[str, Any]]:
    """Count gold labels against predicted ones.

    pairs (Iterable[Pair]): See `pair_entities`, over all texts.
    labels (Collection[str]): Labels that the gold annotates. Spurious entities with other labels
        are not counted, because the gold says nothing about them.
    RETURNS (List[Dict[str, Any]]): For each `gold` and `predicted` label that occur together, the
        `count`, and in `exact` how many of them have equal spans. `predicted` is None for
        missed entities, `gold` is None for spurious ones.
    """
    counts: Counter[tuple[str | None, str | None]] = Counter()
    exact: Counter[tuple[str | None, str | None]] = Counter()
    for gold, predicted in pairs:
        if gold is None and predicted is not None and predicted[2] not in labels:
            continue
        cell = (gold and gold[2], predicted and predicted[2])
        counts[cell] += 1
        exact[cell] += bool(gold and predicted and gold[:2] == predicted[:2])
    return [
        {"gold": cell[0], "predicted": cell[1], "count": counts[cell], "exact": exact[cell]}
        for cell in sorted(counts, key=_labels_first)
    ]


def _labels_first(cell: Sequence[str | None]) -> list[tuple[bool, str]]:
    return [(label is None, label or "") for label in cell]
