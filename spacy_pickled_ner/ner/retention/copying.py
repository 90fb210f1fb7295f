"""Copies of an NER that leave the pipeline as it is: frozen ones to ask, new ones to train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from ..prepare import own_tok2vec
from ..unseen import class_names, output_rows


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
    nlp: Language,
    source: str,
    name: str,
    likeness: Mapping[str, Mapping[str, int]],
    examples: Sequence[Example],
) -> EntityRecognizer:
    """Add an NER for new labels in front of all others, with the source's weights to start from.

    The output for a new label starts as the mean of the labels that the source gives to its
    mentions: it knows entities from the start, and learns which of them are meant. Until its first
    update it finds nothing.

    nlp (Language): The pipeline, changed in place.
    source (str): The NER to copy from.
    name (str): Name of the new one.
    likeness (Mapping[str, Mapping[str, int]]): Its labels, with what they are to start from: labels
        of the source and how much each counts.
    examples (Sequence[Example]): Training examples, to initialise its shapes from.
    RETURNS (EntityRecognizer): The new component.
    """
    twin = _add_copy(nlp, source, f"{name}_source")
    first = next(n for n, pipe in nlp.components if isinstance(pipe, EntityRecognizer))
    ner = _add_alike(nlp, twin.name, name, before=first)
    for label in sorted(likeness):
        ner.add_label(label)
    tok2vec, original = ner.model.get_ref("tok2vec"), twin.model.get_ref("tok2vec")
    init = tok2vec.init
    if any(node.shims for node in original.walk()):
        # Weights of PyTorch are no parameters of thinc's, and a transformer that was taken out of
        # its component cannot be initialised again: it comes as it is.
        tok2vec.from_bytes(original.to_bytes())
        tok2vec.init = None
    ner.initialize(lambda: list(examples))
    tok2vec.init = init
    _copy_weights(twin, ner)
    start_alike(twin, ner, likeness)
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
    # Not the factory of the pipe's meta: an NER out of a model file has become one like any other.
    config = nlp.get_pipe_config(source).copy()
    ner = nlp.add_pipe(config.pop("factory"), name=name, config=config, **place)
    assert isinstance(ner, EntityRecognizer)
    return ner


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


def start_alike(
    source: EntityRecognizer, target: EntityRecognizer, likeness: Mapping[str, Mapping[str, int]]
) -> None:
    """Start the output rows of some labels as means of the rows for others.

    source (EntityRecognizer): The NER that has those others; it may be the same.
    target (EntityRecognizer): The NER that gets the rows.
    likeness (Mapping[str, Mapping[str, int]]): Its labels, with labels of the source and how much
        each counts.
    """
    theirs, ours = class_names(source), class_names(target)
    their_rows, our_rows = output_rows(source.model), output_rows(target.model)
    for label, counts in likeness.items():
        known = {old: count for old, count in counts.items() if f"U-{old}" in theirs}
        total = sum(known.values())
        for move in "BILU":
            number = ours.index(f"{move}-{label}")
            for name, rows in our_rows.items():
                for old, count in known.items():
                    rows[number] += their_rows[name][theirs.index(f"{move}-{old}")] * count / total
