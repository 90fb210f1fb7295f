"""Score the NER before, during and after training: the trained labels and the old labels."""

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
    """The scores of one evaluation.

    dev (Optional[EntityScores]): On the dev data; None without any.
    retention (Optional[EntityScores]): On the old labels; None if there is nothing to measure, or
        if it was not requested.
    confusion (Dict[str, List[Dict[str, Any]]]): Gold labels against predicted labels, for "dev" and
        "retention"; see `count_confusion`.
    examples (Optional[Dict[str, Any]]): Texts to show, if requested; see `draw_examples`.
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
        """The metrics that a policy can monitor, as a flat dict."""
        metrics = {} if self.dev is None else self.dev.metrics()
        if self.retention is not None:
            metrics["retention"] = self.retention.total.fscore
        return metrics


class _Predictions:
    """Predictions, made once for each set of texts.

    annotate (Annotator): Annotates with all NERs.
    """

    def __init__(self, annotate: Annotator):
        self._annotate = annotate
        self._found: dict[int, list[set[Entity]]] = {}

    def of(self, texts: EvaluationSet, annotate: Annotator | None = None) -> list[set[Entity]]:
        """Return the entities of each text. Sets with the same Docs share their predictions.

        texts (EvaluationSet): The texts.
        annotate (Optional[Annotator]): The NERs to use the first time; by default all.
        """
        key = id(texts.docs)
        if key not in self._found:
            self._found[key] = texts.predict(annotate or self._annotate)
        return self._found[key]


class Measurer:
    """Scores one NER on the data of a plan. Create it before the first update.

    Each evaluation annotates a text once, for all scores.

    plan (Plan): The plan of the run.
    prepared (Prepared): The NER, which still predicts as the base does.
    before (Measurement): The scores of the base.
    """

    def __init__(self, plan: Plan, prepared: Prepared):
        self.dev = plan.dev
        self._texts_to_show = plan.texts_to_show
        # The trained NER runs first: the NERs behind it do not change its entities.
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
        """Score the NER with its current weights.

        retention (bool): Also score the old labels.
        confusion (bool): Also count which labels are confused.
        examples (int): Also choose this many texts to show.
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
        """Return the scores of the old labels before and after training, for the metrics file."""
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
        """Create the function that returns the metrics for the policy.

        Retention is only scored at each evaluation if the policy monitors it.
        """
        watches = policy.monitor == "retention" or policy.max_retention_drop is not None
        if watches and self.retention is None:
            raise TrainingError(
                "cannot monitor retention: there is no old label, or the base predicts none in "
                "these texts. Pass retention_dev (--retention-dev)"
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
