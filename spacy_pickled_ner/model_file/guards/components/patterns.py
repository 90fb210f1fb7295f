"""Check the patterns of rulers: their size, and the cost of their regular expressions.

A short pattern can describe a lot: `{"OP": "{1,100000}"}` is stored token by token, and each
operator multiplies the ways that the matcher has to follow. Rulers beyond these bounds, and all
rulers of a file beyond its budget, need the caller's trust, by the name `patterns:<component>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from spacy.attrs import IDS  # type: ignore[import-not-found]

from ....msgpack import decode_msgpack
from ..budget import Budget, steps_to_tokenize
from ..expressions.checks import compile_checked, excess
from ..hashes import MIN_KEYS, check_even_texts
from ..refuse import is_int, refuse
from ..rules import attribute, is_text
from ..settings import decode_json
from ..tokenizers.special_cases import is_short, lengthening_cases

MAX_TOKENS: Final = 512
# The matcher follows each way in which a pattern can match, without merging them.
MAX_WAYS: Final = 2**12
# How often an operator without an upper limit is taken to match.
OPEN: Final = 64
MAX_PHRASE: Final = 10_000
MAX_DEPTH: Final = 6
_CODE: Final = "bad-patterns"
_OPERATOR: Final = re.compile(r"[*+?!1]|\{(\d{0,9})(,?)(\d{0,9})\}")
_WORDS: Final[Callable[[str], list[str]]] = re.compile(r"\w+|[^\w\s]+").findall
# Attributes that an attribute ruler may change.
_OF_TOKENS: Final = attribute(
    ["NORM", "LEMMA", "POS", "TAG", "MORPH", "DEP", "ENT_TYPE", "ENT_ID", "ENT_KB_ID", "SENT_START"]
)
# These are of words, and so change in all texts. Others, such as the head of a token, are followed
# by compiled code without looking.
_OF_WORDS: Final = attribute(
    [name for name in IDS if name.startswith(("IS_", "LIKE_", "FLAG"))]
    + ["LOWER", "SHAPE", "PREFIX", "SUFFIX"]
)


@dataclass
class _Found:
    """The contents of the patterns of one ruler.

    regexes (List[object]): Their regular expressions.
    phrases (List[str]): Their phrases.
    texts (List[str]): Texts that their tokens are compared with.
    n_added (int): Tokens that operators add to those in the file.
    n_ways (int): Ways to match that operators add.
    reason (Optional[str]): Why one of them is excessive.
    """

    regexes: list[object] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    n_added: int = 0
    n_ways: int = 0
    reason: str | None = None


def check_patterns(what: str, kind: str, state: dict[str, Any], budget: Budget) -> str | None:
    """Check the patterns in the state of a ruler.

    what (str): Name of the component.
    kind (str): Its class: "AttributeRuler", "EntityRuler" or "SpanRuler".
    state (Dict[str, Any]): Its decoded state.
    budget (Budget): The budget of the file. Excessive patterns are not added to it.
    RETURNS (Optional[str]): What about the patterns is excessive; None if nothing is.
    RAISES (UnsafeFileError): They are no patterns ("bad-patterns").
    """
    value: Any = state.get("patterns", [])
    if kind == "AttributeRuler" and "patterns" in state:
        value = decode_msgpack(_bytes(what, value), what)
    elif kind == "SpanRuler" and "patterns" in state:
        value = decode_json(value, what)
    if type(value) is not list:
        refuse(what, "its patterns are not a list", _CODE)
    found = _Found()
    for entry in value:
        if type(entry) is not dict:
            refuse(what, "a pattern is invalid", _CODE)
        if kind == "AttributeRuler":
            patterns = _attribute_patterns(what, entry, found)
        else:
            patterns = _span_pattern(what, entry, found)
        for pattern in patterns:
            _check_tokens(what, pattern, found)
    if len(found.phrases) + len(found.texts) >= MIN_KEYS:
        check_even_texts(what, chain(_words(found.phrases), found.texts))
    reason = found.reason or excess(found.regexes) or _long_phrase(found.phrases, budget)
    n_steps = steps_to_tokenize(found.phrases, budget.degree) if found.phrases else 0
    reason = reason or budget.affords(
        {
            "tokens of patterns": found.n_added,
            "ways to match its patterns": found.n_ways,
            "steps to tokenize its texts": n_steps,
        }
    )
    if reason is None:
        for regex in found.regexes:
            compile_checked(regex, what, _CODE)
    return reason


def _bytes(what: str, value: object) -> bytes:
    if not isinstance(value, bytes):
        refuse(what, "its patterns are not bytes", _CODE)
    return value


def _long_phrase(phrases: list[str], budget: Budget) -> str | None:
    """Find a long phrase that a special case of the language can make longer still.

    Loading tokenizes phrases, and spaCy does not allocate enough tokens for intermediate steps.
    """
    own = bool(phrases) and budget.degree > 0
    long = [phrase for phrase in phrases if not is_short(phrase, own_expressions=own)]
    cases = lengthening_cases(budget.lang, own_expressions=own) if long else []
    found = next((p for p in long if any(case in p for case in cases)), None)
    return found and f"a long phrase with special cases ({found[:40]!a})"


def _words(phrases: list[str]) -> Iterator[str]:
    """The words of phrases, about as a tokenizer finds them."""
    for phrase in phrases:
        for word in phrase.split():
            yield word
            yield word.lower()
            if not word.isalnum():
                yield from _WORDS(word)


def _span_pattern(what: str, entry: dict[str, Any], found: _Found) -> Iterator[list[Any]]:
    pattern, identity = entry.get("pattern"), entry.get("id")
    if not is_text(entry.get("label"), MAX_PHRASE):
        refuse(what, "a pattern has no label", _CODE)
    if identity is not None and not is_text(identity, MAX_PHRASE):
        refuse(what, "the id of a pattern is not text", _CODE)
    if isinstance(pattern, str):
        if not is_text(pattern, MAX_PHRASE):
            refuse(what, "a phrase is too long", _CODE)
        found.phrases.append(pattern)
    elif type(pattern) is list and pattern:
        yield pattern
    else:
        refuse(what, "a pattern is neither phrase nor tokens", _CODE)


def _attribute_patterns(what: str, entry: dict[str, Any], found: _Found) -> Iterator[list[Any]]:
    if not entry.keys() <= {"patterns", "attrs", "index"}:
        refuse(what, "a pattern has unknown parts", _CODE)
    patterns, attrs = entry.get("patterns"), entry.get("attrs")
    if type(patterns) is not list or type(attrs) is not dict:
        refuse(what, "a pattern is invalid", _CODE)
    if not is_int(entry.get("index", 0), -MAX_TOKENS, MAX_TOKENS):
        refuse(what, "a pattern changes an impossible token", _CODE)
    for key, value in attrs.items():
        if key == "_" and type(value) is dict:
            continue  # extension attributes that the caller's own code has registered
        if _OF_WORDS.accepts(key):
            found.reason = f"a pattern that changes {ascii(key)[:40]} of words in all texts"
        elif not _OF_TOKENS.accepts(key):
            refuse(what, f"a pattern changes {ascii(key)[:40]} of a token", _CODE)
        if not (is_text(value, MAX_PHRASE) or is_int(value, 0, 2**64 - 1) or type(value) is bool):
            refuse(what, "a pattern sets an attribute to no text or number", _CODE)
    for pattern in patterns:
        if type(pattern) is not list or not pattern:
            refuse(what, "a pattern has no tokens", _CODE)
        yield pattern


def _check_tokens(what: str, pattern: list[Any], found: _Found) -> None:
    tokens = [_read_token(what, token, found) for token in pattern]
    n_tokens = sum(token.n_stored for token in tokens)
    n_ways = 1
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if following is None or not following.must_match or not token.is_disjoint(following):
            n_ways *= token.n_choices
    found.n_added += max(0, n_tokens - len(pattern))
    found.n_ways += n_ways - 1
    if n_tokens > MAX_TOKENS:
        found.reason = found.reason or f"a pattern of more than {MAX_TOKENS} tokens"
    if n_ways > MAX_WAYS:
        found.reason = (
            found.reason
            or f"a pattern whose operators can match in {_rounded(n_ways)} ways; the limit is "
            f"{MAX_WAYS:,}"
        )


@dataclass(frozen=True)
class _Token:
    """One token of a pattern.

    texts (Dict[str, str]): The texts that its attributes must have.
    n_stored (int): How many tokens the matcher stores for it.
    n_choices (int): In how many ways it can match a run of words.
    must_match (bool): True if it matches at least one word.
    """

    texts: dict[str, str]
    n_stored: int = 1
    n_choices: int = 1
    must_match: bool = True

    def is_disjoint(self, other: _Token) -> bool:
        """Return True if no word can be both tokens: one attribute has two values."""
        return any(other.texts.get(key, text) != text for key, text in self.texts.items())


def _read_token(what: str, token: object, found: _Found) -> _Token:
    if type(token) is not dict:
        refuse(what, "a token of a pattern is invalid", _CODE)
    texts: dict[str, str] = {}
    operator: tuple[int, int, bool] = (1, 1, True)
    names: set[str] = set()
    for key, value in token.items():
        name = str(key).upper()
        if name in names:
            refuse(what, f"a token of a pattern has {ascii(name)[:40]} twice", _CODE)
        names.add(name)
        if name == "OP" and type(key) is str:
            operator = _expand(what, value)
        elif type(value) is dict:
            found.regexes.extend(_regexes(what, value, 0))
            found.texts.extend(_texts_in(value))
        elif type(value) is str:
            if not is_text(value, MAX_PHRASE):
                refuse(what, "a text in a pattern is too long", _CODE)
            texts["ORTH" if name == "TEXT" else name] = value
            found.texts.append(value)
    return _Token(texts, *operator)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(item)


def _rounded(number: int) -> str:
    return f"{number:,}" if number < 10**9 else "over a billion"


def _expand(what: str, operator: object) -> tuple[int, int, bool]:
    """Return the tokens of an operator, its ways to match, and True if a token must match."""
    found = _OPERATOR.fullmatch(operator) if isinstance(operator, str) else None
    if found is None:
        refuse(what, "an operator of a pattern is unknown", _CODE)
    if found[2] is None:
        n_choices = {"*": OPEN, "+": OPEN, "?": 2}.get(found[0], 1)
        return 1 + (found[0] == "+"), n_choices, found[0] in ("+", "1")
    low, high = int(found[1] or 0), int(found[3] or 0)
    if not found[2]:
        return max(low, 1), 1, low > 0
    if not found[3]:
        return low + 1, OPEN, low > 0
    # The matcher stores an optional token for each word that is not needed, and tries any of them.
    return max(low, high, 1), 2 ** min(max(high - low, 0), 64), low > 0


def _regexes(
    what: str, value: dict[Any, Any], depth: int, within: bool = False
) -> Iterator[object]:
    """The regular expressions in a condition; `within` one, those of IN and NOT_IN are some too."""
    if depth > MAX_DEPTH:
        refuse(what, "a pattern is nested too deep", _CODE)
    for key, item in value.items():
        is_regex = within or (type(key) is str and key.upper() == "REGEX")
        if type(item) is dict:
            yield from _regexes(what, item, depth + 1, is_regex)
        elif is_regex:
            yield from item if type(item) is list else [item]
        elif type(item) is list and any(type(entry) in (dict, list) for entry in item):
            refuse(what, "a pattern lists an invalid value", _CODE)
