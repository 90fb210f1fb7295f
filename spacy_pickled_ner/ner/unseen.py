"""Unseen classes of an NER: those without any gold in training. They are never predicted.

spaCy masks the output rows of a class until it occurs in gold (a label of single words never has a
"B-"). But the mask is not saved: after loading, the NER would predict from rows of zeros. So at the
end of a run, these rows get a bias far below any score, and a later run treats them as unseen
again.
"""

from __future__ import annotations

from typing import Any

from spacy.pipeline import EntityRecognizer
from thinc.api import Model

SILENT = -1000.0


def close_unseen(model: Model[Any, Any]) -> None:
    """Give unseen classes a bias with which they never win."""
    rows = output_rows(model)
    for number in sorted(model.attrs.get("unseen_classes", ())):
        for values in rows.values():
            values[number] = 0
        rows["b"][number] = SILENT


def known_labels(ner: EntityRecognizer) -> tuple[str, ...]:
    """Return the labels that an NER can predict, without those that it only met in a Doc."""
    model = ner.model
    unseen = set(model.attrs.get("unseen_classes", ()))
    if model.layers[-1].has_param("b"):
        unseen |= _closed(model)
    names = enumerate(class_names(ner))
    seen = {name[2:] for number, name in names if number not in unseen}
    return tuple(label for label in ner.labels if label in seen)


def reopen_unseen(model: Model[Any, Any]) -> None:
    """Mark the classes that an earlier run has closed as unseen again."""
    biases = output_rows(model)["b"]
    closed = _closed(model)
    for number in closed:
        biases[number] = 0
    model.attrs["unseen_classes"] = {*model.attrs.get("unseen_classes", ()), *closed}


def _closed(model: Model[Any, Any]) -> set[int]:
    biases = output_rows(model)["b"]
    return {number for number in range(len(biases)) if (biases[number] == SILENT).all()}


def class_names(ner: EntityRecognizer) -> list[str]:
    """Return the actions of an NER, e.g. "B-PER", in the order of its scores."""
    return [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]


def output_rows(model: Model[Any, Any]) -> dict[str, Any]:
    """Return the parameters with a row per class, as views with the classes first."""
    if model.attrs["has_upper"]:
        upper = model.get_ref("upper")
        return {name: upper.get_param(name) for name in ("W", "b")}
    lower = model.get_ref("lower")
    weights: Any = lower.get_param("W")  # (features, classes, pieces, width)
    padding: Any = lower.get_param("pad")  # (1, features, classes, pieces)
    return {
        "W": weights.swapaxes(0, 1),
        "b": lower.get_param("b"),  # (classes, pieces)
        "pad": padding[0].swapaxes(0, 1),
    }
