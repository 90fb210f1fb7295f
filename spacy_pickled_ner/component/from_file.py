"""Take a trained NER out of a model file, with all that it needs, and nothing else of the file."""

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

# What `EntityRecognizer` is made with; the rest of its settings has no meaning for an NER.
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
    """Make a component of a pipeline from a trained NER in a model file.

    nlp, name, path, component, trusted: As in `create_pickled_ner`.
    RETURNS (PickledNER): The component, not in the pipeline yet.
    RAISES (ModelFileError): The file cannot be read, or asks for what is not trusted.
    RAISES (ComponentError): It has no such NER, or one that cannot run in this pipeline.
    """
    shown = shown_url(path)
    try:
        # Its weights and vectors are going to be saved elsewhere, so all digests are checked.
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
            PickledNerWarning(f"the component {name!r} from {shown} may find less: {difference}"),
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
    # With the variables that were looked at when the file was loaded, and no others.
    config = source.config
    block = copy_config(resolve_variables(config["components"][chosen], config))
    pipe.origin = Origin(nlp, block, needed)
    return pipe


def _choose(source: Language, component: str | None, name: str, shown: str) -> str:
    """Decide which NER of the file is meant."""
    ners = [key for key, pipe in source.components if isinstance(pipe, EntityRecognizer)]
    listed = ", ".join(ners) or "none"
    if component is None:
        if len(ners) == 1:
            return ners[0]
        reason = (
            f"it holds several NERs ({listed}); set `component` to one of them, and to have all, "
            "add one pickled_ner for each, in the same order"
            if ners
            else f"it holds no NER, only: {', '.join(source.component_names) or 'nothing'}"
        )
    elif component in ners:
        return component
    elif component in source.component_names:
        factory = source.get_pipe_meta(component).factory
        reason = f"its component {component!r} is a {factory!r}, not an NER; its NERs are: {listed}"
    else:
        reason = f"it holds no component {component!r}; its NERs are: {listed}"
    raise ComponentError(reason, component=name, path=shown)


def _detach(source: Language, chosen: str, name: str, shown: str) -> Any:
    """Make the NER independent of the other components of its pipeline."""
    ner: Any = source.get_pipe(chosen)
    if type(ner) is not EntityRecognizer:
        factory = source.get_pipe_meta(chosen).factory
        raise ComponentError(
            f"its NER {chosen!r} is of a kind of its own, made by the factory {factory!r}; use "
            "that factory, or the file on its own (spacy_pickled_ner.load)",
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
            f"its NER {chosen!r} listens to another component ({', '.join(sorted(upstream))}) that "
            "is not in the file",
            component=name,
            path=shown,
        )
    return ner


def _differences(source: Language, nlp: Language) -> Iterator[str]:
    """Say in which ways texts look different here from what the NER was trained on."""
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
