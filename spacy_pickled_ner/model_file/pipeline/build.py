"""Build an empty pipeline from a checked config: components and widths, without weights.

It uses the resolved blocks that were checked. Only public functions of spaCy build the pipeline;
the rest of the config stays data in `nlp.config`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from spacy import util
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from thinc.api import Config

from ...errors import ModelFileError
from ...msgpack import EMPTY_MAP
from ..guards import check_segmenter, check_tokenizer
from ..guards.config import CALLBACKS
from ..registries import LoadOptions
from ..tokenizer.restored import whole_tokenizer
from .plan import DEFAULT_TOKENIZER, DEFAULT_VECTORS, Plan
from .quick_registry import quick_components


def build_pipeline(plan: Plan, meta: dict[str, Any], options: LoadOptions) -> Language:
    """Build the pipeline of a plan, with empty weights.

    plan (Plan): The checked config.
    meta (Dict[str, Any]): The meta for `nlp.meta`.
    options (LoadOptions): `vocab`, `disable`, `enable` and `exclude`, as in `spacy.load`.
    RETURNS (Language): The pipeline.
    """
    status = _disabled(plan, options)
    callbacks = _resolve({name: plan.nlp.get(name) for name in CALLBACKS})
    lang_cls = util.get_lang_class(plan.nlp["lang"])
    if callbacks["before_creation"] is not None:
        lang_cls = callbacks["before_creation"](lang_cls)
    nlp = lang_cls(
        vocab=options.vocab,
        create_tokenizer=_tokenizer_factory(plan, options),
        create_vectors=_vectors_factory(plan, options),
        meta=meta,
        batch_size=plan.nlp.get("batch_size") or 1000,
    )
    if callbacks["after_creation"] is not None:
        nlp = callbacks["after_creation"](nlp)
    with quick_components(nlp):
        _add_components(nlp, plan, options)
    for name in nlp.component_names:
        if name in status:
            nlp.disable_pipe(name)
    interpolated = not _has_variables(plan.raw)
    nlp.config = Config(
        plan.raw, is_interpolated=interpolated, section_order=util.CONFIG_SECTION_ORDER
    )
    if callbacks["after_pipeline_creation"] is not None:
        nlp = callbacks["after_pipeline_creation"](nlp)
    return nlp


def _add_components(nlp: Language, plan: Plan, options: LoadOptions) -> None:
    for name in plan.nlp["pipeline"]:
        if name not in options.exclude:
            settings = dict(plan.components[name])
            factory = settings.pop("factory")
            if not nlp.has_factory(factory):
                raise ModelFileError(
                    f"the component {name!a} needs the factory {factory!a}, which is not "
                    "registered: import its code first (on the command line: --code FILE)",
                    code="cannot-build",
                )
            raw = Config(plan.raw["components"][name])
            nlp.add_pipe(factory, name=name, config=settings, raw_config=raw)


def restore_meta(nlp: Language, meta: dict[str, Any]) -> None:
    """Set the meta of a pipeline that spaCy stores outside of `nlp.meta`.

    nlp (Language): The pipeline.
    meta (Dict[str, Any]): Its meta.
    """
    nlp.vocab.vectors.name = meta.get("vectors", {}).get("name")


@contextlib.contextmanager
def nothing_runs(nlp: Language) -> Iterator[None]:
    """Disable all components in this block.

    spaCy creates the phrases of a ruler by running the components before it. Here, only the
    tokenizer creates them.

    nlp (Language): The pipeline.
    """
    with nlp.select_pipes(disable=nlp.pipe_names):
        yield


def restore_tokenizer(nlp: Language, plan: Plan, state: bytes, options: LoadOptions) -> None:
    """Restore the tokenizer from its state.

    nlp (Language): The pipeline.
    plan (Plan): The plan of the pipeline.
    state (bytes): From the tokenizer's `to_bytes`.
    options (LoadOptions): The options of the caller.
    RAISES (UnsafeFileError): The state is invalid.
    """
    tokenizer: Any = nlp.tokenizer
    if isinstance(tokenizer, Tokenizer):
        left_out = check_tokenizer(state, nlp.lang or "", options.trusted)
        if left_out:
            nlp.tokenizer = whole_tokenizer(nlp.vocab, state, left_out)
            return
    else:
        check_segmenter(plan.tokenizer, state, options.trusted)
    if hasattr(tokenizer, "from_bytes"):
        tokenizer.from_bytes(state, exclude=["vocab"])


def link_components(nlp: Language) -> None:
    """Connect listeners with the shared tok2vec layer, as spaCy does after loading.

    nlp (Language): The pipeline.
    """
    # This is the last step of `from_bytes`; without content, it does nothing else.
    nlp.from_bytes(EMPTY_MAP)


def _resolve(blocks: dict[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = util.registry.resolve(blocks)
    return resolved


def _tokenizer_factory(plan: Plan, options: LoadOptions) -> Any:
    if plan.tokenizer == DEFAULT_TOKENIZER and "tokenizer" not in options.exclude:
        # Without the language's rules, which the rules of the file would replace.
        return lambda nlp: Tokenizer(nlp.vocab)
    return _resolve({"tokenizer": plan.tokenizer})["tokenizer"]


def _vectors_factory(plan: Plan, options: LoadOptions) -> Any:
    block = plan.nlp.get("vectors", DEFAULT_VECTORS)
    if block == DEFAULT_VECTORS and options.vocab is not True:
        return None  # not needed: the vocab has vectors
    return _resolve({"vectors": block})["vectors"]


def _disabled(plan: Plan, options: LoadOptions) -> set[str]:
    disabled = {*options.disable, *plan.nlp.get("disabled", [])}
    if options.enable:
        disabled |= {name for name in plan.nlp["pipeline"] if name not in options.enable}
        if conflict := sorted(disabled & {*options.enable}):
            raise ValueError(f"cannot both enable and disable {', '.join(conflict)}")
    return disabled


def _has_variables(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_variables(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_variables(item) for item in value)
    return isinstance(value, str) and "${" in value
