"""Callbacks for stock `spacy train`: start from a base, and write a model file."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language

from .. import model_file
from ..errors import BasePipelineError
from ..ner.prepare import prepare_ner
from ..ner.retention import check_component
from ..pipelines import load_base
from ..ty import Callback

logger = logging.getLogger("spacy_pickled_ner")


def copy_from_pickled(
    path: str | os.PathLike[str], *, tokenizer: bool, vocab: bool, trusted: Sequence[str]
) -> Callback:
    """Create a callback that copies the tokenizer and the vocab of a base.

    path (Union[str, Path]): A model file, directory or package.
    tokenizer (bool): Copy the tokenizer's rules.
    vocab (bool): Copy strings, vectors and lookups.
    trusted (Sequence[str]): See `spacy_pickled_ner.load`.
    RETURNS (Callable[[Language], Language]): For `[initialize.before_init]`.
    """

    def copy(nlp: Language) -> Language:
        base = load_base(path, trusted=trusted)
        if tokenizer:
            ours, theirs = nlp.config["nlp"]["tokenizer"], base.config["nlp"]["tokenizer"]
            if ours != theirs:
                raise BasePipelineError(
                    f"cannot copy the tokenizer of {path}: the config has {ours}, the file "
                    f"{theirs}. Use the same [nlp.tokenizer] in the config"
                )
            _copy_tokenizer(base.tokenizer, nlp.tokenizer)
        if vocab:
            nlp.vocab.from_bytes(base.vocab.to_bytes())
        return nlp

    return copy


def resume_from_base(
    base: str | os.PathLike[str], *, component: str, trusted: Sequence[str]
) -> Callback:
    """Create a callback that adds the components of a base, to train its NER further.

    The pipeline has an NER, which spaCy has just initialized from the training data. The NER of the
    base replaces it, with its weights, its own copy of a shared tok2vec, and the labels of the data
    added. All other components of the base are added and frozen: those before its NER at the start
    of the pipeline, those behind it after the NER. Components that the pipeline already has are
    skipped, and the pipeline keeps its order.

    base (Union[str, Path]): Package name, directory or model file.
    component (str): Name of the NER, in the pipeline and in the base. If the base has no NER, the
        NER of the pipeline is used.
    trusted (Sequence[str]): See `spacy_pickled_ner.load`.
    RETURNS (Callable[[Language], Language]): For `[initialize.after_init]`.
    """

    def resume(nlp: Language) -> Language:
        if component not in nlp.component_names:
            raise BasePipelineError(
                f"cannot resume from {base}: the pipeline of the config has no {component!r}. Add "
                f'it to [nlp] pipeline, with [components.{component}] factory = "ner"'
            )
        source = load_base(base, trusted=trusted, vocab=nlp.vocab)
        _check_language(nlp, source, base)
        check_component(source, component)
        watched = set(nlp.config["training"]["score_weights"])
        ahead, behind = _split_around(nlp, source, component)
        if component in source.component_names:
            _replace_ner(nlp, source, component)
        for name in reversed(behind):
            _take(nlp, source, name, after=component)
        for name in reversed(ahead):
            _take(nlp, source, name, first=True)
        settings = nlp.config["training"]
        settings["frozen_components"] = [*settings["frozen_components"], *ahead, *behind]
        # Frozen components have scores, too, which training cannot change.
        weights = settings["score_weights"]
        weights.update(dict.fromkeys(weights.keys() - watched))
        return nlp

    return resume


def dump_pickled(path: str | os.PathLike[str], *, only_best: bool) -> Callback:
    """Create a callback that writes the pipeline as one file at each checkpoint of `spacy train`.

    spaCy calls it for every checkpoint and, at the end, for the last weights. It does not say which
    is the best, so the callback compares the scores in the meta.

    path (Union[str, Path]): The file; its folder must exist. An older file is replaced.
    only_best (bool): Write only if the weighted score is higher than before. Of equal scores, the
        first is kept; spaCy's `model-best` keeps the last.
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


def _split_around(nlp: Language, source: Language, component: str) -> tuple[list[str], list[str]]:
    """List the base's components before and after its NER, without those of the pipeline."""
    names = source.component_names
    at = names.index(component) if component in names else len(names)
    ahead, behind = (
        [name for name in part if name not in nlp.component_names]
        for part in (names[:at], names[at + 1 :])
    )
    return ahead, behind


def _replace_ner(nlp: Language, source: Language, component: str) -> None:
    """Replace the pipeline's NER by the base's, with the labels of the data added."""
    prepare_ner(source, component, nlp.get_pipe(component).labels, ())  # type: ignore[attr-defined]
    left = nlp.component_names[: nlp.component_names.index(component)]
    nlp.remove_pipe(component)
    place: dict[str, Any] = {"after": left[-1]} if left else {"first": True}
    _take(nlp, source, component, **place)


def _take(nlp: Language, source: Language, name: str, **place: Any) -> None:
    nlp.add_pipe(name, source=source, **place)
    if name in source.disabled:
        nlp.disable_pipe(name)


def _check_language(nlp: Language, source: Language, base: str | os.PathLike[str]) -> None:
    if nlp.lang != source.lang:
        raise BasePipelineError(
            f"cannot resume from {base}: its language is {source.lang!r}, and the config's "
            f'{nlp.lang!r}. Set [nlp] lang = "{source.lang}"'
        )
    if _tokenizer_bytes(nlp) != _tokenizer_bytes(source):
        logger.warning(
            "%s has another tokenizer: copy it by spacy-pickled-ner.copy_from_pickled.v1 in "
            "[initialize.before_init], or its components will get unfamiliar tokens",
            base,
        )


def _tokenizer_bytes(nlp: Language) -> bytes | None:
    to_bytes = getattr(nlp.tokenizer, "to_bytes", None)
    return None if to_bytes is None else to_bytes(exclude=["vocab"])


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
