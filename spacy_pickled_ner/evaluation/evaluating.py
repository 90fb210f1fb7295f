"""Score a finished pipeline on annotated texts."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from spacy.language import Language

from ..annotations import AnnotationSource, make_examples, read_annotations
from ..errors import AnnotationError
from .scoring import EvaluationSet


def evaluate(nlp: Language, data: AnnotationSource) -> dict[str, Any]:
    """Run a whole pipeline on annotated texts and score its entities.

    nlp (Language): The pipeline.
    data (AnnotationSource): Gold annotations.
    RETURNS (Dict[str, Any]): `scores` (`ents_p`, `ents_r`, `ents_f`, `ents_per_type`; 0 to 1, over
        the labels that the data annotates), `per_label`, `timing`, `data`, `warnings`.
    RAISES (AnnotationError): The data is invalid, or has no entity to score.
    """
    rows, report = read_annotations(data, nlp=nlp)
    gold = EvaluationSet(make_examples(rows, nlp, report))
    if not gold.labels:
        raise AnnotationError(
            f"none of its {len(rows)} texts has an entity to score",
            source=report.source,
        )
    began = time.perf_counter()
    scored = gold.score(nlp.pipe)
    seconds = time.perf_counter() - began
    return {
        "scores": scored.to_dict(),
        "per_label": scored.per_label(),
        "timing": {
            "seconds": round(seconds, 3),
            "words_per_second": round(report.words / max(seconds, 1e-9), 1),
        },
        "data": report.to_dict(),
        "warnings": [*report.warnings(), *_find_unknown_labels(nlp, gold.labels)],
    }


def _find_unknown_labels(nlp: Language, labels: Collection[str]) -> list[str]:
    finders = [n for n in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(n).assigns]
    if not finders:
        return ["no component of the pipeline assigns entities"]
    known = {label for name in finders for label in getattr(nlp.get_pipe(name), "labels", ())}
    unknown = sorted(set(labels) - known)
    if not unknown:
        return []
    listed = ", ".join(sorted(known)) or "no label"
    return [f"the pipeline lacks the labels {', '.join(unknown)} of the data; it has {listed}"]
