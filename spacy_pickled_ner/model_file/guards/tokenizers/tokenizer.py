"""The rules and regular expressions of spaCy's own tokenizer.

A tokenizer that differs from its language's is nothing special. What is checked is that its rules
are rules, and that its expressions are cheap to compile and to use; those of the language itself
may be large. A tokenizer beyond these bounds needs the caller's trust, by the name
`patterns:tokenizer`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import chain
from typing import Any, Final

from spacy.attrs import NORM, ORTH  # type: ignore[import-not-found]
from spacy.language import BaseDefaults
from spacy.util import get_lang_class

from ....errors import UntrustedContentError
from ....msgpack import decode_msgpack_map
from ..budget import DEGREE, LIMITS, MANY_WAYS, STEEP_DEGREE, steps_to_tokenize
from ..expressions.backtracking import hazard
from ..expressions.checks import MAX_LENGTH, alternatives, compile_checked, excess
from ..hashes import check_even_texts
from ..refuse import refuse
from ..rules import is_text
from .special_cases import judge_cases

TRUSTED_NAME: Final = "patterns:tokenizer"
MAX_RULES: Final = 200_000
# Each rule is set up by tokenizing its text; the largest of spaCy's languages has 16,000.
MAX_CHEAP_RULES: Final = 40_000
MAX_RULE: Final = 1_000
# Fewer cost little even if all their hashes collide; most languages have fewer.
MANY_TEXTS: Final = 10_000
_STEPS: Final = "steps to tokenize its texts"
_CODE: Final = "bad-tokenizer"
_WHAT: Final = "the tokenizer"
_EXPRESSIONS: Final = (
    "prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match",
)  # fmt: skip
_KEYS: Final = frozenset({*_EXPRESSIONS, "exceptions", "faster_heuristics"})
_ATTRIBUTES: Final = frozenset({ORTH, NORM, "ORTH", "NORM"})


def check_tokenizer(
    data: bytes | memoryview, lang: str, trusted: Collection[str] = ()
) -> frozenset[str]:
    """Check what `Tokenizer.from_bytes` is going to read.

    data (Union[bytes, memoryview]): The msgpack of `Tokenizer.to_bytes`, without vocab.
    lang (str): Language of the pipeline.
    trusted (Collection[str]): What the caller trusts.
    RETURNS (FrozenSet[str]): Special cases that must not stand in a text too often, see
        `special_cases.judge_cases`.
    RAISES (UnsafeFileError): It is no tokenizer ("bad-tokenizer", "bad-msgpack").
    RAISES (UntrustedContentError): It is an excessive one.
    """
    state = decode_msgpack_map(data, _WHAT)
    if not state.keys() <= _KEYS or type(state.get("faster_heuristics", True)) is not bool:
        refuse(_WHAT, "it has unknown parts", _CODE)
    reason, left_out = _judge(state, lang)
    is_trusted = TRUSTED_NAME in trusted
    if reason is not None and not is_trusted:
        raise UntrustedContentError(
            f"the tokenizer in the model file has {reason}. If you trust whoever made the file, "
            f"pass trusted=[{TRUSTED_NAME!r}]",
            names=[TRUSTED_NAME],
        )
    for expression in _own_expressions(state, _default_expressions(lang)):
        compile_checked(expression, _WHAT, _CODE)
    return frozenset() if is_trusted else left_out


def tokenizer_pattern_names(data: bytes | memoryview, lang: str) -> list[str]:
    """List what a caller would have to trust for a tokenizer to be loaded.

    data (Union[bytes, memoryview]): As for `check_tokenizer`.
    lang (str): Language of the pipeline.
    RETURNS (List[str]): Its name, or nothing.
    """
    return [TRUSTED_NAME] if _judge(decode_msgpack_map(data, _WHAT), lang)[0] else []


def own_degree(data: bytes | memoryview, lang: str) -> float:
    """Find the power of a word's length that a tokenizer's own expressions can take.

    data (Union[bytes, memoryview]): As for `check_tokenizer`, checked.
    lang (str): Language of the pipeline.
    RETURNS (float): The power; 0 if the expressions are those of the language.
    """
    return _own_degree(decode_msgpack_map(data, _WHAT), _default_expressions(lang))


def _own_degree(state: dict[str, Any], defaults: dict[str, str]) -> float:
    if not _has_own_expressions(state, defaults):
        return 0.0
    known = {part for pattern in _small(defaults) for part in alternatives(pattern)}
    parts = (
        part
        for pattern in _own_expressions(state, defaults)
        for part in alternatives(str(pattern))
        if part not in known
    )
    return DEGREE if hazard(parts, max_ways=MANY_WAYS) is None else STEEP_DEGREE


def _small(defaults: dict[str, str]) -> list[str]:
    # A larger one cannot be part of one that is accepted.
    return [pattern for pattern in defaults.values() if len(pattern) <= MAX_LENGTH]


def _judge(state: dict[str, Any], lang: str) -> tuple[str | None, frozenset[str]]:
    """Say what of a tokenizer only trust allows, in words, and which special cases to leave out."""
    rules = state.get("exceptions", {})
    _check_rules(rules)
    defaults = _default_expressions(lang)
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
    return any(state.get(name) != defaults.get(name) for name in _EXPRESSIONS)


def _excess(own: list[object], defaults: dict[str, str]) -> str | None:
    if not own:
        return None
    return excess(own, {part for pattern in _small(defaults) for part in alternatives(pattern)})


def _excessive_rules(rules: dict[str, Any], degree: float) -> str | None:
    if len(rules) > MAX_CHEAP_RULES:
        return f"{len(rules):,} rules, where the limit is {MAX_CHEAP_RULES:,}"
    n_steps, limit = steps_to_tokenize(rules, degree), LIMITS[_STEPS]
    return None if n_steps <= limit else f"{n_steps:,} {_STEPS}, where the limit is {limit:,}"


def _own_expressions(state: dict[str, Any], defaults: dict[str, str]) -> list[object]:
    """The expressions that are not just those of the language."""
    values = [state[name] for name in _EXPRESSIONS if state.get(name) is not None]
    known = {*defaults.values()}
    return [value for value in values if not isinstance(value, str) or value not in known]


def _default_expressions(lang: str) -> dict[str, str]:
    """The expressions of a language, by the names that they have in a tokenizer."""
    try:
        defaults: type[BaseDefaults] = get_lang_class(lang).Defaults
    except ImportError:
        return {}
    # As in spacy.util.compile_prefix_regex and its like, which also compile. Should they ever join
    # differently, the expressions count as the file's own, and are compiled here.
    found = {
        "prefix_search": "|".join("^" + part for part in _parts(defaults.prefixes)),
        "suffix_search": "|".join(part + "$" for part in _parts(defaults.suffixes)),
        "infix_finditer": "|".join(_parts(defaults.infixes)),
    }
    for name in ("token_match", "url_match"):
        compiled = getattr(getattr(defaults, name), "__self__", None)
        if isinstance(compiled, re.Pattern):
            found[name] = compiled.pattern
    return found


def _parts(entries: Iterable[object] | None) -> list[str]:
    return [str(entry) for entry in entries or () if str(entry).strip()]


def _check_rules(rules: object) -> None:
    # A language has thousands of rules, so they are looked at together, not one by one.
    if type(rules) is not dict or len(rules) > MAX_RULES:
        refuse(_WHAT, "its rules are no rules", _CODE)
    if "" in rules or not {*map(type, rules.values())} <= {list} or not all(rules.values()):
        refuse(_WHAT, "a rule has no tokens", _CODE)
    tokens = [*chain.from_iterable(rules.values())]
    if not {*map(type, tokens)} <= {dict} or not _ATTRIBUTES.issuperset(chain(*tokens)):
        refuse(_WHAT, "a token of a rule has unknown attributes", _CODE)
    texts = [*rules, *chain.from_iterable(map(dict.values, tokens))]
    if not {*map(type, texts)} <= {str} or max(map(len, texts), default=0) > MAX_RULE:
        refuse(_WHAT, "a rule is about something that is no short text", _CODE)
    if not is_text("".join(texts), sum(map(len, texts))):
        refuse(_WHAT, "a rule cannot be encoded", _CODE)
    if len(texts) >= MANY_TEXTS:
        check_even_texts(_WHAT, texts)
