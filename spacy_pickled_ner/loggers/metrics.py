"""What an evaluation of spaCy's training loop found, in the names that a policy can watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

from ..ty import Info


def flat_metrics(info: Info) -> dict[str, float]:
    """Flatten what an evaluation of `spacy train` found into names that a policy can watch.

    info (Dict[str, Any]): What a logger gets at an evaluated step.
    RETURNS (Dict[str, float]): `score`, spaCy's weighted score; every single score, e.g. `ents_f`
        or `ents_per_type.DRUG.f`; the loss of each component, e.g. `ner_loss`; their sum, `loss`.
    """
    losses = {f"{name}_loss": float(loss) for name, loss in info["losses"].items()}
    scores = dict(_flatten(info["other_scores"]))
    return {**scores, **losses, "score": float(info["score"]), "loss": sum(losses.values())}


def _flatten(scores: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in scores.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, Real):
            yield f"{prefix}{name}", float(value)
