"""Measure the NER before and after: the trained labels, and what the base already knew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc

from ..early_stopping import EarlyStopping
from ..errors import TrainingError
from .plan import Plan
from .scoring import Annotator, EntityScores, EvaluationSet


@dataclass(frozen=True)
class Measurement:
    """Scores of one NER at one time.

    dev (Optional[EntityScores]): On the dev data; None without any.
    retention (Optional[EntityScores]): On what the base knew; None if there is nothing to measure.
    """

    dev: EntityScores | None
    retention: EntityScores | None

    @property
    def scores(self) -> dict[str, Any]:
        """The dev scores as plain data."""
        return {} if self.dev is None else self.dev.to_dict()

    @property
    def per_label(self) -> dict[str, dict[str, float]]:
        """The dev scores of each label, with support."""
        return {} if self.dev is None else self.dev.per_label()


class Measurer:
    """Measures one NER with a plan's data; made before the first update.

    plan (Plan): The run.
    ner (EntityRecognizer): The prepared NER: it still predicts what the base predicts.
    """

    def __init__(self, plan: Plan, ner: EntityRecognizer):
        self.dev = plan.dev
        self.annotate = annotator(ner)
        if plan.retention_dev is not None:
            self.measured_on = "gold annotations (retention-dev)"
            self.retention: EvaluationSet | None = plan.retention_dev
        else:
            self.measured_on = "agreement with the base on the texts of this run"
            # Copies: a Doc that is trained on must not come with entities set.
            docs = plan.dev.docs if plan.dev else [eg.predicted.copy() for eg in plan.examples]
            annotated = list(self.annotate(docs))
            self.retention = EvaluationSet.from_predictions(annotated, labels=plan.old_labels)

    def measure(self) -> Measurement:
        """Score the NER as it stands."""
        return Measurement(
            None if self.dev is None else self.dev.score(self.annotate),
            None if self.retention is None else self.retention.score(self.annotate),
        )

    def compare(self, before: Measurement, after: Measurement) -> dict[str, Any] | None:
        """Put what the base knew, before and after, side by side, for the metrics file."""
        if before.retention is None or after.retention is None:
            return None
        return {
            "measured_on": self.measured_on,
            "before": before.retention.to_dict(),
            "after": after.retention.to_dict(),
        }

    def metrics(self, policy: EarlyStopping) -> Callable[[], dict[str, float]] | None:
        """Make the function that gives the policy its numbers.

        Retention is scored at each evaluation only for a policy that looks at it.
        """
        dev, retention = self.dev, self.retention
        watches = policy.monitor == "retention" or policy.max_retention_drop is not None
        if watches and retention is None:
            raise TrainingError(
                "cannot watch retention: the base finds none of its own labels in these texts, or "
                "has none that the data does not annotate. Pass retention_dev (--retention-dev)"
            )
        scored = retention if watches else None
        if dev is None and scored is None:
            return None

        def evaluate() -> dict[str, float]:
            metrics = {} if dev is None else dev.score(self.annotate).metrics()
            if scored is not None:
                metrics["retention"] = scored.score(self.annotate).total.fscore
            return metrics

        return evaluate


def annotator(ner: EntityRecognizer) -> Annotator:
    """Make an annotator that runs nothing but the NER."""

    def annotate(docs: Sequence[Doc]) -> Iterable[Doc]:
        annotated: Iterable[Doc] = ner.pipe(docs)
        return annotated

    return annotate
