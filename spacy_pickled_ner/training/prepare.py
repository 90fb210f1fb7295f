"""Make one NER of the pipeline ready to be trained, on its own, from the weights it has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from ..errors import BasePipelineError


def find_ner(nlp: Language, component: str | None) -> str:
    """Decide which component is trained.

    component (Optional[str]): Its name; None means the pipeline's only NER, or "ner".
    RETURNS (str): The name; a base without any NER gets one of this name.
    RAISES (BasePipelineError): The component is no NER, the base has others but not this one, or
        there are several to choose from.
    """
    ners = [name for name, pipe in nlp.components if isinstance(pipe, EntityRecognizer)]
    if component is None:
        if len(ners) > 1 and "ner" not in ners:
            raise BasePipelineError(
                f"the base has several NER components ({', '.join(ners)}): name one of them"
            )
        component = "ner" if "ner" in ners or not ners else ners[0]
    if component in nlp.component_names and component not in ners:
        kind = nlp.get_pipe_meta(component).factory
        raise BasePipelineError(
            f"the component {component!r} of the base is a {kind!r}, not an NER; its NER "
            f"components are: {', '.join(ners) or 'none'}"
        )
    if component not in ners and ners:
        # A second NER beside the base's would be a slip of the pen far more often than a wish.
        raise BasePipelineError(
            f"the base has no component {component!r}; its NER components are: {', '.join(ners)}"
        )
    return component


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
        return ner
    if component in nlp.disabled:
        nlp.enable_pipe(component)
    ner = nlp.get_pipe(component)
    assert isinstance(ner, EntityRecognizer)
    own_tok2vec(nlp, component)
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
