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

from ...errors import UntrustedContentError
from ...msgpack import decode_msgpack_map
from .budget import LIMITS, steps_to_tokenize
from .hashes import MIN_KEYS, check_even_texts
from .refuse import refuse
from .regexes import MAX_LENGTH, alternatives, compile_checked, excess
from .rules import is_text

TRUSTED_NAME: Final = "patterns:tokenizer"
MAX_RULES: Final = 200_000
# Each rule is set up by tokenizing its text; the largest of spaCy's languages has 16,000.
MAX_CHEAP_RULES: Final = 40_000
MAX_RULE: Final = 1_000
_STEPS: Final = "steps to tokenize its texts"
_CODE: Final = "bad-tokenizer"
_WHAT: Final = "the tokenizer"
_EXPRESSIONS: Final = (
    "prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match",
)  # fmt: skip
_KEYS: Final = frozenset({*_EXPRESSIONS, "exceptions", "faster_heuristics"})
_ATTRIBUTES: Final = frozenset({ORTH, NORM, "ORTH", "NORM"})


def check_tokenizer(data: bytes | memoryview, lang: str, trusted: Collection[str] = ()) -> None:
    """Check what `Tokenizer.from_bytes` is going to read.

    data (Union[bytes, memoryview]): The msgpack of `Tokenizer.to_bytes`, without vocab.
    lang (str): Language of the pipeline.
    trusted (Collection[str]): What the caller trusts.
    RAISES (UnsafeFileError): It is no tokenizer ("bad-tokenizer", "bad-msgpack").
    RAISES (UntrustedContentError): It is an excessive one.
    """
    state = decode_msgpack_map(data, _WHAT)
    rules = state.get("exceptions", {})
    _check_rules(rules)
    if not state.keys() <= _KEYS or type(state.get("faster_heuristics", True)) is not bool:
        refuse(_WHAT, "it has unknown parts", _CODE)
    defaults = _default_expressions(lang)
    own = _own_expressions(state, defaults)
    reason = _excess(own, defaults) or _excessive_rules(rules, has_own=bool(own))
    if reason is not None and TRUSTED_NAME not in trusted:
        raise UntrustedContentError(
            f"the tokenizer in the model file has {reason}. If you trust whoever made the file, "
            f"pass trusted=[{TRUSTED_NAME!r}]",
            names=[TRUSTED_NAME],
        )
    for expression in own:
        compile_checked(expression, _WHAT, _CODE)


def tokenizer_pattern_names(data: bytes | memoryview, lang: str) -> list[str]:
    """List what a caller would have to trust for a tokenizer to be loaded.

    data (Union[bytes, memoryview]): As for `check_tokenizer`.
    lang (str): Language of the pipeline.
    RETURNS (List[str]): Its name, or nothing.
    """
    state = decode_msgpack_map(data, _WHAT)
    rules = state.get("exceptions", {})
    _check_rules(rules)
    defaults = _default_expressions(lang)
    own = _own_expressions(state, defaults)
    excessive = _excess(own, defaults) or _excessive_rules(rules, has_own=bool(own))
    return [TRUSTED_NAME] if excessive else []


def has_own_expressions(data: bytes | memoryview, lang: str) -> bool:
    """Return True if a tokenizer has expressions that are not those of its language.

    data (Union[bytes, memoryview]): As for `check_tokenizer`.
    lang (str): Language of the pipeline.
    RETURNS (bool): False for those of the language, or fewer of them.
    """
    state = decode_msgpack_map(data, _WHAT)
    return bool(_own_expressions(state, _default_expressions(lang)))


def _excess(own: list[object], defaults: set[str]) -> str | None:
    if not own:
        return None
    # A larger one cannot be part of one that is accepted.
    known = [pattern for pattern in defaults if len(pattern) <= MAX_LENGTH]
    return excess(own, {part for pattern in known for part in alternatives(pattern)})


def _excessive_rules(rules: dict[str, Any], *, has_own: bool) -> str | None:
    if len(rules) > MAX_CHEAP_RULES:
        return f"{len(rules):,} rules, where the limit is {MAX_CHEAP_RULES:,}"
    n_steps, limit = steps_to_tokenize(rules, own_affixes=has_own), LIMITS[_STEPS]
    return None if n_steps <= limit else f"{n_steps:,} {_STEPS}, where the limit is {limit:,}"


def _own_expressions(state: dict[str, Any], defaults: set[str]) -> list[object]:
    """The expressions that are not just those of the language."""
    values = [state[name] for name in _EXPRESSIONS if state.get(name) is not None]
    return [value for value in values if not isinstance(value, str) or value not in defaults]


def _default_expressions(lang: str) -> set[str]:
    try:
        defaults: type[BaseDefaults] = get_lang_class(lang).Defaults
    except ImportError:
        return set()
    # As in spacy.util.compile_prefix_regex and its like, which also compile. Should they ever join
    # differently, the expressions count as the file's own, and are compiled here.
    found = {
        "|".join("^" + part for part in _parts(defaults.prefixes)),
        "|".join(part + "$" for part in _parts(defaults.suffixes)),
        "|".join(_parts(defaults.infixes)),
    }
    for match in (defaults.token_match, defaults.url_match):
        compiled = getattr(match, "__self__", None)
        if isinstance(compiled, re.Pattern):
            found.add(compiled.pattern)
    return found


def _parts(entries: Iterable[object] | None) -> list[str]:
    return [str(entry) for entry in entries or () if str(entry).strip()]


def _check_rules(rules: object) -> None:
    # A language has thousands of rules, so they are looked at together, not one by one.
    if type(rules) is not dict or len(rules) > MAX_RULES:
        refuse(_WHAT, "its rules are no rules", _CODE)
    if not {*map(type, rules.values())} <= {list}:
        refuse(_WHAT, "a rule has no tokens", _CODE)
    tokens = [*chain.from_iterable(rules.values())]
    if not {*map(type, tokens)} <= {dict} or not _ATTRIBUTES.issuperset(chain(*tokens)):
        refuse(_WHAT, "a token of a rule has unknown attributes", _CODE)
    texts = [*rules, *chain.from_iterable(map(dict.values, tokens))]
    if not {*map(type, texts)} <= {str} or max(map(len, texts), default=0) > MAX_RULE:
        refuse(_WHAT, "a rule is about something that is no short text", _CODE)
    if not is_text("".join(texts), sum(map(len, texts))):
        refuse(_WHAT, "a rule cannot be encoded", _CODE)
    if len(rules) >= MIN_KEYS:
        check_even_texts(_WHAT, rules)
