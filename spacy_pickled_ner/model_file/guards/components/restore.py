"""Guard the restoring of a component: check its state before, and the component after.

spaCy reads only parts that it knows by name, and keeps old values for missing parts. So the state
is checked before it is read, if reading it is dangerous, and the component is checked afterwards.

There are three outcomes for a component: its class is in `KINDS` and is checked, the caller trusts
its factory by name, or the file is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from thinc.api import Model

from ....msgpack import decode_msgpack_map, walk_msgpack
from ..budget import Budget
from ..refuse import need_trust, refuse
from ..settings import check_settings, decode_settings, settings_names
from ..vocab.lookups import check_lookups
from .edit_trees import check_edit_trees
from .knowledge_base import check_knowledge_base
from .labels import check_labels, check_morphs, check_outputs
from .model import ModelGuard
from .moves import check_moves, check_parser
from .patterns import check_patterns


@dataclass(frozen=True)
class State:
    """The state of one component in a file, decoded.

    name (str): Name of the component in the pipeline.
    parts (Dict[str, Any]): The parts of its `to_bytes`.
    settings (Dict[str, Any]): Its settings among them.
    budget (Budget): The budget of the file.
    """

    name: str
    parts: dict[str, Any]
    settings: dict[str, Any]
    budget: Budget


def _no_check(state: State) -> None:
    """Check nothing: rules for all settings are all that this kind needs."""


@dataclass(frozen=True)
class Kind:
    """The checks of one class of components.

    settings (Optional[str]): The line of `schemas.SETTINGS` for its settings; None if it has none.
    parts (FrozenSet[str]): The allowed parts of its state.
    is_flat (bool): True if its settings are in its state directly, not in "cfg".
    check (Callable[[State], None]): Additional checks.
    n_outputs (Optional[Callable[[Any], int]]): How many outputs its model must have.
    is_parser (bool): True if its model is for moves.
    is_ruler (bool): True if it has patterns.
    """

    settings: str | None = None
    parts: frozenset[str] = frozenset({"cfg", "model"})
    is_flat: bool = False
    check: Callable[[State], None] = _no_check
    n_outputs: Callable[[Any], int] | None = None
    is_parser: bool = False
    is_ruler: bool = False


def _check_moves(state: State) -> None:
    state.budget.spend("moves", check_moves(state.name, state.parts))


def _check_labels(state: State) -> None:
    check_labels(state.name, state.settings.get("labels", []))


def _check_morphs(state: State) -> None:
    check_morphs(state.name, state.settings)


def _check_trees(state: State) -> None:
    check_edit_trees(state.name, state.parts, state.settings.get("labels", []))


def _check_kb(state: State) -> None:
    check_knowledge_base(state.name, state.parts)


def _check_tables(state: State) -> None:
    if not isinstance(state.parts.get("lookups"), bytes):
        refuse(state.name, "it has no lookup tables", "bad-lookups")
    check_lookups(state.name, state.parts["lookups"])


def _n_labels(pipe: Any) -> int:
    return len(pipe.labels)


def _two(_: Any) -> int:
    return 2


def _n_spancat(pipe: Any) -> int:
    return len(pipe.labels) + bool(pipe.add_negative_label)


def _n_kb(pipe: Any) -> int:
    return int(pipe.kb.entity_vector_length)


_PATTERNS: Final = frozenset({"patterns"})
_KB: Final = frozenset({"cfg", "model", "kb"})

# By module and name, so that nothing is imported to find out.
KINDS: Final[dict[str, Kind]] = {
    f"spacy.pipeline.{name}": kind
    for name, kind in {
        "transition_parser.Parser": Kind(
            "Parser", frozenset({"cfg", "model", "moves"}), check=_check_moves, is_parser=True
        ),
        "tagger.Tagger": Kind("Tagger", check=_check_labels, n_outputs=_n_labels),
        "morphologizer.Morphologizer": Kind(
            "Morphologizer", check=_check_morphs, n_outputs=_n_labels
        ),
        "senter.SentenceRecognizer": Kind("SentenceRecognizer", n_outputs=_two),
        "edit_tree_lemmatizer.EditTreeLemmatizer": Kind(
            "EditTreeLemmatizer",
            frozenset({"cfg", "model", "trees"}),
            check=_check_trees,
            n_outputs=_n_labels,
        ),
        "textcat.TextCategorizer": Kind(
            "TextCategorizer", check=_check_labels, n_outputs=_n_labels
        ),
        "spancat.SpanCategorizer": Kind(
            "SpanCategorizer", check=_check_labels, n_outputs=_n_spancat
        ),
        "span_finder.SpanFinder": Kind("SpanFinder", n_outputs=_two),
        "entity_linker.EntityLinker": Kind("EntityLinker", _KB, check=_check_kb, n_outputs=_n_kb),
        "legacy.entity_linker.EntityLinker_v1": Kind(
            "EntityLinker", _KB, check=_check_kb, n_outputs=_n_kb
        ),
        "tok2vec.Tok2Vec": Kind("Tok2Vec"),
        "attributeruler.AttributeRuler": Kind(parts=_PATTERNS, is_ruler=True),
        "entityruler.EntityRuler": Kind("EntityRuler", _PATTERNS, is_flat=True, is_ruler=True),
        "span_ruler.SpanRuler": Kind(parts=_PATTERNS, is_ruler=True),
        "lemmatizer.Lemmatizer": Kind(parts=frozenset({"lookups"}), check=_check_tables),
        "sentencizer.Sentencizer": Kind("Sentencizer", frozenset(), is_flat=True),
        "functions.TokenSplitter": Kind("TokenSplitter", frozenset({"cfg"})),
        "functions.DocCleaner": Kind("DocCleaner", frozenset({"cfg"})),
    }.items()
}
# The classes whose states can need trust, by factory, to check a file without building it.
FACTORIES: Final = {
    "attribute_ruler": "attributeruler.AttributeRuler",
    "entity_ruler": "entityruler.EntityRuler",
    "future_entity_ruler": "span_ruler.SpanRuler",
    "span_ruler": "span_ruler.SpanRuler",
    "beam_ner": "transition_parser.Parser",
    "beam_parser": "transition_parser.Parser",
    "ner": "transition_parser.Parser",
    "parser": "transition_parser.Parser",
    "doc_cleaner": "functions.DocCleaner",
    "span_finder": "span_finder.SpanFinder",
    "spancat": "spancat.SpanCategorizer",
    "spancat_singlelabel": "spancat.SpanCategorizer",
    "textcat": "textcat.TextCategorizer",
    "textcat_multilabel": "textcat.TextCategorizer",
    "token_splitter": "functions.TokenSplitter",
}


@dataclass(frozen=True)
class Allowed:
    """The trusted names and the budget for the components of a file.

    trusted (Collection[str]): The names that the caller trusts.
    budget (Budget): The budget of the file.
    """

    trusted: Collection[str] = ()
    budget: Budget = field(default_factory=Budget)


@contextlib.contextmanager
def guard_restore(
    name: str,
    pipe: Any,
    state: bytes | memoryview,
    allowed: Allowed,
    *,
    factory: str,
    foreign: bool = False,
) -> Iterator[None]:
    """Check the state of a component, let the caller restore it, and check the component.

    name (str): Its name in the pipeline.
    pipe (Any): The component, as its config builds it.
    state (Union[bytes, memoryview]): The input for its `from_bytes`.
    allowed (Allowed): Trusted names and the budget of the file.
    factory (str): The factory that made it.
    foreign (bool): True if its model is built by code that the caller trusts by name. Such a model
        may differ from what a config says.
    RAISES (UnsafeFileError): State and component do not fit together.
    RAISES (UntrustedContentError): Its class is not one of spaCy's, or its state needs trust; and
        the caller does not trust it.
    """
    found = _find_kind(pipe)
    if found is None:
        _check_trusted(name, f"factories:{factory}", allowed, "is not one of spaCy's components")
        yield
        return
    class_name, kind = found
    decoded = decode_msgpack_map(state, name)
    _check_state(class_name, kind, name, decoded, allowed)
    model = getattr(pipe, "model", None)
    guard = ModelGuard(name, model) if isinstance(model, Model) and not foreign else None
    yield
    if guard is not None:
        guard.check()
    if kind.is_parser:
        check_parser(name, pipe, foreign=foreign)
    elif kind.n_outputs is not None:
        check_outputs(name, pipe.model, kind.n_outputs(pipe), foreign=foreign)


def state_names(
    name: str, factory: object, state: bytes | memoryview, budget: Budget
) -> Iterator[str]:
    """List the names that need the caller's trust to use the state of a component.

    name (str): Name of the component.
    factory (object): Its factory, from the config.
    state (Union[bytes, memoryview]): Its state in the file.
    budget (Budget): The budget of the file.
    YIELDS (str): "patterns:<component>", "settings:<component>" or "attributes:<component>".
    """
    class_name = FACTORIES.get(str(factory))
    if class_name is None:
        return
    kind = KINDS[f"spacy.pipeline.{class_name}"]
    decoded = decode_msgpack_map(state, name)
    if kind.settings is not None:
        yield from settings_names(name, _settings(kind, name, decoded), kind.settings)
    if kind.is_ruler and check_patterns(name, class_name.rpartition(".")[2], decoded, budget):
        yield f"patterns:{name}"


def _find_kind(pipe: Any) -> tuple[str, Kind] | None:
    """Find the checks for a component, by its class or the spaCy class that it extends."""
    for cls in type(pipe).__mro__:
        if not cls.__module__.startswith("spacy."):
            return None
        kind = KINDS.get(f"{cls.__module__}.{cls.__qualname__}")
        if kind is not None:
            return cls.__qualname__, kind
    return None


def _check_trusted(name: str, trust: str, allowed: Allowed, why: str) -> None:
    if trust not in allowed.trusted:
        need_trust(f"the component {name!a} in the model file {why}", [trust])


def _settings(kind: Kind, name: str, decoded: dict[str, Any]) -> dict[str, Any]:
    if kind.is_flat:
        return {key: value for key, value in decoded.items() if key not in kind.parts}
    return decode_settings(name, decoded.get("cfg", "{}"))


def _check_state(
    class_name: str, kind: Kind, name: str, decoded: dict[str, Any], allowed: Allowed
) -> None:
    settings: dict[str, Any] = {}
    if not kind.is_flat and not decoded.keys() <= kind.parts:
        unknown = next(iter(decoded.keys() - kind.parts))
        refuse(name, f"{ascii(unknown)[:80]} is not a part of it", "bad-component")
    if kind.settings is not None:
        settings = _settings(kind, name, decoded)
        check_settings(name, settings, kind.settings, allowed.trusted)
    if "model" in decoded:
        _check_packed_model(name, decoded["model"])
    kind.check(State(name, decoded, settings, allowed.budget))
    if kind.is_ruler:
        excessive = check_patterns(name, class_name, decoded, allowed.budget)
        if excessive:
            _check_trusted(name, f"patterns:{name}", allowed, f"has {excessive}")


def _check_packed_model(name: str, data: object) -> None:
    """Check thinc's own form of a model, in which each attribute is msgpack in msgpack."""
    if not isinstance(data, bytes):
        refuse(name, "its model is not bytes", "model-mismatch")
    packed = decode_msgpack_map(data, name).get("attrs", [])
    if type(packed) is not list or not all(type(attrs) is dict for attrs in packed):
        refuse(name, "its model has no attributes", "model-mismatch")
    for attrs in packed:
        for value in attrs.values():
            if not isinstance(value, bytes):
                refuse(name, "an attribute of its model is not bytes", "model-mismatch")
            walk_msgpack(value, name)
