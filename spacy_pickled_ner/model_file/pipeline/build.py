"""Build an empty pipeline from the config of a file: right components and widths, no weights yet.

The config is checked first, and the resolved blocks that were checked are the ones that are used.
Only public spaCy functions build the pipeline; the rest of the config stays data in `nlp.config`.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from spacy import util
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from thinc.api import Config

from ...errors import ModelFileError, UnsafeFileError
from ..guards import check_segmenter, check_tokenizer
from ..guards.config import CALLBACKS, check_config, component_names, names_in
from ..guards.structure import check_resolved, check_writable
from ..registries import LoadOptions
from ..tokenizer.restored import whole_tokenizer
from .quick_registry import quick_components
from .variables import apply_overrides, resolve_variables

DEFAULT_TOKENIZER: Final = {"@tokenizers": "spacy.Tokenizer.v1"}
_DEFAULT_VECTORS: Final = {"@vectors": "spacy.Vectors.v1"}

_EMPTY_MAP: Final = b"\x80"  # in msgpack
_PARTS: Final = frozenset({"vocab", "strings", "vectors", "lookups", "tokenizer"})


@dataclass(frozen=True)
class Plan:
    """A checked config, ready to build from.

    raw (Dict[str, Any]): The whole config with its variables, as `nlp.config` shall show it.
    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    """

    raw: dict[str, Any]
    nlp: dict[str, Any]
    components: dict[str, Any]

    @property
    def tokenizer(self) -> dict[str, Any]:
        """RETURNS (Dict[str, Any]): The tokenizer's config; spaCy's default if there is none."""
        block: dict[str, Any] = self.nlp.get("tokenizer") or DEFAULT_TOKENIZER
        return block


def resolve_config(config: object, overrides: dict[str, Any] | None = None) -> Plan:
    """Apply overrides and resolve variables, without checking what the config names.

    config (object): The config of a file, variables not resolved. Overrides change it in place.
    overrides (Optional[Dict[str, Any]]): New values by dotted path.
    RETURNS (Plan): The resolved blocks.
    RAISES (UnsafeFileError): It is not a usable config ("bad-config").
    """
    if not isinstance(config, dict):
        raise UnsafeFileError("the config in the model file is not a config", code="bad-config")
    check_writable(config)
    apply_overrides(config, overrides or {})
    nlp = resolve_variables(config.get("nlp"), config)
    components = resolve_variables(config.get("components", {}), config)
    check_resolved(nlp)
    check_resolved(components)
    return Plan(config, nlp, components)


def plan_pipeline(config: object, options: LoadOptions) -> Plan:
    """Check a config and make it ready to build from.

    config (object): The config of a file, variables not resolved.
    options (LoadOptions): What the caller overrides and trusts.
    RETURNS (Plan): The plan.
    RAISES (UnsafeFileError): It is not a usable config ("bad-config").
    RAISES (UntrustedContentError): It names something that is not allowed.
    """
    overrides = util.dict_to_dot(dict(options.config), for_overrides=True)
    plan = resolve_config(config, overrides)
    # What callers write into an override themselves, they trust.
    own = {
        name
        for path, value in overrides.items()
        for name in names_in({path.rpartition(".")[2]: value})
    }
    check_config(plan.nlp, plan.components, {*options.trusted, *own})
    return plan


def check_written_config(config: Config) -> None:
    """Check that a config is the same when it is written as text and read again.

    config (Config): The config of a pipeline, variables not resolved.
    RAISES (UnsafeFileError): It is not ("bad-config").
    """
    # As from a file, in which every kind of line end is one.
    text = io.StringIO(config.to_str(interpolate=False), newline=None).read()
    again = Config().from_str(text, interpolate=False)
    for block in ("nlp", "components"):
        if again.get(block) != config.get(block):
            raise UnsafeFileError(
                f"the config would have another [{block}] when it is written", code="bad-config"
            )


def is_plain(plan: Plan, options: LoadOptions) -> bool:
    """Whether a pipeline has a vocab and tokenizer that are its own, whole, and spaCy's default.

    plan (Plan): The checked config.
    options (LoadOptions): What the caller asked for.
    RETURNS (bool): False if anything else could see or replace them while it is built.
    """
    return (
        options.vocab is True
        and not options.config
        and not _PARTS & {*options.exclude}
        and not any(plan.nlp.get(name) for name in CALLBACKS)
        and plan.tokenizer == DEFAULT_TOKENIZER
        and plan.nlp.get("vectors", _DEFAULT_VECTORS) == _DEFAULT_VECTORS
    )


def build_pipeline(plan: Plan, meta: dict[str, Any], options: LoadOptions) -> Language:
    """Build the pipeline that a plan describes, with empty weights.

    plan (Plan): The checked config.
    meta (Dict[str, Any]): What `nlp.meta` shall hold.
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
                    f"the component {name!a} needs the factory {factory!a}, which nothing has "
                    "registered: import the code that does (on the command line: --code FILE)",
                    code="cannot-build",
                )
            raw = Config(plan.raw["components"][name])
            nlp.add_pipe(factory, name=name, config=settings, raw_config=raw)


def check_meta(meta: Any) -> dict[str, Any]:
    """Check the meta data of a file.

    meta (Any): What stands in their place.
    RETURNS (Dict[str, Any]): The same.
    RAISES (UnsafeFileError): It is no dict, or not one that spaCy could use ("bad-meta").
    """
    if not isinstance(meta, dict):
        raise UnsafeFileError("the meta data in the model file are no dict", code="bad-meta")
    if not all(isinstance(meta.get(key, {}), dict) for key in ("labels", "vectors")):
        raise UnsafeFileError("the meta data in the model file are unusable", code="bad-meta")
    return meta


def restore_meta(nlp: Language, meta: dict[str, Any]) -> None:
    """Set what spaCy keeps of a pipeline's meta data outside of `nlp.meta`.

    nlp (Language): The pipeline.
    meta (Dict[str, Any]): Its meta data.
    """
    nlp.vocab.vectors.name = meta.get("vectors", {}).get("name")


def uses_foreign_code(name: str, block: dict[str, Any], trusted: Collection[str]) -> bool:
    """Return True if a component is built by code that only the caller's trust allows.

    name (str): Name of the component.
    block (Dict[str, Any]): The component's config.
    trusted (Collection[str]): What the caller trusts.
    RETURNS (bool): True if the config names anything of it.
    """
    return bool(trusted) and bool(component_names(name, block) & {*trusted})


@contextlib.contextmanager
def nothing_runs(nlp: Language) -> Iterator[None]:
    """Let no component run, whatever the restored ones call.

    spaCy makes the phrases of a ruler by running the components before it. Here the tokenizer makes
    them alone.

    nlp (Language): The pipeline.
    """
    with nlp.select_pipes(disable=nlp.pipe_names):
        yield


def restore_tokenizer(nlp: Language, plan: Plan, state: bytes, options: LoadOptions) -> None:
    """Put the state of a file into the tokenizer.

    nlp (Language): The pipeline.
    plan (Plan): What it was built from.
    state (bytes): What the tokenizer's `to_bytes` returned.
    options (LoadOptions): What the caller trusts.
    RAISES (UnsafeFileError): It is no tokenizer, or an invalid one.
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
    # `from_bytes` ends with this step; without content, it does nothing else.
    nlp.from_bytes(_EMPTY_MAP)


def _resolve(blocks: dict[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = util.registry.resolve(blocks)
    return resolved


def _tokenizer_factory(plan: Plan, options: LoadOptions) -> Any:
    if plan.tokenizer == DEFAULT_TOKENIZER and "tokenizer" not in options.exclude:
        # The language's rules would be compiled only to be replaced by those of the file.
        return lambda nlp: Tokenizer(nlp.vocab)
    return _resolve({"tokenizer": plan.tokenizer})["tokenizer"]


def _vectors_factory(plan: Plan, options: LoadOptions) -> Any:
    block = plan.nlp.get("vectors", _DEFAULT_VECTORS)
    if block == _DEFAULT_VECTORS and options.vocab is not True:
        return None  # nobody would call it: the vocab has vectors
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
