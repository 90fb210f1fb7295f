"""All that a run needs before its first update: base, data, labels, what to score on."""

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
    """What is trained, on what, and what it is measured on.

    nlp (Language): The pipeline, our own copy, as loaded.
    retention (RetentionPlan): How old labels are kept, and which NER is trained.
    labels (Tuple[str, ...]): Labels the training data annotates.
    examples (Sequence[Example]): Training data; of a stream, some of the first texts.
    dev (Optional[EvaluationSet]): What the policy sees; None if it only watches the loss.
    retention_dev (Optional[EvaluationSet]): Gold of what the base already knew.
    reports (Dict[str, DataReport]): Reports on the parts of the data: "train", "dev" …
    digest (str): SHA-256 of the training and dev data.
    digests (Dict[str, str]): SHA-256 of each part of the data, by its name in `reports`.
    warnings (Tuple[str, ...]): What the user should know about the data.
    dev_is_split (bool): The dev data was split off the training data.
    stream (Optional[Stream]): Training data that is read while it is trained on.
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
        """Labels that the base knows."""
        return self.retention.base_labels

    @property
    def new_labels(self) -> tuple[str, ...]:
        """Labels of the training data that the base does not know."""
        return tuple(label for label in self.labels if label not in self.base_labels)

    @property
    def old_labels(self) -> tuple[str, ...]:
        """Labels of the base that the data has nothing to say of: what should not be forgotten."""
        spoken_of = {*self.labels, *self.retention.superseded}
        return tuple(label for label in self.base_labels if label not in spoken_of)

    @property
    def base_name(self) -> str:
        """Name of the base as its meta has it, e.g. "en_core_web_sm"."""
        return f"{self.nlp.meta['lang']}_{self.nlp.meta['name']}"

    def texts_to_agree_on(self) -> tuple[str, Sequence[Doc]]:
        """Choose texts to compare with the base on, where there is no gold of its labels.

        RETURNS (Tuple[str, Sequence[Doc]]): What they are, in words, and the texts.
        """
        said = "agreement with the base on"
        if self.retention.held_out:
            return f"{said} raw texts that are not trained on", self.retention.held_out
        if self.dev is not None:
            return f"{said} the dev texts", self.dev.docs
        # Copies: a Doc that is trained on must not come with entities set.
        docs = [example.predicted.copy() for example in self.examples]
        return f"{said} the training texts", docs

    def texts_to_show(self) -> tuple[str, EvaluationSet]:
        """Choose texts to show what is found: those scored on, or some of those trained on.

        RETURNS (Tuple[str, EvaluationSet]): Which they are, in words, and the texts.
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
