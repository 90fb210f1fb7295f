"""Compare the labels of base and data: the same, another name, or something in between.

A base with the label LOC predicts LOC where the data annotates PLACE. To replay it as LOC would
train the NER on both. So the base's predictions in the training texts are compared with the gold.
If the data almost always annotates L as M, then L is replayed as M. If the data uses several labels
for it, or annotates L itself and mostly disagrees, then L is open: it is not replayed, and the data
alone decides. All other labels are kept. Only spans with equal bounds are compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.training import Example

from .frozen_ners import Found

Spans = Iterable[tuple[int, int, str]]

# With fewer predictions in the training texts, nothing is concluded.
MIN_COINCIDING = 5
# The data covers a label if it annotates at least this share of the base's predictions with it.
MIN_SHARE = 0.5
# The data renames it to M if at least this share of those annotations is M.
MIN_ONE_LABEL = 0.9


@dataclass(frozen=True)
class LabelRelation:
    """How the data annotates the predictions of one base label.

    label (str): The base's label.
    target (Optional[str]): The label to replay it as; None if it is open.
    found (int): Predicted spans with this label in the training texts.
    annotated (Mapping[str, int]): How many of them the data annotates, by its label.
    is_trained (bool): True if the data annotates this label.
    """

    label: str
    target: str | None
    found: int
    annotated: Mapping[str, int]
    is_trained: bool

    @property
    def is_kept(self) -> bool:
        """Return True if the label keeps its name and the data does not annotate it."""
        return self.target == self.label and not self.is_trained

    def warning(self) -> str | None:
        """Return a warning about the label, if there is one."""
        if self.target == self.label:
            return None
        total = sum(self.annotated.values())
        said = ", ".join(f"{count} {label}" for label, count in sorted(self.annotated.items()))
        facts = f"of {self.found} {self.label} that the base predicts in these texts, the data "
        facts += f"annotates {total} ({said})" if total else "annotates none"
        if self.target is None:
            return f"{facts}: {self.label} is not replayed; the data alone decides"
        return f"{facts}: {self.label} is renamed to {self.target}"

    def to_dict(self) -> dict[str, Any]:
        """The relation as plain data, for the metrics file."""
        return {
            "replayed_as": self.target,
            "found": self.found,
            "annotated_as": dict(sorted(self.annotated.items())),
        }


def compare(examples: Sequence[Example], found: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    """Yield gold and predicted entities of each text by characters, as their tokens may differ.

    examples (Sequence[Example]): The texts.
    found (Sequence[Found]): The predictions for each, by predicted tokens.
    YIELDS (Tuple[Found, Found]): Gold and predicted entities.
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
    """Count the labels of the base's predictions that overlap with gold entities.

    texts (Iterable[Tuple[Spans, Spans]]): See `find_relations`.
    labels (Collection[str]): The data's labels.
    RETURNS (Dict[str, Counter[str]]): For each label of the data, the labels of the base.
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
    """Compare the base's predictions with the annotations of the data.

    texts (Iterable[Tuple[Spans, Spans]]): For each training text, the gold spans and the predicted
        spans, as (start, end, label) in the same unit.
    base_labels (Collection[str]): The base's labels.
    labels (Collection[str]): The data's labels.
    RETURNS (Dict[str, LabelRelation]): The relation of each base label.
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
    """Find the labels of the data that only rename base labels.

    relations (Mapping[str, LabelRelation]): The relation of each base label.
    RETURNS (Dict[str, Dict[str, int]]): For each, the base labels and their counts.
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
