"""Save and restore the state of a component. Its model is stored separately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import srsly
from spacy.pipeline import EntityRuler, Lemmatizer, Sentencizer, SpanRuler
from thinc.api import Model

from ...container.sections import Section, Sections
from ...errors import SaveError
from ...msgpack import EMPTY_MAP, decode_msgpack_map
from ..guards import Allowed, guard_restore
from ..guards.tokenizers.defaults import METHODS
from ..guards.vocab.lookups import restore_tables
from .rulers import restore_ruler
from .weights import model_sections, restore_model

_WHOLE = ("vocab",)
_SPLIT = ("vocab", "model")


def component_sections(name: str, pipe: Any) -> Iterator[Section]:
    """Turn a component into sections.

    name (str): Its name in the pipeline.
    pipe (Any): The component.
    YIELDS (Section): Its state and its model; nothing for a component without state.
    RAISES (SaveError): Its state cannot be turned into bytes.
    """
    if not hasattr(pipe, "to_bytes"):
        if hasattr(pipe, "to_disk"):
            raise SaveError(
                f"cannot save the component {name!r}: {type(pipe).__name__} has to_disk, but no "
                "to_bytes"
            )
        return
    exclude = _SPLIT if has_split_model(pipe) else _WHOLE
    try:
        state = pipe.to_bytes(exclude=list(exclude))
        model = list(model_sections(_model(name), pipe.model)) if exclude is _SPLIT else []
    except SaveError:
        raise
    except Exception as err:
        raise SaveError(f"cannot save the component {name!r}: {type(err).__name__}: {err}") from err
    yield Section(_state(name), _canonical(pipe, state))
    yield from model


def tokenizer_state(tokenizer: Any) -> bytes:
    """Turn a tokenizer into bytes.

    tokenizer (Any): The tokenizer of a pipeline.
    RETURNS (bytes): Its state, without the vocab.
    RAISES (SaveError): The tokenizer cannot be saved.
    """
    what = f"cannot save the tokenizer: {type(tokenizer).__name__}"
    if not hasattr(tokenizer, "to_bytes"):
        raise SaveError(f"{what} has no to_bytes")
    try:
        return bytes(tokenizer.to_bytes(exclude=["vocab"]))
    except Exception as err:
        if own := [name for name in METHODS if _is_own_function(getattr(tokenizer, name, None))]:
            raise SaveError(
                f"cannot save the tokenizer: its {', '.join(own)} must be a method of a compiled "
                "pattern, e.g. re.compile(…).match, not your own function"
            ) from err
        raise SaveError(f"{what}.to_bytes raised {type(err).__name__}: {err}") from err


def _is_own_function(matcher: Any) -> bool:
    # spaCy saves the pattern that a matching method belongs to.
    return matcher is not None and not hasattr(getattr(matcher, "__self__", None), "pattern")


def _canonical(pipe: Any, state: bytes) -> bytes:
    """Return a state whose order does not depend on the process, so that equal states are the same.

    spaCy's sentencizer writes its set of characters in arbitrary order.
    """
    if type(pipe) is not Sentencizer:
        return state
    settings = srsly.msgpack_loads(state)
    settings["punct_chars"].sort()
    return bytes(srsly.msgpack_dumps(settings))


def restore_component(
    name: str, pipe: Any, sections: Sections, allowed: Allowed, *, factory: str, foreign: bool
) -> None:
    """Restore a component from its state.

    name (str): Its name in the pipeline.
    pipe (Any): The component, as its config builds it.
    sections (Sections): The file.
    allowed (Allowed): Trusted names and the budget of the file.
    factory (str): The factory of the component.
    foreign (bool): True if the component uses trusted code that is not spaCy's.
    RAISES (UnsafeFileError): The state is missing, or does not fit.
    RAISES (UntrustedContentError): The component needs trust.
    """
    if not hasattr(pipe, "from_bytes"):
        return
    state = bytes(sections[_state(name)])
    with guard_restore(name, pipe, state, allowed, factory=factory, foreign=foreign):
        if has_split_model(pipe) and not _is_lemmatizer(pipe):
            pipe.from_bytes(state, exclude=list(_SPLIT))
            restore_model(pipe.model, _model(name), sections, trusted=foreign)
        else:
            read_state(name, pipe, state)


def read_state(name: str, pipe: Any, state: bytes) -> None:
    """Restore a component from its whole state. Rulers and tables are read here, not by spaCy.

    name (str): Its name in the pipeline.
    pipe (Any): The component.
    state (bytes): Its state, checked.
    """
    if type(pipe) in (EntityRuler, SpanRuler):
        restore_ruler(pipe, state)
    elif _is_lemmatizer(pipe):
        restore_tables(pipe.lookups, name, decode_msgpack_map(state, name)["lookups"])
        pipe.from_bytes(EMPTY_MAP)  # checks that no table is missing
    else:
        pipe.from_bytes(state, exclude=list(_WHOLE))


def _is_lemmatizer(pipe: Any) -> bool:
    """Return True for a lemmatizer with tables that reads its state as spaCy's own does."""
    return isinstance(pipe, Lemmatizer) and type(pipe).from_bytes is Lemmatizer.from_bytes


def _state(name: str) -> str:
    return f"pipe/{name}/state"


def _model(name: str) -> str:
    return f"pipe/{name}/model"


def has_split_model(pipe: Any) -> bool:
    """Return True if a component's model can be stored separately.

    pipe (Any): The component.
    RETURNS (bool): True if it has a thinc model and spaCy's own `to_bytes` and `from_bytes`, which
        can exclude the model. Other code might lose the model or store it twice.
    """
    return isinstance(getattr(pipe, "model", None), Model) and all(
        _defined_in(type(pipe), method).startswith("spacy.pipeline.")
        for method in ("to_bytes", "from_bytes")
    )


def _defined_in(cls: type, method: str) -> str:
    return next((c.__module__ for c in cls.__mro__ if method in vars(c)), "")
