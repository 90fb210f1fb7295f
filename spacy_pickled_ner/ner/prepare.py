"""Make one NER of the pipeline ready to be trained, on its own, from the weights it has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from .unseen import reopen_unseen


def prepare_ner(
    nlp: Language, component: str, labels: Collection[str], examples: Sequence[Example]
) -> EntityRecognizer:
    """Make the NER ready: present, enabled, with its own tok2vec and all labels.

    Trained weights are resumed, never initialised anew; only an NER that is not there yet is
    initialised, from the examples.

    nlp (Language): The pipeline, changed in place.
    component (str): Name of the NER.
    labels (Collection[str]): Labels it must know.
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
    """Give a component that listens to a shared tok2vec or transformer its own copy of it.

    Training the shared one would change what every other listener sees.
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
