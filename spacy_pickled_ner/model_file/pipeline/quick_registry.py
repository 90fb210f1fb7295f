"""Resolve the config of a component without searching all installed packages for each name in it.

catalogue goes through the entry points of every package on each look-up, and confection looks each
function up half a dozen times; spaCy fills and validates each config twice, to build from the first
and to keep the second. That is half of the time it takes to build a pipeline. The registry here is
spaCy's own, asked once per name, and keeps what it fills; validation is confection's, as always.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from catalogue import RegistryError
from spacy import util
from spacy.language import Language
from thinc.api import Config


def quick_registry() -> Any:
    """Make a registry that remembers what it was asked for.

    RETURNS (Type[registry]): spaCy's registry, to be used while one pipeline is built. `filled` is
        the last config that it filled.
    """
    known: dict[tuple[str, str], Any] = {}

    class QuickRegistry(util.registry):
        filled: ClassVar[Config | None] = None

        @classmethod
        def has(cls, registry_name: str, func_name: str) -> bool:
            try:
                cls.get(registry_name, func_name)
            except RegistryError:
                return False
            return True

        @classmethod
        def get(cls, registry_name: str, func_name: str) -> Callable[..., Any]:
            key = (registry_name, func_name)
            if key not in known:
                known[key] = super().get(registry_name, func_name)
            found: Callable[..., Any] = known[key]
            return found

        @classmethod
        def fill(cls, config: Any, **kwargs: Any) -> Config:
            cls.filled = super().fill(config, **kwargs)
            return cls.filled

    return QuickRegistry


@contextlib.contextmanager
def quick_components(nlp: Language) -> Iterator[bool]:
    """Let a pipeline create its components by a registry that remembers, for as long as this lasts.

    nlp (Language): The pipeline.
    YIELDS (bool): False if this spaCy keeps the configs of components in another way; then
        nothing is changed, and spaCy creates them itself.
    """
    if getattr(nlp, "_pipe_configs", None) != {} or "create_pipe" in vars(nlp):
        yield False
        return
    nlp.create_pipe = _quick_create_pipe(nlp)  # type: ignore[method-assign]
    try:
        yield True
    finally:
        del nlp.create_pipe


def _quick_create_pipe(nlp: Language) -> Callable[..., Any]:
    registry = quick_registry()

    def create_pipe(
        factory_name: str,
        name: str | None = None,
        *,
        config: dict[str, Any],
        raw_config: Config | None = None,
        validate: bool = True,
    ) -> Any:
        if name is None or not nlp.has_factory(factory_name):
            # The class is asked, whose error lists the factories there are.
            return type(nlp).create_pipe(nlp, factory_name, name, config=config)
        defaults = Config(nlp.get_factory_meta(factory_name).default_config or {})
        settings = {**defaults.merge(config), "@factories": _registered_name(nlp, factory_name)}
        block = {"nlp": nlp, "name": name, **settings}
        registry.filled = None
        pipe = registry.resolve({"pipe": block}, validate=validate)["pipe"]
        filled = registry.filled or registry.fill({"pipe": block}, validate=validate)
        kept = {k: v for k, v in filled["pipe"].items() if k not in ("nlp", "name", "@factories")}
        nlp._pipe_configs[name] = Config({**kept, "factory": factory_name}).merge(raw_config or {})
        return pipe

    return create_pipe


def _registered_name(nlp: Language, factory_name: str) -> str:
    own: str = nlp.get_factory_name(factory_name)
    return own if own in util.registry.factories else factory_name
