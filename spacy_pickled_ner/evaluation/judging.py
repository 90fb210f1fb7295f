"""What was found in a text, judged entity by entity against the gold: for people to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .confusion import Entity, Pair

Verdict: TypeAlias = Literal["right", "label", "bounds", "spurious", "missed", "unjudged"]


@dataclass(frozen=True)
class Judged:
    """An entity that was found, or one that should have been.

    entity (Tuple[int, int, str]): Start, end and label; of what was missed, the gold's.
    verdict (str): "right"; "label": the gold has another label here, and maybe other bounds too;
        "bounds": only the bounds are others; "spurious": the gold has nothing here; "missed";
        "unjudged": the gold cannot say.
    gold (Optional[Tuple[int, int, str]]): What it should have been, for "label" and "bounds".
    """

    entity: Entity
    verdict: Verdict
    gold: Entity | None = None

    @property
    def is_mistake(self) -> bool:
        """Whether it costs precision or recall."""
        return self.verdict not in ("right", "unjudged")

    def to_dict(self) -> dict[str, Any]:
        """The entity as plain data."""
        plain = {**_plain(self.entity), "verdict": self.verdict}
        return plain if self.gold is None else {**plain, "gold": _plain(self.gold)}


def judge(
    pairs: Iterable[Pair], found: Collection[Entity], labels: Collection[str]
) -> list[Judged]:
    """Judge what was found in a text.

    pairs (Iterable[Pair]): Gold and predicted, without what is predicted where nothing is known;
        see `EvaluationSet.pair`.
    found (Collection[Entity]): All that was predicted.
    labels (Collection[str]): Labels that the gold annotates.
    RETURNS (List[Judged]): In the order of the text.
    """
    judged = [_judge(gold, predicted, labels) for gold, predicted in pairs]
    told = {one.entity for one in judged if one.verdict != "missed"}
    judged += [Judged(entity, "unjudged") for entity in found if entity not in told]
    return sorted(judged, key=lambda one: (one.entity, one.verdict))


def draw_examples(texts: Iterable[tuple[str, Sequence[Judged]]], *, count: int) -> dict[str, Any]:
    """Draw some texts to show: half of them with mistakes, as far as there are any.

    texts (Iterable[Tuple[str, Sequence[Judged]]]): All texts, judged.
    count (int): How many to draw at most. They are spread evenly over all, so that a file that is
        sorted in some way does not show one kind alone; the same texts give the same examples.
    RETURNS (Dict[str, Any]): The examples `shown`, in the order of the texts; how many `texts`
        there are, how many have a mistake (`mistaken`), and in how many something was found and
        all is right (`faultless`). In the other texts there was nothing to find, or to judge.
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
