"""The plan of a pipeline: the config of a file, checked and resolved."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from spacy import util
from thinc.api import Config

from ...errors import UnsafeFileError
from ..guards.config import CALLBACKS, check_config, component_names
from ..guards.structure import check_resolved, check_writable, names_in
from ..registries import LoadOptions
from .variables import apply_overrides, resolve_variables

# spaCy's defaults.
DEFAULT_TOKENIZER: Final = {"@tokenizers": "spacy.Tokenizer.v1"}
DEFAULT_VECTORS: Final = {"@vectors": "spacy.Vectors.v1"}
_PARTS: Final = frozenset({"vocab", "strings", "vectors", "lookups", "tokenizer"})


@dataclass(frozen=True)
class Plan:
    """A checked config, ready to build from.

    raw (Dict[str, Any]): The whole config with its variables, for `nlp.config`.
    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    """

    raw: dict[str, Any]
    nlp: dict[str, Any]
    components: dict[str, Any]

    @property
    def tokenizer(self) -> dict[str, Any]:
        """Return the tokenizer's config, or spaCy's default."""
        block: dict[str, Any] = self.nlp.get("tokenizer") or DEFAULT_TOKENIZER
        return block


def resolve_config(config: object, overrides: dict[str, Any] | None = None) -> Plan:
    """Apply overrides and resolve variables, without checking names.

    config (object): The config of a file, variables not resolved. Overrides change it in place.
    overrides (Optional[Dict[str, Any]]): New values by dotted path.
    RETURNS (Plan): The resolved blocks.
    RAISES (UnsafeFileError): The config is invalid ("bad-config").
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
    """Check a config and create a plan from it.

    config (object): The config of a file, variables not resolved.
    options (LoadOptions): The options of the caller.
    RETURNS (Plan): The plan.
    RAISES (UnsafeFileError): The config is invalid ("bad-config").
    RAISES (UntrustedContentError): It names something that is not allowed.
    """
    overrides = util.dict_to_dot(dict(options.config), for_overrides=True)
    plan = resolve_config(config, overrides)
    # Callers trust the names in their own overrides.
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
    RAISES (UnsafeFileError): It would differ ("bad-config").
    """
    # As from a file, with all kinds of line ends.
    text = io.StringIO(config.to_str(interpolate=False), newline=None).read()
    again = Config().from_str(text, interpolate=False)
    for block in ("nlp", "components"):
        if again.get(block) != config.get(block):
            raise UnsafeFileError(
                f"the config would have a different [{block}] when it is written", code="bad-config"
            )


def is_plain(plan: Plan, options: LoadOptions) -> bool:
    """Return True if the pipeline uses spaCy's default vocab and tokenizer, unmodified.

    plan (Plan): The checked config.
    options (LoadOptions): The options of the caller.
    RETURNS (bool): False if anything could use or replace them during the build.
    """
    return (
        options.vocab is True
        and not options.config
        and not _PARTS & {*options.exclude}
        and not any(plan.nlp.get(name) for name in CALLBACKS)
        and plan.tokenizer == DEFAULT_TOKENIZER
        and plan.nlp.get("vectors", DEFAULT_VECTORS) == DEFAULT_VECTORS
    )


def uses_foreign_code(name: str, block: dict[str, Any], trusted: Collection[str]) -> bool:
    """Return True if a component is built by code that needs the caller's trust.

    name (str): Name of the component.
    block (Dict[str, Any]): The component's config.
    trusted (Collection[str]): The names that the caller trusts.
    RETURNS (bool): True if its config uses one of the names.
    """
    return bool(trusted) and bool(component_names(name, block) & {*trusted})


def check_meta(meta: Any) -> dict[str, Any]:
    """Check the meta of a file.

    meta (Any): The decoded meta section.
    RETURNS (Dict[str, Any]): The meta.
    RAISES (UnsafeFileError): It is not a dict, or has invalid values ("bad-meta").
    """
    if not isinstance(meta, dict):
        raise UnsafeFileError("the meta in the model file is not a dict", code="bad-meta")
    if not all(isinstance(meta.get(key, {}), dict) for key in ("labels", "vectors")):
        raise UnsafeFileError("the meta in the model file is invalid", code="bad-meta")
    return meta
