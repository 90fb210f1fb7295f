"""What spaCy's training loop and its loggers say to each other.

At each step a logger gets None, or, where the step was evaluated, an `info` with `epoch` (from 0),
`step` (from 0, counted before the update), `score` (weighted), `other_scores`, `losses` (summed per
component since the last evaluation), `checkpoints` ((score, step) pairs), `seconds`, `words`, and
with `--output` the `output_path` that was just written. See `spacy.training.loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from typing import IO, Any, TypeAlias

from spacy.language import Language

Info: TypeAlias = dict[str, Any]
LogStep: TypeAlias = Callable[[Info | None], None]
Finalize: TypeAlias = Callable[[], None]
Logger: TypeAlias = Callable[[Language, IO[str], IO[str]], tuple[LogStep, Finalize]]


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
