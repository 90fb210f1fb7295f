"""The result of a run: the pipeline, its scores, and the history of the run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language

from .. import model_file
from ..early_stopping import StopReason
from .progress import Evaluation


@dataclass(frozen=True)
class FineTuneResult:
    """The result of `fine_tune`.

    nlp (Language): The pipeline with the best, averaged weights. The training record is in its
        meta, so every way of saving the pipeline keeps it.
    history (Sequence[Evaluation]): One row per evaluation; the first is the base.
    stop_reason (StopReason): Why training stopped.
    stop_explanation (str): The reason in words, with numbers.
    best_step (int): Updates before the best evaluation; 0 means the weights of the base.
    last_step (int): Updates in total.
    best_score (Optional[float]): Best value of the monitored metric.
    scores, baseline_scores (Dict[str, Any]): `ents_p`, `ents_r`, `ents_f` and `ents_per_type` on
        the dev data (0 to 1), after and before. Empty if there is no dev data.
    per_label, baseline_per_label (Dict[str, Dict[str, float]]): `p`, `r`, `f`, `support`,
        `predicted` of each label, after and before.
    retention (Optional[Dict[str, Any]]): Scores of the old labels, `before` and `after`, each
        with `per_label` as above, and the texts they were `measured_on`. None if there is nothing
        to measure.
    retention_mode (Dict[str, Any]): How old labels were kept: the `mode` and `why`, the `ners` in
        the order in which they run, the number of raw texts, and what was done with each label.
    confusion (Dict[str, Dict[str, List]]): `before` and `after`, on "dev" and, for old labels,
        "retention": which labels are confused, see `count_confusion`.
    timing (Dict[str, float]): `read_s`, `prepare_s`, `train_s` (updates), `eval_s`,
        `checkpoint_s`, `total_s`, `words_per_second` (of updates).
    memory (Dict[str, Optional[float]]): `peak_mb` of this process, see `peak_memory_mb`.
    frozen_unchanged (bool): True if the bytes of all other components, the tokenizer and the
        vectors did not change.
    date (str): When the run ended, in UTC, in ISO 8601 format.
    base (Dict[str, str]): `lang`, `name` and `version` of the base, from its meta.
    versions (Dict[str, str]): Versions of Python and of the packages that affect the weights.
    component (str): Name of the NER. An added NER without any gain is not in `nlp`.
    labels (Dict[str, List[str]]): `trained`, `new` and `old` labels.
    data (Dict[str, Any]): Reports on the data, with warnings.
    settings (Dict[str, Any]): The settings of the run.
    examples (Dict[str, Any]): Some dev (or training) texts with their predicted entities, right
        and wrong: their `source`, and see `draw_examples`. Not part of `to_dict`, which has no
        texts.
    """

    nlp: Language
    history: Sequence[Evaluation]
    stop_reason: StopReason
    stop_explanation: str
    best_step: int
    last_step: int
    best_score: float | None
    scores: dict[str, Any]
    baseline_scores: dict[str, Any]
    per_label: dict[str, dict[str, float]]
    baseline_per_label: dict[str, dict[str, float]]
    retention: dict[str, Any] | None
    retention_mode: dict[str, Any]
    confusion: dict[str, dict[str, list[dict[str, Any]]]]
    timing: dict[str, float]
    memory: dict[str, float | None]
    frozen_unchanged: bool
    date: str
    base: dict[str, str]
    versions: dict[str, str]
    component: str
    labels: dict[str, list[str]]
    data: dict[str, Any]
    settings: dict[str, Any]
    examples: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return all but pipeline and examples as plain data, as `--metrics` writes it."""
        return {
            "scores": self.scores,
            "baseline_scores": self.baseline_scores,
            "retention": self.retention,
            "retention_mode": self.retention_mode,
            "per_label": self.per_label,
            "baseline_per_label": self.baseline_per_label,
            "stop": self._stop(),
            "history": [row.to_dict() for row in self.history],
            "confusion": self.confusion,
            "timing": self.timing,
            "memory": self.memory,
            "frozen_unchanged": self.frozen_unchanged,
            "date": self.date,
            "base": self.base,
            "versions": self.versions,
            "component": self.component,
            "labels": self.labels,
            "data": self.data,
            "settings": self.settings,
        }

    def dump(self, file: str | os.PathLike[str], *, format: str = "v1") -> None:  # noqa: A002
        """Write the pipeline with its training record as one file; see `spacy_pickled_ner.dump`."""
        model_file.dump(self.nlp, Path(file), format=format)

    def _stop(self) -> dict[str, Any]:
        return {
            "reason": self.stop_reason.value,
            "explanation": self.stop_explanation,
            "best_step": self.best_step,
            "last_step": self.last_step,
            "best_score": self.best_score,
        }
