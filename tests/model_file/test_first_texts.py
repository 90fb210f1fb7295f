"""The first texts are tokenized as all others, whatever rules there are."""

from __future__ import annotations

import re

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from spacy_pickled_ner.model_file.tokenizer import first_texts
from spacy_pickled_ner.model_file.tokenizer.first_texts import FirstTexts

LANGUAGES = ("en", "de", "es", "ru", "tr")


def words(doc):
    return [(t.text, t.norm_, t.whitespace_, t.idx) for t in doc]


def first_and_whole(state: bytes, *, western: bool = False):
    return (
        FirstTexts(Vocab(), state, western=western),
        Tokenizer(Vocab()).from_bytes(state, exclude=["vocab"]),
    )


def state_of(lang: str) -> bytes:
    return spacy.blank(lang).tokenizer.to_bytes(exclude=["vocab"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_special_case_of_a_language(lang, monkeypatch):
    monkeypatch.setattr(first_texts, "MAX_CHARACTERS", 10**9)
    first, whole = first_and_whole(state_of(lang))
    for chunk in [*whole.rules]:
        for text in (chunk, f"({chunk}),x", f"a {chunk}{chunk} b", " ".join(chunk), f"x{chunk}"):
            assert words(first(text)) == words(whole(text)), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_western_texts(lang):
    first, whole = first_and_whole(state_of(lang), western=True)
    texts = [
        "“It isn\u2019t,” she'd say: 5km\u201310km (e.g. Mr. O\u2019Neill's) cost 3,50€…",
        "Z.B. die Straße/Str. in Köln-Süd, usw.\n\n¿Qué? ¡EE. UU.! \xa0 :-) http://a.b/c?d",
    ]
    for text in (*texts, "", " ", *texts):
        assert words(first(text)) == words(whole(text))
    # Where a case that is set up at once is in another script, it is ready for all texts.
    other = first("Привет")
    assert (other is None) == (lang not in ("ru", "tr"))
    assert other is None or words(other) == words(whole("Привет"))


CASES = st.text("ab.- ", min_size=1, max_size=4)
CUTS = st.lists(st.integers(1, 3), max_size=2)


def as_rule(chunk: str, cuts: list[int]) -> list[dict[int, str]]:
    ends = sorted({*(cut for cut in cuts if cut < len(chunk)), len(chunk)})
    return [{65: chunk[i:j]} for i, j in zip([0, *ends], ends, strict=False)]


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(CASES, CUTS, max_size=5),
    st.lists(st.text("ab.- \n", max_size=10), min_size=1, max_size=4),
    st.booleans(),
)
@example({"a-b": [1], "-b.": [1, 2]}, ["a - b.", "a -b."], True)
@example({"a b": [], "b.": [1]}, ["(b.", "a b.", "-b."], False)
def test_any_rules_and_texts(cases, texts, faster):
    tokenizer = Tokenizer(
        Vocab(),
        rules={chunk: as_rule(chunk, cuts) for chunk, cuts in cases.items()},
        prefix_search=re.compile(r"^[-.(]").search,
        suffix_search=re.compile(r"[-.]$").search,
        infix_finditer=re.compile(r"(?<=[ab])-(?=[ab])").finditer,
        faster_heuristics=faster,
    )
    first, whole = first_and_whole(tokenizer.to_bytes(exclude=["vocab"]), western=True)
    for text in texts:
        doc = first(text)
        if doc is None:
            break
        assert words(doc) == words(whole(text))


def test_only_so_many_characters(monkeypatch):
    monkeypatch.setattr(first_texts, "MAX_CHARACTERS", 1_000)
    first, _ = first_and_whole(state_of("en"))
    assert first("a" * 800) is not None
    assert first("a" * 200) is None


def test_rules_that_cannot_be_set_up_one_by_one():
    tokenizer = Tokenizer(Vocab(), rules={"a": [{65: "a"}], "b c": [{65: "b c"}]})
    first, _ = first_and_whole(tokenizer.to_bytes(exclude=["vocab"]))
    assert first("b c") is None
    tokenizer.add_special_case("d", [{65: "d"}])
    first, whole = first_and_whole(tokenizer.to_bytes(exclude=["vocab"]))
    assert words(first("b c")) == words(whole("b c"))
