"""The patterns of rulers: how much one may expand to, and what its regular expressions cost.

A short pattern can describe a lot: `{"OP": "{1,100000}"}` is stored token by token, and each open
operator multiplies what the matcher has to follow. Rulers beyond these bounds need the caller's
trust, by the name `patterns:<component>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from spacy.attrs import HEAD  # type: ignore[import-not-found]
from spacy.pipeline import AttributeRuler, EntityRuler, SpanRuler

from ...msgpack import decode_msgpack
from .refuse import is_int, is_text, refuse
from .regexes import compile_checked, excess
from .settings import decode_json

MAX_TOKENS: Final = 512
MAX_OPEN_OPERATORS: Final = 8
MAX_PHRASE: Final = 10_000
MAX_DEPTH: Final = 6
_CODE: Final = "bad-patterns"
_RULERS: Final[dict[str, type]] = {
    "attribute_ruler": AttributeRuler,
    "entity_ruler": EntityRuler,
    "future_entity_ruler": SpanRuler,
    "span_ruler": SpanRuler,
}
_OPERATOR: Final = re.compile(r"[*+?!1]|\{(\d{0,9})(,?)(\d{0,9})\}")


def is_ruler(factory: object) -> bool:
    """Whether a factory makes one of spaCy's rulers.

    factory (object): Name of the factory.
    RETURNS (bool): True if so.
    """
    return factory in _RULERS


def check_patterns(what: str, ruler: type, state: dict[str, Any]) -> str | None:
    """Check the patterns in the state of a ruler.

    what (str): Name of the component.
    ruler (type): Its class.
    state (Dict[str, Any]): Its decoded state.
    RETURNS (Optional[str]): What about the patterns is excessive; None if nothing is.
    RAISES (UnsafeFileError): They are no patterns ("bad-patterns").
    """
    value: Any = state.get("patterns", [])
    if issubclass(ruler, AttributeRuler) and "patterns" in state:
        value = decode_msgpack(_bytes(what, value), what)
    elif issubclass(ruler, SpanRuler) and "patterns" in state:
        value = decode_json(value, what)
    if type(value) is not list:
        refuse(what, "its patterns are no list", _CODE)
    regexes: list[object] = []
    reasons = []
    check = _attribute_patterns if issubclass(ruler, AttributeRuler) else _span_pattern
    for entry in value:
        if type(entry) is not dict:
            refuse(what, "a pattern is no pattern", _CODE)
        reasons += [_check_tokens(what, pattern, regexes) for pattern in check(what, entry)]
    reason = next((reason for reason in reasons if reason), None) or excess(regexes)
    if reason is None:
        for regex in regexes:
            compile_checked(regex, what, _CODE)
    return reason


def factory_class(factory: str) -> type:
    """Look up the class of a ruler.

    factory (str): Name of one of spaCy's factories, see `is_ruler`.
    RETURNS (type): The class.
    """
    return _RULERS[factory]


def _bytes(what: str, value: object) -> bytes:
    if not isinstance(value, bytes):
        refuse(what, "its patterns are no bytes", _CODE)
    return value


def _span_pattern(what: str, entry: dict[str, Any]) -> Iterator[list[Any]]:
    pattern, identity = entry.get("pattern"), entry.get("id")
    if not is_text(entry.get("label"), MAX_PHRASE):
        refuse(what, "a pattern has no label", _CODE)
    if identity is not None and not is_text(identity, MAX_PHRASE):
        refuse(what, "the id of a pattern is no text", _CODE)
    if isinstance(pattern, str):
        if not is_text(pattern, MAX_PHRASE):
            refuse(what, "a phrase is too long", _CODE)
    elif type(pattern) is list and pattern:
        yield pattern
    else:
        refuse(what, "a pattern is neither phrase nor tokens", _CODE)


def _attribute_patterns(what: str, entry: dict[str, Any]) -> Iterator[list[Any]]:
    if not entry.keys() <= {"patterns", "attrs", "index"}:
        refuse(what, "a pattern has unknown parts", _CODE)
    patterns, attrs = entry.get("patterns"), entry.get("attrs")
    if type(patterns) is not list or type(attrs) is not dict:
        refuse(what, "a pattern is no pattern", _CODE)
    if not is_int(entry.get("index", 0), -MAX_TOKENS, MAX_TOKENS):
        refuse(what, "a pattern changes an impossible token", _CODE)
    # The head of a token is a distance, which compiled code follows without looking.
    if any(key == HEAD or str(key).upper() in ("HEAD", str(HEAD)) for key in attrs):
        refuse(what, "a pattern changes the head of a token", _CODE)
    for pattern in patterns:
        if type(pattern) is not list or not pattern:
            refuse(what, "a pattern has no tokens", _CODE)
        yield pattern


def _check_tokens(what: str, pattern: list[Any], regexes: list[object]) -> str | None:
    n_tokens = n_open = 0
    for token in pattern:
        if type(token) is not dict:
            refuse(what, "a token of a pattern is no token", _CODE)
        n, is_open = 1, False
        for key, value in token.items():
            if type(key) is str and key.upper() == "OP":
                n, is_open = _expand(what, value)
            elif type(value) is dict:
                regexes.extend(_regexes(what, value, 0))
            elif type(value) is str and not is_text(value, MAX_PHRASE):
                refuse(what, "a text in a pattern is too long", _CODE)
        n_tokens += n
        n_open += is_open
    if n_tokens > MAX_TOKENS:
        return f"a pattern of more than {MAX_TOKENS} tokens"
    if n_open > MAX_OPEN_OPERATORS:
        return f"a pattern with more than {MAX_OPEN_OPERATORS} open operators"
    return None


def _expand(what: str, operator: object) -> tuple[int, bool]:
    """How many tokens an operator stores, and whether it matches any number of them."""
    found = _OPERATOR.fullmatch(operator) if isinstance(operator, str) else None
    if found is None:
        refuse(what, "an operator of a pattern is unknown", _CODE)
    if found[2] is None:
        return 1 + (found[0] == "+"), found[0] in ("*", "+")
    low, high = int(found[1] or 0), int(found[3] or 0)
    return max(low, high, 1), bool(found[2]) and not found[3]


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
            refuse(what, "a pattern lists something that is no value", _CODE)
