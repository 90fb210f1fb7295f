"""Everything that a run needs before its first update: base, data, labels and evaluation sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..annotations import DataReport
from ..evaluation.scoring import EvaluationSet
from ..ner.retention import RetentionPlan
from .streaming import Stream

MAX_SHOWN_FROM = 200


@dataclass(frozen=True)
class Plan:
    """The plan of a run: what to train, on which data, and what to score on.

    nlp (Language): Our own copy of the base.
    retention (RetentionPlan): How old labels are kept, and which NER is trained.
    labels (Tuple[str, ...]): Labels of the training data.
    examples (Sequence[Example]): Training data; for a stream, some of the first texts.
    dev (Optional[EvaluationSet]): Dev data; None if the policy only monitors the loss.
    retention_dev (Optional[EvaluationSet]): Gold for the base labels.
    reports (Dict[str, DataReport]): Reports on the parts of the data: "train", "dev" …
    digest (str): SHA-256 of the training and dev data.
    digests (Dict[str, str]): SHA-256 of each part of the data, by its name in `reports`.
    warnings (Tuple[str, ...]): Warnings about the data.
    dev_is_split (bool): True if the dev data was split off the training data.
    stream (Optional[Stream]): Training data that is read during training.
    """

    nlp: Language
    retention: RetentionPlan
    labels: tuple[str, ...]
    examples: Sequence[Example]
    dev: EvaluationSet | None
    retention_dev: EvaluationSet | None
    reports: dict[str, DataReport]
    digest: str
    digests: dict[str, str]
    warnings: tuple[str, ...]
    dev_is_split: bool
    stream: Stream | None = None

    @property
    def component(self) -> str:
        """Name of the NER that is trained."""
        return self.retention.choice.component

    @property
    def base_labels(self) -> tuple[str, ...]:
        """The base labels."""
        return self.retention.base_labels

    @property
    def new_labels(self) -> tuple[str, ...]:
        """Labels of the training data that the base does not have."""
        return tuple(label for label in self.labels if label not in self.base_labels)

    @property
    def old_labels(self) -> tuple[str, ...]:
        """Base labels that the data does not annotate, and that should not be forgotten."""
        spoken_of = {*self.labels, *self.retention.superseded}
        return tuple(label for label in self.base_labels if label not in spoken_of)

    @property
    def base_name(self) -> str:
        """Language and name of the base, e.g. "en_core_web_sm"."""
        return f"{self.nlp.meta['lang']}_{self.nlp.meta['name']}"

    def texts_to_agree_on(self) -> tuple[str, Sequence[Doc]]:
        """Choose texts on which to compare with the base, if there is no gold for its labels.

        RETURNS (Tuple[str, Sequence[Doc]]): A description of the texts, and the texts.
        """
        said = "agreement with the base on"
        if self.retention.held_out:
            return f"{said} held-out raw texts", self.retention.held_out
        if self.dev is not None:
            return f"{said} the dev texts", self.dev.docs
        # Copies, because training Docs must not have entities set.
        docs = [example.predicted.copy() for example in self.examples]
        return f"{said} the training texts", docs

    def texts_to_show(self) -> tuple[str, EvaluationSet]:
        """Choose texts to show with predictions: dev texts, or else some training texts.

        RETURNS (Tuple[str, EvaluationSet]): A description of the texts, and the texts.
        """
        if self.dev is not None:
            return "dev texts", self.dev
        few = self.examples[:MAX_SHOWN_FROM]
        # Copies, see `texts_to_agree_on`.
        copies = [Example(example.predicted.copy(), example.reference) for example in few]
        said = "training texts" if len(few) == len(self.examples) else "first training texts"
        return said, EvaluationSet(copies, labels=self.labels)

    def label_dict(self) -> dict[str, list[str]]:
        """The labels as plain data: `trained`, `new` and `old`."""
        return {
            "trained": list(self.labels),
            "new": list(self.new_labels),
            "old": list(self.old_labels),
        }

    def data_dict(self) -> dict[str, Any]:
        """The data as plain data, for the metrics file."""
        return {
            **{part: report.to_dict() for part, report in self.reports.items()},
            "dev_is_split": self.dev_is_split,
            "digest": self.digest,
            "warnings": list(self.warnings),
        }
