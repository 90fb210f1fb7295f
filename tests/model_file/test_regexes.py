"""Regular expressions that would take forever are told from all that real pipelines use."""

from __future__ import annotations

import pkgutil
import re
import sys

import pytest
import spacy
import spacy.lang
from spacy.lang.tokenizer_exceptions import URL_PATTERN
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from spacy_pickled_ner.errors import UntrustedContentError
from spacy_pickled_ner.model_file import dumps, get_untrusted, loads
from spacy_pickled_ner.model_file.guards.backtracking import builder, explosive
from spacy_pickled_ner.model_file.guards.backtracking.automaton import Budget
from spacy_pickled_ner.model_file.guards.backtracking.builder import automaton, parse
from spacy_pickled_ner.model_file.guards.regexes import alternatives, excess

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
)
HARMLESS = (
    r"\w+-\w+-\w+",
    r".*foo.*bar.*",
    r"(?:[a-z]|[A-Za-z])+",  # in two ways, but nothing after it can fail
    r"(?:(?!foo)\w|foo)+$",
    r"(?:\w+\.)+com",
    r"(?:[a-z]+-)*[a-z]+$",
    r"(?:\d{1,3},?){1,4}$",
    r"(?:\d{1,3}\.){3}\d{1,3}$",
    r'"(?:[^"\\]|\\.)*"$',
    r"(?:(?!end).)*end",
    r"(\w+)\s+\1$",
    r"\s*.*\s*.*\s*$",
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
    found = explosive([r"\d+", pattern])
    assert found is not None
    assert found[0] == pattern


@pytest.mark.parametrize("pattern", HARMLESS)
def test_harmless(pattern):
    re.compile(pattern)
    assert explosive([pattern]) is None


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")
def test_groups_that_keep_their_match():
    assert explosive([r"(?:\w++\s?)+$"]) is None
    assert explosive([r"(?>a+)+b"]) is None
    assert explosive([r"(?>(?:a|aa)+)b"]) is None
    assert explosive([r"(?:(?>a|a)+)+b"])


def test_a_text_that_proves_it():
    for pattern in (r"^(a+)+$", r"(?:a|ab|b)*c", r"^(\w+\s?)*$"):
        _, text = explosive([pattern])
        steps = automaton(parse(pattern), Budget(10**6), atomic=True).steps
        few, more = steps(text[:12], 10**9), steps(text[:18], 10**9)
        assert more > few * 7


def test_steps_are_counted_as_python_would_take_them():
    tree = parse("(?:a|a)*b")
    counted = automaton(tree, Budget(10**6), atomic=True)
    # At each place, one more "a" and a "b" are tried, in twice as many ways as at the last.
    assert counted.steps("a", 10**9) == 2 + 4
    assert counted.steps("aa", 10**9) == 2 + 4 + 8


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
    assert [part for part in parts if explosive([part])] == []


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


@pytest.mark.parametrize("lang", ["en", "de", "el", "fr", "xx"])
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
    """Then nothing can be told, and patterns are bounded by their length alone."""

    class Parser:
        parse = staticmethod(lambda pattern: [("NEW_OPERATION", ())])

    real = builder.import_module
    monkeypatch.setattr(builder, "import_module", lambda name: Parser)
    assert excess(["(a+)+b"]) is None
    monkeypatch.setattr(builder, "import_module", lambda name: real("no_such_module_at_all"))
    assert excess(["(a+)+b"]) is None
