"""Resolve the config of a component without searching all installed packages for each name.

catalogue searches the entry points of all packages in each look-up, and confection looks up each
function several times. spaCy fills and validates each config twice: one to build from, one to
store. This is half of the time to build a pipeline. The registry here asks spaCy's registry once
per name, and stores filled configs. Validation is still done by confection.
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
    """Create a registry that stores its results.

    RETURNS (Type[registry]): A registry for building one pipeline. `filled` is the last filled
        config.
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
    """Let a pipeline create its components with such a registry in this block.

    nlp (Language): The pipeline.
    YIELDS (bool): False if this spaCy stores the configs of components differently. Then nothing
        changes, and spaCy creates them itself.
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
            # Use the class: its error lists the existing factories.
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
