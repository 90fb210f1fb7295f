"""Tokenize the first texts with only the rules that they need.

A language has thousands of special cases, each of which takes as long to set up as a short text to
tokenize, and a text uses almost none of them. A case can match in two ways. The tokenizer looks up
pieces of the text between spaces: then the text contains the case. And it searches its tokens for
those of a case, with any spaces between them: then the text without spaces contains the case. Other
cases change nothing.

Looking for cases in every text would in the end cost more than setting all of them up once, so
this is for so many characters only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ...msgpack import decode_msgpack_map
from ..guards.tokenizers.defaults import compile_methods
from .restored import RestoredTokenizer, is_plain_case
from .western_patterns import is_western, western_pattern

MAX_CHARACTERS: Final = 50_000
# The cost of an empty text.
_CHARACTERS_PER_TEXT: Final = 100
_START: Final = 3


class FirstTexts:
    """Tokenizes texts like the tokenizer that has all of the rules.

    vocab (Vocab): The vocab. No memory zone may begin as long as this is in use.
    state (bytes): What `Tokenizer.to_bytes` returned, without the vocab.
    western (bool): Prepare only for texts that are `is_western`, which is faster.
    """

    def __init__(self, vocab: Vocab, state: bytes, *, western: bool):
        settings = decode_msgpack_map(state, "the tokenizer")
        rules: dict[str, Any] = settings.get("exceptions", {})
        # Without the patterns of its own script, a case would leave other pieces in the vocab.
        western = western and all(map(is_western, _set_up_first(rules)))
        self._western = western
        self._n_characters = 0
        self._tokenizer = RestoredTokenizer(
            vocab,
            **compile_methods(_western(settings) if western else settings),
            faster_heuristics=settings.get("faster_heuristics", True),
        )
        # An invalid case must be an error now, not only when it is met.
        self._usable = all(is_plain_case(chunk, tokens) for chunk, tokens in rules.items())
        self._waiting = rules
        self._by_start: dict[str, list[str]] = {}
        if self._usable and rules:
            self._prepare(rules)

    def _prepare(self, rules: dict[str, Any]) -> None:
        """Set up the cases that cannot wait, and index the others by their beginning."""
        *spaced, last = _set_up_first(rules)
        self._usable = last not in spaced
        if self._usable:
            for chunk in (*spaced, last):
                self._tokenizer.add_special_case(chunk, rules.pop(chunk))
            for chunk in rules:
                short = chunk.isspace() or len(chunk) < _START
                self._by_start.setdefault("" if short else chunk[:_START], []).append(chunk)

    def __call__(self, text: str) -> Doc | None:
        """Tokenize a text.

        text (str): The text.
        RETURNS (Optional[Doc]): The Doc, or None if it needs the whole tokenizer.
        """
        self._n_characters += len(text) + _CHARACTERS_PER_TEXT
        if not self._usable or self._n_characters > MAX_CHARACTERS:
            return None
        if self._western and not is_western(text):
            return None
        for chunk in sorted(self._needed(text)):
            self._tokenizer.add_special_case(chunk, self._waiting.pop(chunk))
        doc: Doc = self._tokenizer(text)
        return doc

    def _needed(self, text: str) -> Iterator[str]:
        packed = "".join(text.split())
        starts = {packed[i : i + _START] for i in range(len(packed))}
        for start in ("", *(starts & self._by_start.keys())):
            for chunk in self._by_start.get(start, ()):
                if chunk in self._waiting and (chunk in packed or chunk in text):
                    yield chunk


def _set_up_first(rules: Collection[str]) -> list[str]:
    """The cases that cannot wait, in the order in which they are set up.

    To set up a case with spaces inside leaves its pieces behind in the tokenizer's cache, until the
    next one is. The whole tokenizer keeps those of the last.
    """
    spaced = sorted(chunk for chunk in rules if [chunk] != chunk.split() and not chunk.isspace())
    return [*spaced, max(rules)] if rules else []


def _western(settings: dict[str, Any]) -> dict[str, Any]:
    """Shorten the expressions that are worth it: Python has compiled the others already."""
    shortened = {
        name: western_pattern(settings[name])
        for name in ("prefix_search", "suffix_search", "infix_finditer")
        if isinstance(settings.get(name), str)
    }
    return {**settings, **shortened}
