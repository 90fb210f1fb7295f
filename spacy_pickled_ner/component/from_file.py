"""Take a trained NER out of a model file, with everything that it needs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Final

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.util import copy_config

from ..container.urls.remote import is_url, shown_url
from ..errors import ComponentError, ModelFileError, PickledNerWarning
from ..model_file import load
from ..model_file.pipeline.build import link_components
from ..model_file.pipeline.variables import resolve_variables
from ..ner.prepare import own_tok2vec
from .pickled_ner import Origin, PickledNER
from .vectors import NeededVectors, reads_vectors

# The arguments of `EntityRecognizer`; its other settings do not matter for an NER.
_SETTINGS: Final = (
    "update_with_oracle_cut_size",
    "beam_width",
    "beam_density",
    "beam_update_prob",
    "incorrect_spans_key",
)
_NORMS: Final = "lexeme_norm"


def load_ner(
    nlp: Language, name: str, path: str, *, component: str | None, trusted: Sequence[str]
) -> PickledNER:
    """Create a component from a trained NER in a model file.

    nlp, name, path, component, trusted: As in `create_pickled_ner`.
    RETURNS (PickledNER): The component. It is not in the pipeline yet.
    RAISES (ModelFileError): The file cannot be read, or needs trust.
    RAISES (ComponentError): The file has no such NER, or the NER cannot run in this pipeline.
    """
    shown = shown_url(path)
    try:
        # Weights and vectors will be saved elsewhere, so all digests are checked.
        source = load(
            path if is_url(path) else os.path.expanduser(path),  # noqa: PTH111
            trusted=trusted,
            verify=True,
        )
    except ModelFileError as err:
        err.args = (f"cannot add the component {name!r} from {shown}: {err.reason}",)
        raise
    chosen = _choose(source, component, name, shown)
    ner = _detach(source, chosen, name, shown)
    for difference in _differences(source, nlp):
        warnings.warn(
            PickledNerWarning(
                f"the component {name!r} from {shown} may miss entities: {difference}"
            ),
            stacklevel=2,
        )
    needed = None
    if reads_vectors(ner.model):
        needed = NeededVectors(source.vocab.vectors, source.vocab.strings, shown)
        needed.provide(nlp, name)
    pipe = PickledNER(
        nlp.vocab, ner.model, name, scorer=ner.scorer, **{key: ner.cfg[key] for key in _SETTINGS}
    )
    pipe.moves.from_bytes(ner.moves.to_bytes(exclude=["strings"]), exclude=["strings"])
    # With the variables that were checked when the file was loaded.
    config = source.config
    block = copy_config(resolve_variables(config["components"][chosen], config))
    pipe.origin = Origin(nlp, block, needed)
    return pipe


def _choose(source: Language, component: str | None, name: str, shown: str) -> str:
    """Choose the NER of the file."""
    ners = [key for key, pipe in source.components if isinstance(pipe, EntityRecognizer)]
    listed = ", ".join(ners) or "none"
    if component is None:
        if len(ners) == 1:
            return ners[0]
        reason = (
            f"it has several NERs ({listed}); set `component` to one of them. To use all, "
            "add one pickled_ner for each, in the same order"
            if ners
            else f"it has no NER, only: {', '.join(source.component_names) or 'nothing'}"
        )
    elif component in ners:
        return component
    elif component in source.component_names:
        factory = source.get_pipe_meta(component).factory
        reason = f"its component {component!r} is a {factory!r}, not an NER; its NERs are: {listed}"
    else:
        reason = f"it has no component {component!r}; its NERs are: {listed}"
    raise ComponentError(reason, component=name, path=shown)


def _detach(source: Language, chosen: str, name: str, shown: str) -> Any:
    """Make the NER independent of the other components."""
    ner: Any = source.get_pipe(chosen)
    if type(ner) is not EntityRecognizer:
        factory = source.get_pipe_meta(chosen).factory
        raise ComponentError(
            f"its NER {chosen!r} is not spaCy's own, but from the factory {factory!r}; use "
            "that factory, or load the whole file (spacy_pickled_ner.load)",
            component=name,
            path=shown,
        )
    for disabled in source.disabled:
        source.enable_pipe(disabled)
    link_components(source)
    own_tok2vec(source, chosen)
    upstream = {node.upstream_name for node in ner.model.walk() if hasattr(node, "upstream_name")}
    if upstream:
        raise ComponentError(
            f"its NER {chosen!r} listens to the component {', '.join(sorted(upstream))}, which "
            "is not in the file",
            component=name,
            path=shown,
        )
    return ner


def _differences(source: Language, nlp: Language) -> Iterator[str]:
    """Yield the differences between this pipeline's texts and those that the NER was trained on."""
    if source.lang != nlp.lang:
        yield f"it was trained for the language {source.lang!r}, and this pipeline is {nlp.lang!r}"
        return
    theirs, ours = (pipeline.config["nlp"].get("tokenizer") for pipeline in (source, nlp))
    if theirs != ours:
        yield f"it was trained with the tokenizer {_function(theirs)}, not {_function(ours)}"
    norms, own = (_norms(pipeline) for pipeline in (source, nlp))
    if norms != own:
        yield (
            f"its file normalises {len(norms)} words by the lookup table {_NORMS!r}, this pipeline "
            f"{len(own)} or others. Give the vocab of the pipeline the same table"
        )


def _function(block: Any) -> str:
    return repr(block.get("@tokenizers")) if isinstance(block, dict) else repr(block)


def _norms(nlp: Language) -> dict[Any, Any]:
    return dict(nlp.vocab.lookups.get_table(_NORMS, {}))
