"""Judge each predicted entity of a text by the gold, to show to people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .confusion import Entity, Pair

Verdict: TypeAlias = Literal["right", "label", "bounds", "spurious", "missed", "unjudged"]


@dataclass(frozen=True)
class Judged:
    """A predicted entity, or a missed one.

    entity (Tuple[int, int, str]): Start, end and label; for a missed entity, those of the gold.
    verdict (str): "right"; "label": the gold has another label here, and possibly other bounds;
        "bounds": only the bounds differ; "spurious": the gold has no entity here; "missed";
        "unjudged": unknown in the gold.
    gold (Optional[Tuple[int, int, str]]): The gold entity, for "label" and "bounds".
    """

    entity: Entity
    verdict: Verdict
    gold: Entity | None = None

    @property
    def is_mistake(self) -> bool:
        """Return True if it lowers precision or recall."""
        return self.verdict not in ("right", "unjudged")

    def to_dict(self) -> dict[str, Any]:
        """The entity as plain data."""
        plain = {**_plain(self.entity), "verdict": self.verdict}
        return plain if self.gold is None else {**plain, "gold": _plain(self.gold)}


def judge(
    pairs: Iterable[Pair], found: Collection[Entity], labels: Collection[str]
) -> list[Judged]:
    """Judge the entities of a text.

    pairs (Iterable[Pair]): Gold and predicted entities, without predictions in unknown places; see
        `EvaluationSet.pair`.
    found (Collection[Entity]): All predicted entities.
    labels (Collection[str]): Labels that the gold annotates.
    RETURNS (List[Judged]): In the order of the text.
    """
    judged = [_judge(gold, predicted, labels) for gold, predicted in pairs]
    told = {one.entity for one in judged if one.verdict != "missed"}
    judged += [Judged(entity, "unjudged") for entity in found if entity not in told]
    return sorted(judged, key=lambda one: (one.entity, one.verdict))


def draw_examples(texts: Iterable[tuple[str, Sequence[Judged]]], *, count: int) -> dict[str, Any]:
    """Choose texts to show, half of them with mistakes, if there are enough.

    texts (Iterable[Tuple[str, Sequence[Judged]]]): All texts, judged.
    count (int): Maximum number of texts. They are spread evenly over all texts, in case the file is
        sorted. The same texts give the same examples.
    RETURNS (Dict[str, Any]): The examples `shown`, in the order of the texts; the number of
        `texts`, of texts with a mistake (`mistaken`), and of texts with entities and no mistake
        (`faultless`). The other texts have no entities, or none that can be judged.
    """
    total = 0
    mistaken, faultless = [], []
    for number, (text, judged) in enumerate(texts):
        total += 1
        if any(one.is_mistake for one in judged):
            mistaken.append((number, text, judged))
        elif any(one.verdict == "right" for one in judged):
            faultless.append((number, text, judged))
    right = min(len(faultless), max(count // 2, count - len(mistaken)))
    drawn = _spread(mistaken, count - right) + _spread(faultless, right)
    return {
        "texts": total,
        "mistaken": len(mistaken),
        "faultless": len(faultless),
        "shown": [
            {"text": text, "entities": [one.to_dict() for one in judged]}
            for _, text, judged in sorted(drawn, key=lambda row: row[0])
        ],
    }


def _judge(gold: Entity | None, predicted: Entity | None, labels: Collection[str]) -> Judged:
    if predicted is None:
        assert gold is not None
        return Judged(gold, "missed")
    if gold is None:
        return Judged(predicted, "spurious" if predicted[2] in labels else "unjudged")
    if gold == predicted:
        return Judged(predicted, "right")
    return Judged(predicted, "bounds" if gold[2] == predicted[2] else "label", gold)


def _plain(entity: Entity) -> dict[str, Any]:
    return dict(zip(("start", "end", "label"), entity, strict=True))


def _spread(rows: list[Any], count: int) -> list[Any]:
    count = min(count, len(rows))
    return [rows[(2 * i + 1) * len(rows) // (2 * count)] for i in range(count)]
