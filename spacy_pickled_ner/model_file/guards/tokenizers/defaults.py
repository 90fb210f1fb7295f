"""The regular expressions of a tokenizer, and those that a language has by default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from spacy.language import BaseDefaults
from spacy.util import get_lang_class

# The expressions in the state of a tokenizer, and the method of each that the tokenizer calls.
METHODS: Final = {
    "prefix_search": "search",
    "suffix_search": "search",
    "infix_finditer": "finditer",
    "token_match": "match",
    "url_match": "match",
}


def find_defaults(lang: str) -> type[BaseDefaults] | None:
    """Return the defaults of a language.

    lang (str): The language, one of spaCy's or trusted.
    RETURNS (Optional[Type[BaseDefaults]]): Its defaults; None if it is not installed.
    """
    try:
        defaults: type[BaseDefaults] = get_lang_class(lang).Defaults
    except ImportError:
        return None
    return defaults


def default_expressions(lang: str) -> dict[str, str]:
    """Return the expressions that a language has by default.

    lang (str): The language, one of spaCy's or trusted.
    RETURNS (Dict[str, str]): Expressions by their names in `METHODS`. Empty if the language is not
        installed.
    """
    defaults = find_defaults(lang)
    if defaults is None:
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


def compile_methods(expressions: Mapping[str, Any]) -> dict[str, Any]:
    """Compile expressions into the functions that a tokenizer calls.

    expressions (Mapping[str, Any]): The state of a tokenizer, or its expressions alone. A value
        that is not a text counts as missing.
    RETURNS (Dict[str, Any]): Arguments of `Tokenizer`.
    """
    return {
        name: getattr(re.compile(expressions[name]), method)
        for name, method in METHODS.items()
        if isinstance(expressions.get(name), str)
    }


def _parts(entries: Iterable[object] | None) -> list[str]:
    return [str(entry) for entry in entries or () if str(entry).strip()]
