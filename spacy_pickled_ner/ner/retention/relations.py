"""What the base's labels are to the data's: the same, another name, or something in between.

A base that knows LOC will find LOC where the data annotates PLACE. To replay it as LOC would teach
the NER to say both. So what the base finds in the training texts is compared with the gold there:
whatever it finds as L and the data nearly always calls M is replayed as M; where the data calls it
now this and now that, or mostly denies a label that it annotates itself, it is left open, and the
data alone decides. All other labels are kept. Only spans with the same ends on both sides count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.training import Example

from .frozen_ners import Found

Spans = Iterable[tuple[int, int, str]]

# Below this nothing is concluded: the base found too little in the training texts.
MIN_COINCIDING = 5
# The data speaks of a label if it annotates at least this share of what the base finds with it …
MIN_SHARE = 0.5
# … and calls it M if at least this share of that is M.
MIN_ONE_LABEL = 0.9


@dataclass(frozen=True)
class LabelRelation:
    """What the data makes of one of the base's labels.

    label (str): The base's label.
    target (Optional[str]): What it is replayed as; None leaves it open.
    found (int): Spans with this label that the base found in the training texts.
    annotated (Mapping[str, int]): What the data calls those of them that it annotates.
    is_trained (bool): The data annotates this label itself.
    """

    label: str
    target: str | None
    found: int
    annotated: Mapping[str, int]
    is_trained: bool

    @property
    def is_kept(self) -> bool:
        """Whether it goes on under its own name, and the data does not annotate it."""
        return self.target == self.label and not self.is_trained

    def warning(self) -> str | None:
        """What the user should know of it, if anything."""
        if self.target == self.label:
            return None
        total = sum(self.annotated.values())
        said = ", ".join(f"{count} {label}" for label, count in sorted(self.annotated.items()))
        facts = f"of {self.found} {self.label} that the base finds in the training texts, the data "
        facts += f"annotates {total} ({said})" if total else "annotates none"
        if self.target is None:
            return f"{facts}: {self.label} is not replayed, the data alone decides on it"
        return f"{facts}: {self.label} now is {self.target}, and is no longer found as {self.label}"

    def to_dict(self) -> dict[str, Any]:
        """The relation as plain data, for the metrics file."""
        return {
            "replayed_as": self.target,
            "found": self.found,
            "annotated_as": dict(sorted(self.annotated.items())),
        }


def compare(examples: Sequence[Example], found: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    """Give gold and found entities of each text as characters: the two may have other tokens.

    examples (Sequence[Example]): The texts.
    found (Sequence[Found]): What was found in each, in predicted tokens.
    YIELDS (Tuple[Found, Found]): Gold, and what was found.
    """
    for example, entities in zip(examples, found, strict=True):
        spans = [example.predicted[start:end] for start, end, _ in entities]
        yield (
            [(ent.start_char, ent.end_char, ent.label_) for ent in example.reference.ents],
            [
                (span.start_char, span.end_char, label)
                for span, (_, _, label) in zip(spans, entities, strict=True)
            ],
        )


def find_likeness(
    texts: Iterable[tuple[Spans, Spans]], *, labels: Collection[str]
) -> dict[str, Counter[str]]:
    """Count which labels the base gives to what overlaps with gold entities.

    texts (Iterable[Tuple[Spans, Spans]]): See `find_relations`.
    labels (Collection[str]): The data's labels.
    RETURNS (Dict[str, Counter[str]]): For each of them the labels of the base.
    """
    likeness: dict[str, Counter[str]] = {label: Counter() for label in labels}
    for gold, predicted in texts:
        found = list(predicted)
        for start, end, label in gold:
            likeness[label].update(lab for s, e, lab in found if s < end and start < e)
    return likeness


def find_relations(
    texts: Iterable[tuple[Spans, Spans]], *, base_labels: Collection[str], labels: Collection[str]
) -> dict[str, LabelRelation]:
    """Compare what the base finds with what the data annotates.

    texts (Iterable[Tuple[Spans, Spans]]): For each training text the gold spans and those that the
        base finds, as (start, end, label) in the same unit.
    base_labels (Collection[str]): The base's labels.
    labels (Collection[str]): The data's labels.
    RETURNS (Dict[str, LabelRelation]): The relation of each label of the base.
    """
    found: Counter[str] = Counter()
    annotated: dict[str, Counter[str]] = {label: Counter() for label in base_labels}
    for gold, predicted in texts:
        called = {(start, end): label for start, end, label in gold}
        for start, end, label in predicted:
            found[label] += 1
            if (start, end) in called:
                annotated[label][called[start, end]] += 1
    return {
        label: LabelRelation(
            label,
            _target(label, found[label], annotated[label], is_trained=label in labels),
            found[label],
            dict(annotated[label]),
            label in labels,
        )
        for label in base_labels
    }


def find_renamed(relations: Mapping[str, LabelRelation]) -> dict[str, dict[str, int]]:
    """Find labels that are new in name only.

    relations (Mapping[str, LabelRelation]): The relation of each label of the base.
    RETURNS (Dict[str, Dict[str, int]]): Of which of the base's they are made, and how often.
    """
    made: dict[str, dict[str, int]] = {}
    for label, relation in relations.items():
        target = relation.target
        if target is not None and target not in relations:
            made.setdefault(target, {})[label] = relation.annotated[target]
    return made


def _target(label: str, found: int, annotated: Counter[str], *, is_trained: bool) -> str | None:
    total = sum(annotated.values())
    if is_trained:
        if found < MIN_COINCIDING:
            return label
    elif total < MIN_COINCIDING:
        return label
    if total < MIN_SHARE * found:
        return None if is_trained else label
    called, count = annotated.most_common(1)[0]
    return called if count >= MIN_ONE_LABEL * total else None
