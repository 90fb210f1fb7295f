"""Example texts with predicted entities, compared with the gold.

A sign, a word and the border show right and wrong; the colour only shows the label. A long text is
shortened to the part around its first mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .html import Html, element, join
from .tints import Tints
from .values import count, mapping_in, mappings_in, number_in

LONGEST, LONGEST_WORD = 600, 40

# The class in the stylesheet and the sign, by verdict.
SIGNS = {
    "right": ("right", "✓"),
    "label": ("wrong", "✗"),
    "bounds": ("wrong", "✗"),
    "spurious": ("wrong", "✗"),
    "missed": ("missed", "○"),
    "unjudged": ("unjudged", "?"),
}
LEGEND = (
    ("right", "right: equal to the gold"),
    ("spurious", "wrong: the gold has another label, other bounds, or no entity here"),
    ("missed", "missed: in the gold, but not predicted"),
    ("unjudged", "unknown: the gold does not annotate this label or this place"),
)


@dataclass(frozen=True)
class Marked:
    """An entity in a text, predicted or missed."""

    start: int
    end: int
    label: str
    verdict: str
    gold: Mapping[str, Any]

    @property
    def is_mistake(self) -> bool:
        """Return True if it lowers precision or recall."""
        return self.verdict not in ("right", "unjudged")


def example_texts(examples: Mapping[str, Any], tints: Tints) -> list[Html]:
    """Show texts with their entities marked.

    examples (Mapping[str, Any]): The examples, see `FineTuneResult.examples`.
    RETURNS (List[Html]): A description, a legend, and a figure for each; empty without texts.
    """
    shown = [(str(row.get("text", "")), row) for row in mappings_in(examples, "shown")]
    texts = [(text, _entities_in(text, row)) for text, row in shown]
    if not texts:
        return []
    verdicts = {entity.verdict for _, entities in texts for entity in entities}
    # "label" and "bounds" are explained together with "spurious".
    kinds = {SIGNS[verdict][0] for verdict in verdicts}
    legend = [
        element("li", _sign(verdict), said)
        for verdict, said in LEGEND
        if SIGNS[verdict][0] in kinds
    ]
    return [
        element("p", _say_which(examples, len(texts)), class_="note"),
        element("ul", *legend, class_="legend"),
        *(_figure(text, entities, tints) for text, entities in texts),
    ]


def _entities_in(text: str, row: Mapping[str, Any]) -> list[Marked]:
    entities = []
    for plain in mappings_in(row, "entities"):
        start, end = (number_in(plain, name) for name in ("start", "end"))
        verdict = str(plain.get("verdict"))
        if start is None or end is None or verdict not in SIGNS:
            continue
        if 0 <= start < end <= len(text):
            label, gold = str(plain.get("label", "")), mapping_in(plain, "gold")
            entities.append(Marked(int(start), int(end), label, verdict, gold))
    # Missed entities come after predictions in the same place.
    return sorted(entities, key=lambda e: (e.start, e.verdict == "missed", e.end))


def _say_which(examples: Mapping[str, Any], shown: int) -> str:
    texts, mistaken, right = (
        number_in(examples, name) for name in ("texts", "mistaken", "faultless")
    )
    source = str(examples.get("source") or "texts")
    if texts is None or mistaken is None or right is None:
        return f"{shown} {source}."
    said = [
        f"{shown} of {count(texts)} {source}, spread evenly.",
        f"{count(mistaken)} have a mistake, and {count(right)} have only right entities.",
    ]
    if mistaken and right:
        said.append("Half of the texts shown are of each kind, if there are enough.")
    if texts > mistaken + right:
        said.append(f"The other {count(texts - mistaken - right)} have no entities.")
    return " ".join(said)


def _sign(verdict: str) -> Html:
    kind, sign = SIGNS[verdict]
    return element("span", sign, class_=f"sign {kind}")


def _figure(text: str, entities: Sequence[Marked], tints: Tints) -> Html:
    begin, end = _part_to_show(text, entities)
    inside = [entity for entity in entities if begin <= entity.start and entity.end <= end]
    at, parts, beside = begin, [], []
    for entity in inside:
        if entity.start < at:
            beside.append(entity)
            continue
        parts += [text[at : entity.start], _mark(text, entity, tints)]
        at = entity.end
    parts.append(text[at:end])
    if begin > 0:
        parts.insert(0, "\N{HORIZONTAL ELLIPSIS} ")
    if end < len(text):
        parts.append(" \N{HORIZONTAL ELLIPSIS}")
    # Marks cannot overlap: other entities in the same place are listed below the text.
    named = (join(" ", _mark(text, entity, tints)) for entity in beside)
    notes = [element("p", "in the same place:", *named, class_="beside")] if beside else []
    if cut := [entity for entity in entities if entity not in inside]:
        wrong = sum(entity.is_mistake for entity in cut)
        said = f"not shown: {len(cut)} more marks of this text, {wrong} of them mistakes"
        notes.append(element("p", said, class_="beside"))
    # The browser detects text from right to left.
    return element("figure", element("p", *parts, dir="auto"), *notes, class_="example")


def _mark(text: str, entity: Marked, tints: Tints) -> Html:
    kind, _ = SIGNS[entity.verdict]
    tint = "" if entity.verdict == "missed" else f" {tints[entity.label]}"
    said = element("span", _sign(entity.verdict), _say(text, entity), class_="label")
    words = text[entity.start : entity.end]
    return element("mark", words, said, class_=f"entity {kind}{tint}")


def _say(text: str, entity: Marked) -> str:
    if entity.verdict == "missed":
        return f"missed: {entity.label}"
    if entity.verdict == "spurious":
        return f"{entity.label}, not in the gold"
    if entity.verdict not in ("label", "bounds"):
        return entity.label
    gold = [str(entity.gold.get("label", ""))] if entity.verdict == "label" else []
    start, end = (number_in(entity.gold, name) for name in ("start", "end"))
    if start is not None and end is not None and (start, end) != (entity.start, entity.end):
        gold.append(f"“{_shorten(text[int(max(start, 0)) : int(max(end, 0))])}”")
    return f"{entity.label}, gold: {' '.join(gold)}"


def _shorten(words: str) -> str:
    if len(words) <= LONGEST_WORD:
        return words
    return f"{words[: LONGEST_WORD // 2]} \N{HORIZONTAL ELLIPSIS} {words[-LONGEST_WORD // 2 :]}"


def _part_to_show(text: str, entities: Sequence[Marked]) -> tuple[int, int]:
    if len(text) <= LONGEST or not entities:
        return 0, min(len(text), LONGEST)
    first = next((entity for entity in entities if entity.is_mistake), entities[0])
    begin = max(0, min(first.start - LONGEST // 4, len(text) - LONGEST))
    end = max(begin + LONGEST, first.end)
    # Cut between words if possible, and never inside an entity.
    begin = text.rfind(" ", max(0, begin - LONGEST_WORD), begin) + 1 or begin
    end = max(end, text.find(" ", end, end + LONGEST_WORD))
    begin = min([begin, *(e.start for e in entities if e.start < begin < e.end)])
    return begin, max([end, *(e.end for e in entities if e.start < end < e.end)])
