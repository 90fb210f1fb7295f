"""Copies of an NER: frozen ones to predict with, new ones to train."""

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

    Predictions use a copy instead of the original, because spaCy's NER changes when it predicts: it
    adds the labels of entities that are already set in a Doc.

    nlp (Language): The pipeline; the same as before after the call.
    name (str): The NER.
    RETURNS (EntityRecognizer): A copy with its own tok2vec.
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
    """Add an NER for new labels in front of all others. It starts from the weights of a source.

    The output row of a new label starts as the mean of the labels that the source predicts for its
    mentions. So the NER can find entities from the start, and learns which ones to keep. Before its
    first update it predicts nothing.

    nlp (Language): The pipeline, changed in place.
    source (str): The NER to copy from.
    name (str): Name of the new one.
    likeness (Mapping[str, Mapping[str, int]]): Its labels, each with labels of the source and their
        weights for the mean.
    examples (Sequence[Example]): Training examples, to initialize its shapes.
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
        # PyTorch weights are not thinc parameters, and a transformer outside of its component
        # cannot be initialized again, so it is copied whole.
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
    # Not the factory in the meta: an NER from a model file has become a normal NER.
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
    """Set the output rows of some labels to means of the rows of others.

    source (EntityRecognizer): The NER with the other labels; it may be the same NER.
    target (EntityRecognizer): The NER to change.
    likeness (Mapping[str, Mapping[str, int]]): Labels of the target, each with labels of the source
        and their weights.
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
