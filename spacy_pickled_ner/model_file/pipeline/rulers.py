"""Restore the patterns of rulers without running components.

spaCy creates the phrases of a ruler by running all components before it. For a file from a
stranger, this could be any amount of work. So loading only uses the tokenizer. For most rulers, the
result is the same. It differs for phrases that match attributes from components (`LEMMA`, `POS`,
…), and for rulers behind a component that changes tokens: `make_phrases` creates these as spaCy
does.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import srsly
from spacy.attrs import IDS  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.pipeline import EntityRuler, SpanRuler

from ...errors import PickledNerWarning, UnsafeFileError
from ...msgpack import decode_msgpack_map
from ..guards.settings import decode_json

# Attributes that do not depend on components.
_LEXICAL: Final = frozenset(
    name
    for name in IDS
    if name.startswith(("IS_", "LIKE_", "FLAG"))
    or name in {"", "ORTH", "LOWER", "NORM", "SHAPE", "PREFIX", "SUFFIX", "LENGTH", "LANG"}
)
_LEXICAL_IDS: Final = frozenset(IDS[name] for name in _LEXICAL)


def restore_ruler(ruler: EntityRuler | SpanRuler, state: bytes) -> None:
    """Restore a ruler with all its patterns.

    `EntityRuler.from_bytes` adds the patterns, and then replaces the phrase matcher by an empty
    one. Here, the settings are restored first, then the patterns.

    ruler (Union[EntityRuler, SpanRuler]): The ruler.
    state (bytes): From its `to_bytes`.
    RAISES (UnsafeFileError): The state is invalid ("bad-component").
    """
    parts = decode_msgpack_map(state, "a ruler")
    patterns: Any = parts.pop("patterns", [])
    if isinstance(ruler, EntityRuler):
        ruler.from_bytes(srsly.msgpack_dumps({**parts, "patterns": []}))
    else:
        patterns = decode_json(patterns, "a ruler")
        ruler.clear()
    if not isinstance(patterns, list):
        raise UnsafeFileError("a ruler has no list of patterns", code="bad-component")
    if not _needs_components(ruler):
        ruler.add_patterns(patterns)
        return
    # The ruler stores its phrases, but does not match them yet.
    unmatched, ruler.phrase_matcher = ruler.phrase_matcher, PhraseMatcher(ruler.nlp.vocab)
    ruler.add_patterns(patterns)
    ruler.phrase_matcher = unmatched


def warn_of_phrases(nlp: Language) -> None:
    """Warn of rulers whose phrases can differ from spaCy's.

    nlp (Language): A restored pipeline.
    """
    waiting, changes_tokens = [], False
    for name, pipe in nlp.pipeline:
        if (
            isinstance(pipe, (EntityRuler, SpanRuler))
            and (changes_tokens or _needs_components(pipe))
            and any(isinstance(entry["pattern"], str) for entry in pipe.patterns)
        ):
            waiting.append(name)
        changes_tokens = changes_tokens or nlp.get_pipe_meta(name).retokenizes
    if waiting:
        warnings.warn(
            f"the phrases of {', '.join(waiting)} depend on components before it, but loading "
            "a file runs none. Call spacy_pickled_ner.make_phrases(nlp) once to create them",
            PickledNerWarning,
            stacklevel=2,
        )


def make_phrases(nlp: Language) -> None:
    """Create the phrases of all rulers again, by running the components before each, as spaCy does.

    `load` runs no component. So call this for rulers with phrases that match attributes from
    components (`LEMMA`, `POS`, `TAG`, `MORPH`, `DEP` …), or behind a component that changes tokens.

    nlp (Language): A loaded pipeline.
    """
    disabled = {*nlp.disabled}
    for name, pipe in nlp.components:
        if isinstance(pipe, (EntityRuler, SpanRuler)):
            patterns = [*pipe.patterns]
            # A ruler finds the components before it by its position among the enabled ones.
            nlp.enable_pipe(name)
            try:
                pipe.clear()
                pipe.add_patterns(patterns)
            finally:
                if name in disabled:
                    nlp.disable_pipe(name)


def _needs_components(ruler: EntityRuler | SpanRuler) -> bool:
    attr = ruler.phrase_matcher_attr
    if isinstance(attr, str):
        return attr.upper() not in _LEXICAL | {"TEXT"}
    return attr is not None and attr not in _LEXICAL_IDS
