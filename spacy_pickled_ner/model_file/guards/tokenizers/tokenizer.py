"""The rules and regular expressions of spaCy's own tokenizer.

Tokenizers often differ from the default of their language. So this only checks that the rules are
valid, and that the expressions are cheap to compile and to use. Those of the language itself may be
large. A tokenizer beyond these bounds needs the caller's trust, by the name
`patterns:tokenizer`.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any, Final

from spacy.attrs import NORM, ORTH  # type: ignore[import-not-found]

from ....msgpack import decode_msgpack_map
from ..budget import DEGREE, MANY_WAYS, STEEP_DEGREE, beyond, steps_to_tokenize
from ..expressions.backtracking import hazard
from ..expressions.checks import MAX_LENGTH, alternatives, compile_checked, excess
from ..hashes import check_even_texts
from ..refuse import need_trust, refuse
from ..rules import is_text
from .defaults import METHODS, default_expressions
from .special_cases import judge_cases

TRUSTED_NAME: Final = "patterns:tokenizer"
MAX_RULES: Final = 200_000
# Each rule is set up by tokenizing its text; the largest of spaCy's languages has 16,000.
MAX_CHEAP_RULES: Final = 40_000
MAX_RULE: Final = 1_000
# Fewer cost little even if all their hashes collide; most languages have fewer.
MANY_TEXTS: Final = 10_000
_CODE: Final = "bad-tokenizer"
_WHAT: Final = "the tokenizer"
_KEYS: Final = frozenset({*METHODS, "exceptions", "faster_heuristics"})
_ATTRIBUTES: Final = frozenset({ORTH, NORM, "ORTH", "NORM"})


def check_tokenizer(
    data: bytes | memoryview, lang: str, trusted: Collection[str] = ()
) -> frozenset[str]:
    """Check the input for `Tokenizer.from_bytes`.

    data (Union[bytes, memoryview]): The msgpack of `Tokenizer.to_bytes`, without vocab.
    lang (str): Language of the pipeline.
    trusted (Collection[str]): The names that the caller trusts.
    RETURNS (FrozenSet[str]): Special cases that must not occur too often in a text, see
        `special_cases.judge_cases`.
    RAISES (UnsafeFileError): The state is invalid ("bad-tokenizer", "bad-msgpack").
    RAISES (UntrustedContentError): The tokenizer is excessive.
    """
    state = decode_msgpack_map(data, _WHAT)
    if not state.keys() <= _KEYS or type(state.get("faster_heuristics", True)) is not bool:
        refuse(_WHAT, "it has unknown parts", _CODE)
    defaults = default_expressions(lang)
    reason, left_out = _judge(state, lang, defaults)
    is_trusted = TRUSTED_NAME in trusted
    if reason is not None and not is_trusted:
        need_trust(f"the tokenizer in the model file has {reason}", [TRUSTED_NAME])
    for expression in _own_expressions(state, defaults):
        compile_checked(expression, _WHAT, _CODE)
    return frozenset() if is_trusted else left_out


def tokenizer_pattern_names(data: bytes | memoryview, lang: str) -> list[str]:
    """List the names that need the caller's trust to load a tokenizer.

    data (Union[bytes, memoryview]): As for `check_tokenizer`.
    lang (str): Language of the pipeline.
    RETURNS (List[str]): Its name, or nothing.
    """
    state = decode_msgpack_map(data, _WHAT)
    reason, _ = _judge(state, lang, default_expressions(lang))
    return [] if reason is None else [TRUSTED_NAME]


def own_degree(data: bytes | memoryview, lang: str) -> float:
    """Find the power of a word's length that a tokenizer's own expressions can take.

    data (Union[bytes, memoryview]): As for `check_tokenizer`, checked.
    lang (str): Language of the pipeline.
    RETURNS (float): The power; 0 if the expressions are those of the language.
    """
    return _own_degree(decode_msgpack_map(data, _WHAT), default_expressions(lang))


def _own_degree(state: dict[str, Any], defaults: dict[str, str]) -> float:
    if not _has_own_expressions(state, defaults):
        return 0.0
    known = _known_alternatives(defaults)
    parts = (
        part
        for pattern in _own_expressions(state, defaults)
        for part in alternatives(str(pattern))
        if part not in known
    )
    return DEGREE if hazard(parts, max_ways=MANY_WAYS) is None else STEEP_DEGREE


def _known_alternatives(defaults: dict[str, str]) -> set[str]:
    # A larger expression cannot be part of one that is accepted.
    small = [pattern for pattern in defaults.values() if len(pattern) <= MAX_LENGTH]
    return {part for pattern in small for part in alternatives(pattern)}


def _judge(
    state: dict[str, Any], lang: str, defaults: dict[str, str]
) -> tuple[str | None, frozenset[str]]:
    """Return why a tokenizer needs trust, in words, and the special cases to leave out."""
    rules = state.get("exceptions", {})
    _check_rules(rules)
    own = _own_expressions(state, defaults)
    reason = _excess(own, defaults)
    if reason is not None:
        return reason, frozenset()
    for expression in own:
        compile_checked(expression, _WHAT, _CODE)
    degree = _own_degree(state, defaults)
    reason = _excessive_rules(rules, degree)
    if reason is not None:
        return reason, frozenset()
    return judge_cases(state, lang, own_expressions=degree > 0)


def _has_own_expressions(state: dict[str, Any], defaults: dict[str, str]) -> bool:
    return any(state.get(name) != defaults.get(name) for name in METHODS)


def _excess(own: list[object], defaults: dict[str, str]) -> str | None:
    return excess(own, _known_alternatives(defaults)) if own else None


def _excessive_rules(rules: dict[str, Any], degree: float) -> str | None:
    reason = beyond("rules", len(rules), MAX_CHEAP_RULES)
    return reason or beyond("steps to tokenize its texts", steps_to_tokenize(rules, degree))


def _own_expressions(state: dict[str, Any], defaults: dict[str, str]) -> list[object]:
    """Return the expressions that are not those of the language."""
    values = [state[name] for name in METHODS if state.get(name) is not None]
    known = {*defaults.values()}
    return [value for value in values if not isinstance(value, str) or value not in known]


def _check_rules(rules: object) -> None:
    # A language has thousands of rules, so they are looked at together, not one by one.
    if type(rules) is not dict or len(rules) > MAX_RULES:
        refuse(_WHAT, "its rules are invalid", _CODE)
    if "" in rules or not {*map(type, rules.values())} <= {list} or not all(rules.values()):
        refuse(_WHAT, "a rule has no tokens", _CODE)
    tokens = [*chain.from_iterable(rules.values())]
    if not {*map(type, tokens)} <= {dict} or not _ATTRIBUTES.issuperset(chain(*tokens)):
        refuse(_WHAT, "a token of a rule has unknown attributes", _CODE)
    texts = [*rules, *chain.from_iterable(map(dict.values, tokens))]
    if not {*map(type, texts)} <= {str} or max(map(len, texts), default=0) > MAX_RULE:
        refuse(_WHAT, "a rule has a value that is not a short text", _CODE)
    if not is_text("".join(texts), sum(map(len, texts))):
        refuse(_WHAT, "a rule cannot be encoded", _CODE)
    if len(texts) >= MANY_TEXTS:
        check_even_texts(_WHAT, texts)
