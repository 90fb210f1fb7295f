"""Let a component read its state from a file, with everything checked that its class is known for.

spaCy reads only what it knows by name, and keeps what it had where something is missing. So the
state is checked before it is read where reading it is dangerous, and the component afterwards.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Any

from spacy.pipeline import (
    AttributeRuler,
    EditTreeLemmatizer,
    EntityLinker,
    EntityRuler,
    Lemmatizer,
    Sentencizer,
    SpanRuler,
)
from spacy.pipeline.functions import TokenSplitter
from spacy.pipeline.transition_parser import Parser  # type: ignore[import-not-found]
from thinc.api import Model

from ...errors import UntrustedContentError
from ...msgpack import decode_msgpack_map, walk_msgpack
from .edit_trees import check_edit_trees
from .knowledge_base import check_knowledge_base
from .labels import check_label_settings, check_outputs
from .lookups import check_lookups
from .model import ModelGuard
from .moves import check_moves, check_parser
from .patterns import check_patterns, factory_class, is_ruler
from .refuse import is_int, is_text, refuse
from .settings import check_settings, decode_json


@contextlib.contextmanager
def guard_restore(
    name: str,
    pipe: Any,
    state: bytes | memoryview,
    *,
    trusted: Collection[str] = (),
    foreign: bool = False,
) -> Iterator[None]:
    """Check the state of a component, let the caller restore it, and check what came of it.

    name (str): Its name in the pipeline.
    pipe (Any): The component, as its config builds it.
    state (Union[bytes, memoryview]): What its `from_bytes` is going to read.
    trusted (Collection[str]): What the caller trusts.
    foreign (bool): Whether the caller trusts code of others in this component, which may build
        models that differ from what a config says. Components of others are not checked at all.
    RAISES (UnsafeFileError): State and component do not fit together.
    RAISES (UntrustedContentError): Its patterns are excessive, and not trusted.
    """
    if not _is_spacys(pipe):
        yield
        return
    decoded = decode_msgpack_map(state, name)
    _check_state(name, pipe, decoded, trusted)
    model = getattr(pipe, "model", None)
    guard = ModelGuard(name, model) if isinstance(model, Model) and not foreign else None
    yield
    if guard is not None:
        guard.check()
    if isinstance(pipe, Parser):
        check_parser(name, pipe)
    elif isinstance(model, Model):
        check_outputs(name, pipe)


def pattern_names(name: str, factory: object, state: bytes | memoryview) -> list[str]:
    """List what a caller would have to trust for a component's patterns to be loaded.

    name (str): Name of the component.
    factory (object): Its factory, from the config.
    state (Union[bytes, memoryview]): Its state in the file.
    RETURNS (List[str]): "patterns:<name>", or nothing.
    """
    if not is_ruler(factory):
        return []
    decoded = decode_msgpack_map(state, name)
    excessive = check_patterns(name, factory_class(str(factory)), decoded)
    return [f"patterns:{name}"] if excessive else []


def _is_spacys(pipe: Any) -> bool:
    """Whether the code that reads the state is spaCy's, whoever else may have subclassed it."""
    readers = (cls for cls in type(pipe).__mro__ if "from_bytes" in vars(cls))
    return next((cls.__module__.startswith("spacy.") for cls in readers), False)


def _check_state(name: str, pipe: Any, state: dict[str, Any], trusted: Collection[str]) -> None:
    if isinstance(state.get("model"), bytes):
        _check_packed_model(name, state["model"])
    if isinstance(pipe, (AttributeRuler, EntityRuler, SpanRuler)):
        _check_ruler(name, pipe, state, trusted)
    elif isinstance(pipe, (Lemmatizer, Sentencizer, TokenSplitter)):
        _check_small(name, pipe, state)
    elif isinstance(getattr(pipe, "cfg", None), dict):
        settings = check_settings(name, state.get("cfg", "{}"), pipe.cfg)
        check_label_settings(name, pipe, settings)
        if isinstance(pipe, Parser):
            check_moves(name, state)
        elif isinstance(pipe, EditTreeLemmatizer):
            check_edit_trees(name, state, settings.get("labels", []))
        elif isinstance(pipe, EntityLinker):
            check_knowledge_base(name, state)


def _check_packed_model(name: str, data: bytes) -> None:
    """Check thinc's own form of a model, in which each attribute is msgpack in msgpack."""
    packed = decode_msgpack_map(data, name).get("attrs", [])
    if type(packed) is not list or not all(type(attrs) is dict for attrs in packed):
        refuse(name, "its model has no attributes", "model-mismatch")
    for attrs in packed:
        for value in attrs.values():
            if not isinstance(value, bytes):
                refuse(name, "an attribute of its model is no bytes", "model-mismatch")
            walk_msgpack(value, name)


def _check_ruler(name: str, pipe: Any, state: dict[str, Any], trusted: Collection[str]) -> None:
    for key, value in state.items():
        if key != "patterns" and not (value is None or type(value) is bool or is_text(value, 256)):
            refuse(name, f"{key} is of another type", "bad-settings")
    excessive = check_patterns(name, type(pipe), state)
    if excessive and f"patterns:{name}" not in trusted:
        raise UntrustedContentError(
            f"the component {name!a} in the model file has {excessive}. If you trust whoever made "
            f"the file, pass trusted=[{f'patterns:{name}'!a}]",
            names=[f"patterns:{name}"],
        )


def _check_small(name: str, pipe: Any, state: dict[str, Any]) -> None:
    """Check the components that have neither a model nor patterns."""
    if isinstance(pipe, Lemmatizer) and "lookups" in state:
        if not isinstance(state["lookups"], bytes):
            refuse(name, "it has no lookup tables", "bad-lookups")
        check_lookups(name, state["lookups"])
    elif isinstance(pipe, Sentencizer):
        chars = state.get("punct_chars", [])
        if type(chars) is not list or not all(is_text(char, 256) for char in chars):
            refuse(name, "its punctuation is no list of texts", "bad-settings")
        if type(state.get("overwrite", False)) is not bool:
            refuse(name, "overwrite is of another type", "bad-settings")
    elif isinstance(pipe, TokenSplitter):
        settings = decode_json(state.get("cfg", "{}"), name)
        if type(settings) is not dict or not all(is_int(n, 0, 2**31) for n in settings.values()):
            refuse(name, "its lengths are no numbers", "bad-settings")
