"""Measure the NER before and after: the trained labels, and what the base already knew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..early_stopping import EarlyStopping
from ..errors import TrainingError
from ..evaluation.confusion import Entity
from ..evaluation.judging import draw_examples
from ..evaluation.scoring import Annotator, EntityScores, EvaluationSet
from ..ner.retention import Prepared
from .plan import Plan


@dataclass(frozen=True)
class Measurement:
    """What one NER finds at one time, scored.

    dev (Optional[EntityScores]): On the dev data; None without any.
    retention (Optional[EntityScores]): On what the base knew; None if there is nothing to measure,
        or if it was not asked for.
    confusion (Dict[str, List[Dict[str, Any]]]): Gold labels against predicted ones, of "dev" and
        "retention"; see `count_confusion`.
    examples (Optional[Dict[str, Any]]): Texts to show, if they were asked for; see `draw_examples`.
    """

    dev: EntityScores | None
    retention: EntityScores | None
    confusion: dict[str, list[dict[str, Any]]]
    examples: dict[str, Any] | None = None

    @property
    def scores(self) -> dict[str, Any]:
        """The dev scores as plain data."""
        return {} if self.dev is None else self.dev.to_dict()

    @property
    def per_label(self) -> dict[str, dict[str, float]]:
        """The dev scores of each label, with support."""
        return {} if self.dev is None else self.dev.per_label()

    def metrics(self) -> dict[str, float]:
        """The numbers that a policy can watch, flat."""
        metrics = {} if self.dev is None else self.dev.metrics()
        if self.retention is not None:
            metrics["retention"] = self.retention.total.fscore
        return metrics


class _Predictions:
    """What NERs find, asked once for each set of texts.

    annotate (Annotator): The NERs.
    """

    def __init__(self, annotate: Annotator):
        self._annotate = annotate
        self._found: dict[int, list[set[Entity]]] = {}

    def of(self, texts: EvaluationSet, annotate: Annotator | None = None) -> list[set[Entity]]:
        """The entities of each text. Sets that share their Docs share their predictions.

        texts (EvaluationSet): The texts.
        annotate (Optional[Annotator]): The NERs to ask at the first time; by default all.
        """
        key = id(texts.docs)
        if key not in self._found:
            self._found[key] = texts.predict(annotate or self._annotate)
        return self._found[key]


class Measurer:
    """Measures one NER with a plan's data; made before the first update.

    Texts are annotated once for all that is measured on them.

    plan (Plan): The run.
    prepared (Prepared): The NER, which still predicts what the base predicts.
    before (Measurement): The NER as it was given.
    """

    def __init__(self, plan: Plan, prepared: Prepared):
        self.dev = plan.dev
        self._texts_to_show = plan.texts_to_show
        # The trained NER comes first, so that those behind it do not change what it finds.
        self.annotate: Annotator = prepared.ner.pipe
        self.annotate_all = prepared.annotate
        predictions = _Predictions(self.annotate_all)
        if self.dev is not None:
            predictions.of(self.dev)
        if plan.retention_dev is not None:
            self.measured_on = "gold annotations (retention-dev)"
            self.retention: EvaluationSet | None = plan.retention_dev
        else:
            self.measured_on, docs = plan.texts_to_agree_on()
            same = self.dev if self.dev is not None and docs is self.dev.docs else None
            texts = same or EvaluationSet.of_docs(docs)
            self.retention = texts.expect(predictions.of(texts), labels=plan.old_labels)
        self.before = self._measure(predictions)

    def measure(
        self, *, retention: bool = True, confusion: bool = True, examples: int = 0
    ) -> Measurement:
        """Score the NER as it stands.

        retention (bool): Also on what the base knew.
        confusion (bool): Also count which labels are taken for which.
        examples (int): Also draw this many texts to show.
        """
        predictions = _Predictions(self.annotate_all)
        if self.dev is not None:
            on_dev = self.retention is not None and self.retention.docs is self.dev.docs
            needs_all = (retention and on_dev) or confusion or examples > 0
            predictions.of(self.dev, self.annotate_all if needs_all else self.annotate)
        measured = self._measure(predictions, retention=retention, confusion=confusion)
        if not examples:
            return measured
        said, texts = self._texts_to_show()
        drawn = draw_examples(texts.judge(predictions.of(texts)), count=examples)
        return replace(measured, examples={"source": said, **drawn})

    def compare(self, before: Measurement, after: Measurement) -> dict[str, Any] | None:
        """Put what the base knew, before and after, side by side, for the metrics file."""
        if before.retention is None or after.retention is None:
            return None
        both = {"before": before.retention, "after": after.retention}
        return {
            "measured_on": self.measured_on,
            **{
                when: {**scores.to_dict(), "per_label": scores.per_label()}
                for when, scores in both.items()
            },
        }

    def metrics(self, policy: EarlyStopping) -> Callable[[], dict[str, float]] | None:
        """Make the function that gives the policy its numbers.

        Retention is scored at each evaluation only for a policy that looks at it.
        """
        watches = policy.monitor == "retention" or policy.max_retention_drop is not None
        if watches and self.retention is None:
            raise TrainingError(
                "cannot watch retention: the base finds none of its own labels in these texts, or "
                "has none that the data does not annotate. Pass retention_dev (--retention-dev)"
            )
        if self.dev is None and not watches:
            return None
        return lambda: self.measure(retention=watches, confusion=False).metrics()

    def _measure(
        self, predictions: _Predictions, *, retention: bool = True, confusion: bool = True
    ) -> Measurement:
        scores: dict[str, EntityScores] = {}
        confused: dict[str, list[dict[str, Any]]] = {}
        known = self.retention if retention else None
        for name, texts in (("dev", self.dev), ("retention", known)):
            if texts is None:
                continue
            found = predictions.of(texts)
            scores[name] = texts.score_predictions(found)
            if confusion:
                confused[name] = texts.confusion(found)
        return Measurement(scores.get("dev"), scores.get("retention"), confused)
