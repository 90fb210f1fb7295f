"""Regular expressions that would take forever are told from all that real pipelines use."""

from __future__ import annotations

import pkgutil
import re
import sys
from bisect import bisect_left
from itertools import combinations
from types import SimpleNamespace

import pytest
import spacy
import spacy.lang
from spacy.lang.tokenizer_exceptions import URL_PATTERN
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from spacy_pickled_ner.errors import UnsafeFileError, UntrustedContentError
from spacy_pickled_ner.model_file import dumps, get_untrusted, loads
from spacy_pickled_ner.model_file.guards.expressions import backtracking, characters
from spacy_pickled_ner.model_file.guards.expressions.backtracking import hazard
from spacy_pickled_ner.model_file.guards.expressions.checks import (
    alternatives,
    compile_checked,
    excess,
)

from ..attacks.states import HANGING

LANGUAGES = sorted(m.name for m in pkgutil.iter_modules(spacy.lang.__path__) if m.ispkg)
EXPLOSIVE = (
    *HANGING,
    r"(x+x+)+y",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?=(a+)+b)c",
    r"(?<!x)(?:\d+|\d\d)+x",
    r"^" + "z" * 200 + "(a+)+$",
    r"([\w.]+)*@",
    r"^((?:a|b)*c?)*d$",
    r"(?:(?!foo)\w|\w)+$",
    r"(\S+)*\)",
    r"(?:[a-z]+[0-9]*)*!",
    r"^(?:(?:[^,]*),?)*;$",
    r"([^']+|'[^']*')*x",
    r"(?:a{0,5}){0,20}b",
    r"(?:(?:x|x){2}){12,24}y",
    r"(?:[ab]{20}|[ab]{20}c?)+x",  # two ways for each 20 characters
    r"(?<=x)(?:a|a)+b",
    r"(?:\b\w+\b\s*|\w\s?)+!",
    r"(?:(?!x)\w+)+!",
    r"(?i)(s|\u017f1?)+x",
    r"(?i)(?:[k-l]|\u212a1?)+x",
    r"(?:\d|[\u065f-\u066a]1?)+x",
    r"(?:[^\x00-\xff]|\u0416)+x",
    r"(?:\w|[^\W\d])+!",
    r"(?a)(?:\w|[a-z]1?)+!",
    "(?x) (a + # one\n) + b",
    r"(x)?(?(1)(a+)+b|(a+)+c)",
    r"(?:(x)?(?(1)y|(?:a|aa)))+z",
    r"((a|b)\2?)*c",
    r"(?:a??)+?(?:a|a)*b",
    r"^(.*?,){25}P",
    r".*.*.*.*.*x",
    r"(?=.*.*.*.*.*x)a",
    r"(?:(?=.*x.*y)a)*(?=.*.*.*x)",
    r"(?:a*b?)*c",
    r"((?:[^()]+|\([^()]*\))*)\]",
    r"^\w+([.-]?\w+)*@\w+([.-]?\w+)*(\.\w{2,3})+$",
    # Neither takes long, which a rule cannot tell: trust is a small price.
    r"(?:(?!foo)\w|foo)+$",
    r"\s*.*\s*.*\s*$",
)
HARMLESS = (
    r"\w+-\w+-\w+",
    r".*foo.*bar.*",
    r"(?:[a-z]|[A-Za-z])+",  # one set, as Python reads it
    r"(?:\w+\.)+com",
    r"(?:[a-z]+-)*[a-z]+$",
    r"(?:\d{1,3},?){1,4}$",
    r"(?:\d{1,3}\.){3}\d{1,3}$",
    r'"(?:[^"\\]|\\.)*"$',
    r"(?:(?!end).)*end",
    r"(\w+)\s+\1$",
    r"(?:Mr|Mrs|Ms)+,",
    r"(?:[A-Z]\.|[A-Z][a-z]+\s)+$",
    r"(?:\w+\s+){0,5}agreement(?:\s+\w+){0,5}",
    r"(['\"])(?:(?!\1).)*\1$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$",
    r"^[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?$",
    r"^\+?\d{1,3}?[-.\s]?\(?\d{1,4}\)?[-.\s]?\d{1,4}[-.\s]?\d{1,9}$",
    r"^M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$",
    r"<(\w+)[^>]*>.*?</\1>",
    r"(?i)[\u0430-\u044f]+(?:-[\u0430-\u044f]+)*",
    r"^(?:Mr|Mrs|Ms|Dr)\.?\s?(?:\w+\s?){1,2}$",
    r"^[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?$",
    r"\b[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,}\b",
    r"https?://(?:[-\w.]|(?:%[\da-fA-F]{2}))+",
    r"^[a-z0-9]+(?:[._-][a-z0-9]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,}$",
    r"(?:\([^()]*\)|[^()])*$",
    r"[\w']+(?:-[\w']+)*",
    r"^\$?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d+)?$",
    r"(?i)^(?:\w+[-'])*\w+$",
    r"(?x) (?: \d+ [.,] )* \d+  # a number",
    r"(?m)^(?:.*\n)*$",
    r"([A-Za-z]+[+-]?\d*)(?:[-/]([A-Za-z]+[+-]?\d*))*$",
    "(?:" + "|".join(f"word{n}" for n in range(300)) + ")+x",
    "|".join(rf"unit{n}\w+" for n in range(300)),
    URL_PATTERN,
)


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_explosive(pattern):
    re.compile(pattern)
    found = hazard([r"\d+", pattern])
    assert found is not None
    assert found[0] == pattern


@pytest.mark.parametrize("pattern", HARMLESS)
def test_harmless(pattern):
    re.compile(pattern)
    assert hazard([pattern]) is None


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")
def test_groups_that_keep_their_match_are_groups():
    for pattern in (r"(?>(?:a|a)*b)", r"(?:(?>a|b)|a)+c", r"(?:(?>a+)+b|c)", r"(?:\w++\s?)+$"):
        assert hazard([pattern])
    assert hazard([r"(?>\d+)[.,]\w++$"]) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a+)+b", "the same text in two ways"),
        ("(?:a?)*b", "nothing again and again"),
        ("a*a*a*a*a*b", "100 characters can be read in too many ways"),
        ("(?:(?:(?:a{60}){60}){60}){60}b*", "too complex to check"),
    ],
)
def test_the_error_says_why(pattern, reason):
    found = excess([pattern])
    assert found.startswith(f"a regular expression ({pattern!a}) that may take forever: ")
    assert found.endswith(reason)


@pytest.mark.parametrize("n", [*range(1, 8)])
def test_three_open_repeats_pass(n):
    assert (hazard(["a*" * n + "b"]) is None) is (n <= 4)
    assert (hazard(["(?=" + "a*" * n + "b)c"]) is None) is (n <= 3)


CLASSES = (
    r"\w", r"\d", r"\s", r"\W", r"[^\W\d_]", r"[^\w\s]", ".", r"[^\x00-\u0660]", r"[\u0665-\u06ff]",
    "[a-z]", "K", "k", "\u212a", "\u017f", "[^a-zA-Z]", r"[\u2002-\u2009]", r"[\u1d00-\u1dff]",
    r"[\U00010400-\U00010427]", "\U00010428", r"[\U0001d7ce-\U0001d7cf]", "\xdf", "[\u0130-\u0131]",
)  # fmt: skip


@pytest.mark.parametrize("flags", ["", "(?i)", "(?a)"])
def test_chosen_characters_tell_all_sets_apart(flags):
    everything = "".join(map(chr, range(0x11000))) + "\U0001d7ce\U0001d7cf\U0010ffff"
    whole = {name: {*re.findall(flags + name, everything)} for name in CLASSES}
    for one, other in combinations(CLASSES, 2):
        tree = characters.part_of_python("parser").parse(flags + one + other)
        items = {i: (op, value, tree.state.flags) for i, (op, value) in enumerate(tree)}
        found = characters.characters_read(items, lambda n: None)
        assert found[0].isdisjoint(found[1]) is whole[one].isdisjoint(whole[other]), (
            one,
            other,
        )


def test_no_letters_beyond():
    text = "".join(map(chr, range(characters.LAST, sys.maxunicode + 1)))
    assert re.search(r"\w|\s", text) is None
    assert text.lower() == text.upper() == text


def test_looking_is_bounded():
    assert "complex" in hazard(["(?:" + "|".join(f"{i % 9}.{i}" for i in range(9_000)) + ")*x"])[1]
    assert "complex" in hazard(["(?:(?:(?:a{60}){60}){60}){60}b*"])[1]


def test_an_expression_too_deep_to_look_at_cannot_be_compiled():
    def nested(depth):
        return "(?:x" * depth + "(a+)+b" + ")" * depth

    depths = range(sys.getrecursionlimit())
    first = bisect_left(depths, True, key=lambda depth: excess([nested(depth)]) is None)
    assert 100 < first < len(depths)
    for depth in range(first, first + 5):
        with pytest.raises(UnsafeFileError, match="RecursionError"):
            compile_checked(nested(depth), "x", "code")


def test_what_languages_bring_is_harmless_in_itself():
    """Also when it is not recognised, as that of another version of spaCy."""
    parts = {}
    for lang in LANGUAGES:
        defaults = spacy.util.get_lang_class(lang).Defaults
        match = getattr(defaults.token_match, "__self__", None)
        patterns = [match.pattern] if match and len(match.pattern) < 20_000 else []
        patterns += [f"^{entry}" for entry in defaults.prefixes or ()]
        patterns += [f"{entry}$" for entry in defaults.suffixes or ()]
        patterns += [*(defaults.infixes or ())]
        for pattern in patterns:
            parts |= dict.fromkeys(alternatives(pattern))
    assert len(parts) > 500
    assert [part for part in parts if hazard([part])] == []


def changed_tokenizer(lang: str, **extra: str):
    nlp = spacy.blank(lang)
    defaults = nlp.Defaults
    nlp.tokenizer.prefix_search = compile_prefix_regex(
        [*defaults.prefixes, extra.get("prefix", r"[~+]+")]
    ).search
    nlp.tokenizer.suffix_search = compile_suffix_regex(
        [extra.get("suffix", r"(?<=\d)(?:mg|kg)+"), *defaults.suffixes[1:]]
    ).search
    nlp.tokenizer.infix_finditer = compile_infix_regex(
        [*defaults.infixes, extra.get("infix", r"(?<=[a-z])-(?=\w+-\w+)")]
    ).finditer
    nlp.tokenizer.url_match = re.compile(
        extra.get("url", r"(?u)" + r"(?:https?://)?(?:[\w-]+\.)+\w{2,}/?")
    ).match
    return nlp


@pytest.mark.parametrize("lang", ["en", "de", "el", "es", "xx"])
def test_changed_tokenizers_load(lang):
    nlp = changed_tokenizer(lang)
    data = dumps(nlp)
    assert get_untrusted(data) == []
    text = "~5kg of state-of-the-art (see www.example.com/) a+b"
    assert [t.text for t in loads(data, eager=True)(text)] == [t.text for t in nlp(text)]


@pytest.mark.parametrize("part", ["prefix", "suffix", "infix", "url"])
def test_one_explosive_part_needs_trust(part):
    data = dumps(changed_tokenizer("en", **{part: "(?:x+x)+y"}))
    with pytest.raises(UntrustedContentError, match="forever") as error:
        loads(data)
    assert [*error.value.names] == ["patterns:tokenizer"] == get_untrusted(data)
    assert loads(data, trusted=["patterns:tokenizer"])("a b").text == "a b"


def test_rulers():
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": f"X{i}", "pattern": [{"LOWER": {"REGEX": p}}]} for i, p in enumerate(HARMLESS)]
    )
    assert get_untrusted(dumps(nlp)) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"REGEX": "(a|aa)+$"},
        {"REGEX": {"IN": ["a", "(a|aa)+$"]}},
        {"REGEX": {"NOT_IN": ["(a|aa)+$"]}},
        {"NOT_IN": ["a"], "regex": "(a|aa)+$"},
    ],
)
def test_a_ruler_that_needs_trust(condition):
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "X", "pattern": [{"TEXT": condition}]}])
    assert get_untrusted(dumps(nlp)) == ["patterns:entity_ruler"]


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        ("a|", ["a", ""]),
        (r"(a|b)|[|)]|\||c", ["(a|b)", "[|)]", r"\|", "c"]),
        ("[]|]|[^]|(]|d", ["[]|]", "[^]|(]", "d"]),
        ("(?i)a|b", ["(?i)a|b"]),
        ("(?i:a|b)|c", ["(?i:a|b)", "c"]),
        (r"(a)|b\1", [r"(a)|b\1"]),
        ("(?P<x>a)|(?P=x)", ["(?P<x>a)|(?P=x)"]),
        ("(?#()a|b", ["(?#()a|b"]),
        ("(?x:a#(\n)|b", ["(?x:a#(\n)|b"]),
        ("(?s-x:a)|b", ["(?s-x:a)|b"]),
    ],
)
def test_alternatives(pattern, parts):
    assert [*alternatives(pattern)] == parts


def test_known_alternatives_are_not_looked_at(monkeypatch):
    assert excess(["a|(b|b)*c|d"]) is not None
    assert excess(["a|(b|b)*c|d"], {"(b|b)*c"}) is None


def test_a_python_that_parses_in_another_way(monkeypatch):
    """Then nothing can be told."""

    class Tree(list):
        state = SimpleNamespace(flags=0, groupwidths=[])

    parsers = [
        SimpleNamespace(parse=lambda pattern: Tree([("NEW_OPERATION", ())])),
        SimpleNamespace(parse=lambda pattern: Tree([("MAX_REPEAT", 5)])),
        SimpleNamespace(parse=lambda pattern: [("ANY", None)]),
        SimpleNamespace(),
    ]
    for parser in parsers:
        monkeypatch.setattr(backtracking, "part_of_python", lambda name, parser=parser: parser)
        assert excess(["(ab+)+b"]).endswith("it is too complex to check")
        assert excess([r"\d+"]) is None

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(backtracking, "part_of_python", missing)
    assert excess(["(ab+)+b"]).endswith("it is too complex to check")
