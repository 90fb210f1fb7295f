"""Special cases with which spaCy would write beyond a doc need trust; those of languages do not."""

from __future__ import annotations

import pkgutil

import pytest
import spacy
import spacy.lang
from spacy.attrs import ORTH
from spacy.tokenizer import Tokenizer

from spacy_pickled_ner.errors import UntrustedContentError
from spacy_pickled_ner.model_file import dumps, get_untrusted, loads
from spacy_pickled_ner.model_file.guards.tokenizers import special_cases

NEEDED = ["patterns:tokenizer"]
LANGUAGES = sorted(m.name for m in pkgutil.iter_modules(spacy.lang.__path__) if m.ispkg)


def with_case(case: str, *pieces: str):
    nlp = spacy.blank("en")
    nlp.tokenizer.add_special_case(case, [{ORTH: piece} for piece in pieces])
    return nlp


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tokenizers_of_all_languages_load(lang):
    try:
        nlp = spacy.blank(lang)
    except ImportError:
        pytest.skip("another package finds its words")
    if isinstance(nlp.tokenizer, Tokenizer):
        assert get_untrusted(dumps(nlp)) == []


@pytest.mark.parametrize(
    ("case", "pieces"),
    [
        ("gimme", ["gim", "me"]),
        ("lemmeknow", ["lem", "me", "know"]),
        ("(c)", ["(c)"]),
        ("U.S.S.R.", ["U.S.S.R."]),
        ("i.o.w.", ["i.o.w."]),
        ("New York", ["New York"]),
        ("a/b", ["a", "/", "b"]),
    ],
)
def test_cases_that_do_not_lengthen_load(case, pieces):
    nlp = with_case(case, *pieces)
    assert get_untrusted(dumps(nlp)) == []
    text = f"They said {case} and ({case}), twice."
    assert [t.text for t in loads(dumps(nlp))(text)] == [t.text for t in nlp(text)]


@pytest.mark.parametrize(
    ("case", "pieces"),
    [
        ("of the", ["o", "f", " ", "the"]),
        ("a.", ["a", "."]),
        ("n.b.", ["n", ".", "b", "."]),
        ("ab-cd", ["a", "b", "-", "cd"]),
        ("y" * 65, ["y" * 65]),
    ],
)
@pytest.mark.parametrize("file_format", ["v1", "seed"])
def test_cases_that_lengthen_a_doc_need_trust(case, pieces, file_format):
    data = dumps(with_case(case, *pieces), format=file_format)
    if get_untrusted(data) == [] and case == "a.":
        pytest.skip("this spaCy splits it as the case does")
    assert get_untrusted(data) == NEEDED
    with pytest.raises(UntrustedContentError, match="special case") as error:
        loads(data)
    assert [*error.value.names] == NEEDED
    assert loads(data, trusted=NEEDED)


def test_another_spelling_of_a_case_counts(monkeypatch):
    """`of the` is looked for by its tokens, so `ofthe` is found too, and its tokens are put in."""
    nlp = with_case("of the", "of the")
    nlp.tokenizer.add_special_case("ofthe", [{ORTH: letter} for letter in "ofthe"])
    assert get_untrusted(dumps(nlp)) == NEEDED


def test_the_hash_of_another_text_needs_trust(monkeypatch):
    nlp = with_case("New York", "New York")
    nlp.tokenizer.add_special_case("xyz", [{ORTH: letter} for letter in "xyz"])
    data = dumps(nlp)
    assert get_untrusted(data) == []
    real = special_cases.hash_string
    same = {"NewYork": "xyz"}
    monkeypatch.setattr(special_cases, "hash_string", lambda text: real(same.get(text, text)))
    assert get_untrusted(data) == NEEDED


def test_expressions_under_which_cases_lengthen_need_trust():
    nlp = spacy.blank("en")
    nlp.tokenizer.token_match = __import__("re").compile(r"[\w.]+").match
    assert get_untrusted(dumps(nlp)) == NEEDED
    nlp = spacy.blank("en")
    infixes = spacy.util.compile_infix_regex([*nlp.Defaults.infixes, "~"])
    nlp.tokenizer.infix_finditer = infixes.finditer
    assert get_untrusted(dumps(nlp)) == []


def test_cases_of_a_language_that_lengthen_need_trust_with_other_expressions():
    """French has "est-il" as two tokens, which its own expressions leave alone in most texts."""
    nlp = spacy.blank("fr")
    assert get_untrusted(dumps(nlp)) == []
    infixes = spacy.util.compile_infix_regex([*nlp.Defaults.infixes, "~"])
    nlp.tokenizer.infix_finditer = infixes.finditer
    assert get_untrusted(dumps(nlp)) == NEEDED


def test_long_phrases_with_cases_that_lengthen_need_trust():
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "A", "pattern": "a warm day of 30 °C."}])
    ruler.add_patterns([{"label": "A", "pattern": "very " * 30 + "long"}])
    assert get_untrusted(dumps(nlp)) == []
    ruler.add_patterns([{"label": "A", "pattern": "-°C. " * 30}])
    assert get_untrusted(dumps(nlp)) == ["patterns:entity_ruler"]


def test_looking_for_all_cases_in_docs_needs_trust():
    nlp = spacy.blank("en")
    nlp.tokenizer.faster_heuristics = False
    data = dumps(nlp)
    assert get_untrusted(data) == NEEDED
    assert loads(data, trusted=NEEDED).tokenizer.faster_heuristics is False


@pytest.mark.parametrize("eager", [False, True])
def test_other_tokenizers_leave_lengthening_cases_out_of_texts_full_of_them(eager):
    nlp = with_case("in the north", "in the north")
    loaded = loads(dumps(nlp), eager=eager)
    few, many = "It was 25-°C. in the north.", "-°C. " * 40 + "in the north " * 40
    assert [t.text for t in loaded(few)] == [t.text for t in nlp(few)]
    doc = loaded(many)
    assert doc.text == many
    assert "°" in [t.text for t in doc]
    assert loaded.tokenizer.to_bytes() == nlp.tokenizer.to_bytes()
