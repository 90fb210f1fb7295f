"""Callbacks for stock `spacy train`: take from a model file, and leave one behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language

from .. import model_file
from ..errors import BasePipelineError

Callback = Callable[[Language], Language]


def copy_from_pickled(
    path: str | os.PathLike[str], *, tokenizer: bool, vocab: bool, trusted: Sequence[str]
) -> Callback:
    """Make a callback that copies the tokenizer and the vocab out of a model file.

    path (Union[str, Path]): The model file.
    tokenizer (bool): Copy the tokenizer's rules.
    vocab (bool): Copy strings, vectors and lookups.
    trusted (Sequence[str]): See `spacy_pickled_ner.load`.
    RETURNS (Callable[[Language], Language]): For `[initialize.before_init]`.
    """

    def copy(nlp: Language) -> Language:
        base = model_file.load(Path(path), trusted=trusted)
        if tokenizer:
            ours, theirs = nlp.config["nlp"]["tokenizer"], base.config["nlp"]["tokenizer"]
            if ours != theirs:
                raise BasePipelineError(
                    f"cannot copy the tokenizer of {path}: the config says {ours}, the file "
                    f"{theirs}. Make [nlp.tokenizer] of the config the same"
                )
            _copy_tokenizer(base.tokenizer, nlp.tokenizer)
        if vocab:
            nlp.vocab.from_bytes(base.vocab.to_bytes())
        return nlp

    return copy


def dump_pickled(path: str | os.PathLike[str], *, only_best: bool) -> Callback:
    """Make a callback that writes the pipeline as one file at each checkpoint of `spacy train`.

    spaCy calls it for every checkpoint and, at the end, for the last weights, and does not say
    which of them is the best; the scores in the meta do.

    path (Union[str, Path]): The file; its folder must be there. An older file is replaced.
    only_best (bool): Leave the file alone unless the weighted score has risen. Of equal scores the
        first stays, whereas `model-best` is the last.
    RETURNS (Callable[[Language], Language]): For `[training.before_to_disk]`.
    """
    best: float | None = None

    def dump(nlp: Language) -> Language:
        nonlocal best
        score = _weighted_score(nlp)
        if not only_best or best is None or score > best:
            model_file.dump(nlp, Path(path))
            best = score
        return nlp

    return dump


def _copy_tokenizer(source: Any, target: Any) -> None:
    target.from_bytes(source.to_bytes(exclude=["vocab"]))


def _weighted_score(nlp: Language) -> float:
    weights: dict[str, Any] = nlp.config["training"].get("score_weights") or {}
    performance = nlp.meta.get("performance", {})
    total = 0.0
    for name, weight in weights.items():
        score = performance.get(name)
        if weight and isinstance(score, int | float):
            total += score * weight
    return total
