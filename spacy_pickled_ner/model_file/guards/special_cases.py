"""The special cases of a tokenizer that spaCy puts into a doc in place.

A case that the tokenizer would split by itself is looked for in the finished doc, and its tokens
replace those that are there. Compiled code makes room for the doc as it is at the end, and not as
long as it gets in between. It also finds a case by its hash after it has counted tokens by text. So
a case of a file that lengthens a doc, or that has the hash of another text, would write beyond the
end of it. The cases of spaCy's own languages, with their own expressions, do no such harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final

from spacy.language import BaseDefaults
from spacy.strings import hash_string  # type: ignore[attr-defined]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.util import (
    compile_infix_regex,
    compile_prefix_regex,
    compile_suffix_regex,
    get_lang_class,
)
from spacy.vocab import Vocab

# More cases take too long to try out; only two of spaCy's languages have more.
MAX_TRIED: Final = 5_000
MAX_LENGTH: Final = 64
MAX_PIECES: Final = 8
# A new doc has room for 20 tokens.
SHORT: Final = 16
_METHODS: Final = {
    "prefix_search": "search",
    "suffix_search": "search",
    "infix_finditer": "finditer",
    "token_match": "match",
    "url_match": "match",
}
_PIECES: Final = re.compile(r"\w+|[^\w\s]")


def harmful_cases(state: Mapping[str, Any], lang: str, *, own_expressions: bool) -> str | None:
    """Find out whether the special cases of a tokenizer can make spaCy write beyond a doc.

    state (Mapping[str, Any]): The decoded state of the tokenizer, checked in form.
    lang (str): Language of the pipeline.
    own_expressions (bool): Whether its expressions differ from those of the language.
    RETURNS (Optional[str]): What is wrong with the cases, in words; None if nothing is.
    """
    if not state.get("faster_heuristics", True):
        return "no faster_heuristics, so that it looks for all its special cases in finished docs"
    rules: dict[str, Any] = state.get("exceptions", {})
    defaults = _defaults(lang)
    known = {} if defaults is None else defaults.tokenizer_exceptions or {}
    own = [case for case, tokens in rules.items() if len(tokens) != len(known.get(case, ()))]
    if not own and not own_expressions:
        return None
    if len(rules) > MAX_TRIED:
        return f"{len(rules):,} special cases, and not only those of its language"
    if any(len(case) > MAX_LENGTH or len(rules[case]) > MAX_PIECES for case in own):
        return f"a special case of more than {MAX_LENGTH} characters or {MAX_PIECES} tokens"
    expected: set[tuple[str, int, int]] = set()
    if defaults is not None:
        expected = {*_lengthening(known, _default_tokenizer(defaults))}
    tokenizer = _tokenizer_of(state)
    for found in _lengthening(rules, tokenizer):
        if found not in expected:
            return f"a special case ({found[0][:40]!a}) of more tokens than it would have without"
    for case in _placed_in_docs(own, tokenizer):
        if len(tokenizer(case)) > MAX_PIECES:
            return f"a special case ({case[:40]!a}) of more than {MAX_PIECES} pieces"
    hashes = {hash_string(case) for case in rules}
    for text in _other_spellings(rules, tokenizer):
        if hash_string(text) in hashes:
            return f"a special case with the hash of another text ({text[:40]!a})"
    return None


def lengthening_cases(lang: str) -> list[str]:
    """List the special cases of a language that lengthen a doc.

    lang (str): The language, one of spaCy's or trusted.
    RETURNS (List[str]): Beginnings of the cases, as they would be without.
    """
    defaults = _defaults(lang)
    if defaults is None:
        return []
    tokenizer = _default_tokenizer(defaults)
    found = _lengthening(defaults.tokenizer_exceptions or {}, tokenizer)
    return sorted({tokenizer(case)[0].text for case, _, _ in found})


def is_short(text: str) -> bool:
    """Return True if a text has so few tokens that no case can lengthen a new doc beyond its room.

    text (str): The text.
    RETURNS (bool): False if that is not certain.
    """
    if len(text) <= SHORT:
        return True
    pieces = _PIECES.finditer(text)
    return sum(1 for _ in zip(pieces, range(SHORT + 1), strict=False)) <= SHORT


def _defaults(lang: str) -> type[BaseDefaults] | None:
    try:
        defaults: type[BaseDefaults] = get_lang_class(lang).Defaults
    except ImportError:
        return None
    return defaults


def _tokenizer_of(state: Mapping[str, Any]) -> Tokenizer:
    methods = {
        name: getattr(re.compile(state[name]), method)
        for name, method in _METHODS.items()
        if isinstance(state.get(name), str)
    }
    return Tokenizer(Vocab(), **methods)


def _default_tokenizer(defaults: type[BaseDefaults]) -> Tokenizer:
    prefixes, suffixes, infixes = defaults.prefixes, defaults.suffixes, defaults.infixes
    return Tokenizer(
        Vocab(),
        prefix_search=compile_prefix_regex(prefixes).search if prefixes else None,
        suffix_search=compile_suffix_regex(suffixes).search if suffixes else None,
        infix_finditer=compile_infix_regex(infixes).finditer if infixes else None,
        token_match=defaults.token_match,
        url_match=defaults.url_match,
    )


def _placed_in_docs(cases: Iterable[str], tokenizer: Tokenizer) -> Iterator[str]:
    """The cases that spaCy looks for in finished docs."""
    for case in cases:
        if (
            " " in case
            or tokenizer.find_prefix(case)
            or tokenizer.find_suffix(case)
            or tokenizer.find_infix(case)
        ):
            yield case


def _lengthening(rules: Mapping[str, Any], tokenizer: Tokenizer) -> Iterator[tuple[str, int, int]]:
    """Cases of more tokens than pieces, with both numbers; also under other spellings."""
    for case in _placed_in_docs(rules, tokenizer):
        pieces = [token.text for token in tokenizer(case)]
        for text in _spellings(pieces) if len(pieces) <= MAX_PIECES else (case,):
            if len(rules.get(text, ())) > len(pieces):
                yield text, len(pieces), len(rules[text])


def _other_spellings(rules: Mapping[str, Any], tokenizer: Tokenizer) -> Iterator[str]:
    for case in _placed_in_docs(rules, tokenizer):
        pieces = [token.text for token in tokenizer(case)]
        for text in _spellings(pieces) if len(pieces) <= MAX_PIECES else ():
            if text not in rules:
                yield text


def _spellings(pieces: list[str]) -> Iterator[str]:
    """All texts that have these tokens: with and without a space behind each."""
    for spaces in product(("", " "), repeat=len(pieces) - 1):
        yield "".join(map("".join, zip(pieces, (*spaces, ""), strict=True)))
