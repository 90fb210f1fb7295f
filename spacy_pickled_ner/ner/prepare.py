"""Prepare one NER of a pipeline for training, from its current weights."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from .unseen import reopen_unseen


def prepare_ner(
    nlp: Language, component: str, labels: Collection[str], examples: Sequence[Example]
) -> EntityRecognizer:
    """Prepare the NER: add or enable it, and give it its own tok2vec and all labels.

    An existing NER keeps its weights. A new NER is initialized from the examples.

    nlp (Language): The pipeline, changed in place.
    component (str): Name of the NER.
    labels (Collection[str]): The labels that it needs.
    examples (Sequence[Example]): Training examples.
    RETURNS (EntityRecognizer): The component.
    """
    if component not in nlp.component_names:
        ner = nlp.add_pipe("ner", name=component)
        assert isinstance(ner, EntityRecognizer)
        ner.initialize(lambda: examples, nlp=nlp)
    else:
        if component in nlp.disabled:
            nlp.enable_pipe(component)
        ner = nlp.get_pipe(component)
        assert isinstance(ner, EntityRecognizer)
        own_tok2vec(nlp, component)
        reopen_unseen(ner.model)
    for label in sorted(labels):
        ner.add_label(label)
    return ner


def own_tok2vec(nlp: Language, component: str) -> None:
    """Give a component its own copy of a shared tok2vec or transformer.

    Training the shared one would change the input of all other listeners.
    """
    for upstream, pipe in nlp.components:
        listeners = getattr(pipe, "listener_map", {}).get(component, [])
        if listeners:
            nlp.replace_listeners(upstream, component, _listener_paths(nlp, component))


def _listener_paths(nlp: Language, component: str) -> list[str]:
    paths: list[str] = []

    def visit(block: object, path: str) -> None:
        if not isinstance(block, dict):
            return
        if "Listener" in str(block.get("@architectures", "")):
            paths.append(path)
            return
        for key, value in block.items():
            visit(value, f"{path}.{key}")

    visit(nlp.get_pipe_config(component)["model"], "model")
    return paths
