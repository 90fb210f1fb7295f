"""Restore the patterns of rulers without running any component.

spaCy makes the phrases of a ruler by running all components before it. Of a file from a stranger,
that would be work of the file's choice. So loading lets the tokenizer make them, alone. For most
rulers this is the same. Phrases that are matched by what a component finds (`LEMMA`, `POS`, …), and
those behind a component that changes tokens, differ: `make_phrases` makes these as spaCy does.
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

# Attributes that a word has by itself, without any component.
_LEXICAL: Final = frozenset(
    name
    for name in IDS
    if name.startswith(("IS_", "LIKE_", "FLAG"))
    or name in {"", "ORTH", "LOWER", "NORM", "SHAPE", "PREFIX", "SUFFIX", "LENGTH", "LANG"}
)
_LEXICAL_IDS: Final = frozenset(IDS[name] for name in _LEXICAL)


def restore_ruler(ruler: EntityRuler | SpanRuler, state: bytes) -> None:
    """Restore a ruler with all of its patterns.

    `EntityRuler.from_bytes` adds the patterns, and then replaces the matcher that holds the phrases
    with an empty one. Here the settings go first, and the patterns after them.

    ruler (Union[EntityRuler, SpanRuler]): The ruler.
    state (bytes): What its `to_bytes` returned.
    RAISES (UnsafeFileError): It is something else ("bad-component").
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
    # The ruler keeps its phrases, and matches none of them yet.
    unmatched, ruler.phrase_matcher = ruler.phrase_matcher, PhraseMatcher(ruler.nlp.vocab)
    ruler.add_patterns(patterns)
    ruler.phrase_matcher = unmatched


def warn_of_phrases(nlp: Language) -> None:
    """Warn of rulers whose phrases differ from those that spaCy would have made.

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
            f"the phrases of {', '.join(waiting)} depend on the components before it, and loading "
            "a file runs none. Call spacy_pickled_ner.make_phrases(nlp) once to make them",
            PickledNerWarning,
            stacklevel=2,
        )


def make_phrases(nlp: Language) -> None:
    """Make the phrases of all rulers anew, by running the components before each, as spaCy does.

    `load` runs no component, so phrases that are matched by what a component finds (`LEMMA`, `POS`,
    `TAG`, `MORPH`, `DEP` …), or that stand behind a component that changes tokens, wait for this.

    nlp (Language): A loaded pipeline.
    """
    disabled = {*nlp.disabled}
    for name, pipe in nlp.components:
        if isinstance(pipe, (EntityRuler, SpanRuler)):
            patterns = [*pipe.patterns]
            # A ruler finds out which components stand before it by its place among those that run.
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
