"""The special cases of a tokenizer that spaCy puts into a doc in place.

A case that the tokenizer would split by itself is looked for in the finished doc, and its tokens
replace those that are there. Compiled code makes room for the doc as it is at the end, and not as
long as it gets in between. It also finds a case by its hash after it has counted tokens by text. So
a case of a file that lengthens a doc, or that has the hash of another text, would write beyond the
end of it. The cases of spaCy's own languages, with their own expressions, do no such harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any, Final

from spacy.lang.tokenizer_exceptions import BASE_EXCEPTIONS
from spacy.strings import hash_string  # type: ignore[attr-defined]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.vocab import Vocab

from .defaults import compile_methods, default_expressions, find_defaults

# More cases take too long to try out; only two of spaCy's languages have more.
MAX_TRIED: Final = 5_000
MAX_LENGTH: Final = 64
MAX_PIECES: Final = 8
MAX_SPELLED: Final = 12
MAX_SPELLINGS: Final = 200_000
# A new doc has room for 20 tokens.
SHORT: Final = 16
_PIECES: Final = re.compile(r"[^\W_]+|[^\w\s]|_")
_CHARACTERS: Final = re.compile(r"\S")


def judge_cases(
    state: Mapping[str, Any], lang: str, *, own_expressions: bool
) -> tuple[str | None, frozenset[str]]:
    """Check if the special cases of a tokenizer can make spaCy write beyond a doc.

    All languages have a few that lengthen a doc ("°C." and the like). In a tokenizer that is not
    just its language's, these need watching: other cases or expressions could make many of them.

    state (Mapping[str, Any]): The decoded state of the tokenizer, checked in form.
    lang (str): Language of the pipeline.
    own_expressions (bool): True if its expressions differ from those of the language.
    RETURNS (Tuple[Optional[str], FrozenSet[str]]): The problem, in words, or None; and the cases to
        watch.
    """
    if not state.get("faster_heuristics", True):
        why = "no faster_heuristics, so that it looks for all its special cases in finished docs"
        return why, frozenset()
    rules: dict[str, Any] = state.get("exceptions", {})
    known = _known_cases(lang)
    own = [case for case, tokens in rules.items() if len(tokens) != len(known.get(case, ()))]
    if not own and not own_expressions:
        return None, frozenset()
    if reason := _too_large(rules, own):
        return reason, frozenset()
    placed = _pieces(rules, Tokenizer(Vocab(), **compile_methods(state)))
    if reason := _too_many_pieces(placed, own):
        return reason, frozenset()
    lengthening = [*_lengthening(rules, placed)]
    expected: set[tuple[str, int, int]] = set()
    left_out: frozenset[str] = frozenset()
    if own_expressions or any(len(rules[case]) < len(placed.get(case, ())) for case in own):
        # Cases of the language could be made to lengthen texts in which they usually do not.
        left_out = frozenset(case for case, _, _ in lengthening if case in BASE_EXCEPTIONS)
    else:
        expected = {*_lengthening(known, _pieces(known, _default_tokenizer(lang)))}
    for found in lengthening:
        if found not in expected and found[0] not in left_out:
            reason = f"a special case ({found[0][:40]!a}) with more tokens than without it"
            return reason, frozenset()
    if text := _text_with_the_hash_of_a_case(rules, placed):
        return f"a special case with the hash of another text ({text[:40]!a})", frozenset()
    return None, left_out


def lengthening_cases(lang: str, *, own_expressions: bool) -> list[str]:
    """List the special cases of a language that lengthen a doc.

    lang (str): The language, one of spaCy's or trusted.
    own_expressions (bool): True if the tokenizer has other expressions than the language.
    RETURNS (List[str]): Beginnings of the cases, as they would be without.
    """
    known = _known_cases(lang)
    pieces = _pieces(known, _default_tokenizer(lang))
    found = {case for case, _, _ in _lengthening(known, pieces)}
    return sorted({case[0] if own_expressions else pieces.get(case, [case])[0] for case in found})


def is_short(text: str, *, own_expressions: bool) -> bool:
    """Return True if a text has so few tokens that no case can lengthen a new doc beyond its room.

    text (str): The text.
    own_expressions (bool): True if the tokenizer has other expressions than the language. Then each
        character can become a token.
    RETURNS (bool): False if that is not certain.
    """
    if len(text) <= SHORT:
        return True
    pieces = (_CHARACTERS if own_expressions else _PIECES).finditer(text)
    return next(islice(pieces, SHORT, None), None) is None


def _known_cases(lang: str) -> dict[str, Any]:
    defaults = find_defaults(lang)
    return {} if defaults is None else defaults.tokenizer_exceptions or {}


def _default_tokenizer(lang: str) -> Tokenizer:
    expressions = {name: text for name, text in default_expressions(lang).items() if text}
    return Tokenizer(Vocab(), **compile_methods(expressions))


def _too_large(rules: Mapping[str, Any], own: list[str]) -> str | None:
    if len(rules) > MAX_TRIED:
        return f"{len(rules):,} special cases, not only those of its language"
    if any(len(case) > MAX_LENGTH or len(rules[case]) > MAX_PIECES for case in own):
        return f"a special case of more than {MAX_LENGTH} characters or {MAX_PIECES} tokens"
    return None


def _too_many_pieces(placed: Mapping[str, list[str]], own: list[str]) -> str | None:
    if any(len(placed.get(case, ())) > MAX_PIECES for case in own):
        return f"a special case of more than {MAX_PIECES} pieces"
    if sum(2 ** len(pieces) for pieces in placed.values()) > MAX_SPELLINGS:
        return "special cases of too many pieces"
    return None


def _text_with_the_hash_of_a_case(
    rules: Mapping[str, Any], placed: Mapping[str, list[str]]
) -> str | None:
    hashes = {hash_string(case) for case in rules}
    for pieces in placed.values():
        for text in _spellings(pieces):
            if text not in rules and hash_string(text) in hashes:
                return text
    return None


def _pieces(rules: Mapping[str, Any], tokenizer: Tokenizer) -> dict[str, list[str]]:
    """The cases that spaCy looks for in finished docs, and the tokens that it looks for."""
    return {
        case: [token.text for token in tokenizer(case)]
        for case in rules
        if " " in case
        or tokenizer.find_prefix(case)
        or tokenizer.find_suffix(case)
        or tokenizer.find_infix(case)
    }


def _lengthening(
    rules: Mapping[str, Any], placed: Mapping[str, list[str]]
) -> Iterator[tuple[str, int, int]]:
    """Cases of more tokens than pieces, with both numbers; also under other spellings."""
    for pieces in placed.values():
        for text in _spellings(pieces):
            if len(rules.get(text, ())) > len(pieces):
                yield text, len(pieces), len(rules[text])


def _spellings(pieces: list[str]) -> Iterator[str]:
    """All texts that have these tokens: with and without a space behind each.

    Only cases of spaCy's languages have more than a dozen. These are then taken as they are.
    """
    if len(pieces) > MAX_SPELLED:
        yield "".join(pieces)
        return
    for spaces in product(("", " "), repeat=len(pieces) - 1):
        yield "".join(map("".join, zip(pieces, (*spaces, ""), strict=True)))
