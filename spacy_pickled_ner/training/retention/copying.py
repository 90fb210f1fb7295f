"""Copies of an NER that leave the pipeline as it is: frozen ones to ask, new ones to train."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from ..prepare import own_tok2vec
from ..unseen import output_rows


def copy_ner(nlp: Language, name: str) -> EntityRecognizer:
    """Copy an NER out of a pipeline; the copy needs no other component.

    A copy is asked in place of the original because spaCy's NER grows while it predicts: it adds
    the labels of entities that it finds in a Doc already.

    nlp (Language): The pipeline; as before when this returns.
    name (str): The NER.
    RETURNS (EntityRecognizer): A copy with a tok2vec of its own.
    """
    copy = _add_copy(nlp, name, f"{name}_copy")
    nlp.remove_pipe(copy.name)
    return copy


def make_stacked(
    nlp: Language, source: str, name: str, labels: Collection[str], examples: Sequence[Example]
) -> EntityRecognizer:
    """Add an NER for new labels in front of all others, with the source's weights to start from.

    Until its first update it finds nothing.

    nlp (Language): The pipeline, changed in place.
    source (str): The NER to copy from.
    name (str): Name of the new one.
    labels (Collection[str]): Its labels.
    examples (Sequence[Example]): Training examples, to initialise its shapes from.
    RETURNS (EntityRecognizer): The new component.
    """
    twin = _add_copy(nlp, source, f"{name}_source")
    first = next(n for n, pipe in nlp.components if isinstance(pipe, EntityRecognizer))
    ner = _add_alike(nlp, twin.name, name, before=first)
    for label in sorted(labels):
        ner.add_label(label)
    ner.initialize(lambda: list(examples))
    _copy_weights(twin, ner)
    nlp.remove_pipe(twin.name)
    return ner


def _add_copy(nlp: Language, source: str, name: str) -> EntityRecognizer:
    while name in nlp.component_names:
        name += "_"
    copy = _add_alike(nlp, source, name, after=source)
    original = nlp.get_pipe(source)
    assert isinstance(original, EntityRecognizer)
    copy.from_bytes(original.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    for _, upstream in nlp.components:
        if hasattr(upstream, "find_listeners"):
            upstream.find_listeners(copy)
    own_tok2vec(nlp, name)
    return copy


def _add_alike(nlp: Language, source: str, name: str, **place: Any) -> EntityRecognizer:
    factory = nlp.get_pipe_meta(source).factory
    config = nlp.get_pipe_config(source).copy()
    config.pop("factory", None)
    ner = nlp.add_pipe(factory, name=name, config=config, **place)
    assert isinstance(ner, EntityRecognizer)
    return ner


def class_names(ner: EntityRecognizer) -> list[str]:
    """The actions an NER chooses from, e.g. "B-PER", in the order of its scores."""
    return [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]


def _copy_weights(source: EntityRecognizer, target: EntityRecognizer) -> None:
    inner = 2 if source.model.attrs["has_upper"] else 1
    for layer, copy in zip(source.model.layers[:inner], target.model.layers[:inner], strict=True):
        for node, copied in zip(layer.walk(), copy.walk(), strict=True):
            for name in node.param_names:
                if node.has_param(name):
                    copied.set_param(name, node.get_param(name).copy())
    theirs, ours = class_names(source), class_names(target)
    shared = [(theirs.index(name), number) for number, name in enumerate(ours) if name in theirs]
    their_rows, our_rows = output_rows(source.model), output_rows(target.model)
    for name, rows in our_rows.items():
        rows[...] = 0
        for their_row, our_row in shared:
            rows[our_row] = their_rows[name][their_row]
    known = {our_row for _, our_row in shared}
    target.model.attrs["unseen_classes"] = set(range(len(ours))) - known
