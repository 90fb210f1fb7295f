"""What is left out of an expression can never match in Western European text."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.util import get_lang_class

from spacy_pickled_ner.model_file.tokenizer.western_patterns import is_western, western_pattern

WESTERN = [chr(n) for n in range(0x10000) if not 0xD800 <= n < 0xE000 and is_western(chr(n))]


def parts(entries) -> list[str]:
    return [str(entry) for entry in entries if str(entry).strip()]


def expressions(lang: str) -> list[str]:
    defaults = get_lang_class(lang).Defaults
    return [
        "|".join("^" + part for part in parts(defaults.prefixes)),
        "|".join(part + "$" for part in parts(defaults.suffixes)),
        "|".join(parts(defaults.infixes)),
    ]


PAIRS = [
    (re.compile(pattern), re.compile(western_pattern(pattern)))
    for lang in ("en", "de", "es", "hu", "ru", "bn")
    for pattern in expressions(lang)
]


def test_the_characters_are_those_of_windows_1252():
    assert len(WESTERN) == 251
    assert is_western("“It\u2019s 5 €…”\n\xa0\u2013 said Žofie Müller")
    assert not any(map(is_western, ("ā", "\x81", "Ж", "🙂", "e\u0301")))


@given(st.text(st.sampled_from(WESTERN + list("aA1.,-'\u2019/$%( ") * 12), max_size=12))
def test_languages_expressions_find_the_same(text):
    for full, western in PAIRS:
        found = [match.span() for match in full.finditer(text)]
        assert [match.span() for match in western.finditer(text)] == found


def test_languages_expressions_become_short():
    full, western = map("".join, zip(*((f.pattern, w.pattern) for f, w in PAIRS), strict=True))
    assert len(western) < len(full) / 4


@pytest.mark.parametrize(
    "pattern",
    [
        *("[ā]", "[^ā]", "[aā-]", "[^aā]", "[ā-ē]", "[^ā-ē]", "[\u0100-\uffff]", "[a-\uffff]"),
        *(r"[\u00e9-\u0153]", r"[^\x41-\u0160]", r"[\U0001F600-\U0001F64F]", r"[\u2018-\u201F]"),
        *(
            "[]ā]",
            "[^]ā]",
            r"[\]\[ā]",
            r"[\\ā]",
            r"[\-ā-ē]",
            r"[ā\-ē]",
            r"[+--]",
            "[--ā]",
            r"[\^ā]",
        ),
        *(
            r"[\w]",
            r"[^\wā]",
            r"[\s\d-]",
            r"[-\d]",
            r"[\nā]",
            r"[\b]",
            r"[a\-z]",
            "[āa|ā|b]",
            "[ā&ā&]",
        ),
        *(
            r"\[ā]",
            r"\\[ā\\]",
            r"(?<=[ā])a|(?<![ā])b",
            r"(?:a|[ā])",
            r"[ā]*é",
            r"\u0101|[\u0101]|a",
        ),
        *(r"[\uFF01\\u3000]", r"[\\\u3000]", r"[™-\u3000]", r"[\u2122-\u3000]", r"[\u2000-™ā]"),
    ],
)
def test_classes(pattern):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        western = re.compile(western_pattern(pattern))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        full = re.compile(pattern)
    texts = [*WESTERN, "ab", "]a", r"\a", "[]", "aé"]
    found = [[match.span() for match in full.finditer(text)] for text in texts]
    assert [[match.span() for match in western.finditer(text)] for text in texts] == found


@pytest.mark.parametrize(
    "pattern",
    ["(?i)[kā]", "(?i:[kā])", "(?P<n>[ā])", "(?#[)[ā]", r"[\101ā]", r"[\N{LATIN SMALL LETTER A}ā]"],
)
def test_what_changes_the_meaning_of_classes_is_left_alone(pattern):
    assert western_pattern(pattern) == pattern


@pytest.mark.parametrize("pattern", ["[z-a]", r"[\w-a]", "[", "[ā", "(", "[]", "[^]"])
def test_invalid_expressions_stay_invalid(pattern):
    with pytest.raises(re.error):
        re.compile(western_pattern(pattern))
