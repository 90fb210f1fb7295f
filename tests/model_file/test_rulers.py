"""Loading a ruler runs no component, and says so where that makes a difference."""

from __future__ import annotations

import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_pickled_ner import make_phrases
from spacy_pickled_ner.errors import PickledNerWarning
from spacy_pickled_ner.model_file import dumps, loads

FORMATS = ("v1", "seed")
RULERS = ("entity_ruler", "span_ruler", "future_entity_ruler")
TEXT = "The cats of Ada Lovelace sleep."


def found(nlp: Language) -> list[str]:
    doc = nlp(TEXT)
    return sorted(span.text for span in (*doc.ents, *(s for g in doc.spans.values() for s in g)))


def with_lemmas(ruler: str) -> Language:
    nlp = spacy.blank("en")
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    lemmatizer.lookups.add_table("lemma_lookup", {"cats": "cat"})
    pipe = nlp.add_pipe(ruler, config={"phrase_matcher_attr": "LEMMA"})
    pipe.add_patterns([{"label": "ANIMAL", "pattern": "cat"}])
    return nlp


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("ruler", RULERS)
@pytest.mark.parametrize("attr", [None, "LOWER", "TEXT", "SHAPE"])
def test_phrases_of_words_match_at_once(ruler, attr, file_format):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    pipe = nlp.add_pipe(ruler, config={"phrase_matcher_attr": attr})
    pipe.add_patterns([{"label": "PERSON", "pattern": "Ada Lovelace", "id": "ada"}])
    loaded = loads(dumps(nlp, format=file_format))
    assert "Ada Lovelace" in found(loaded)
    assert found(loaded) == found(nlp)
    assert loaded.get_pipe(ruler).patterns == pipe.patterns


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("ruler", RULERS)
def test_phrases_of_lemmas_wait_for_make_phrases(ruler, file_format):
    nlp = with_lemmas(ruler)
    assert found(nlp) == ["cats"]
    data = dumps(nlp, format=file_format)
    with pytest.warns(PickledNerWarning, match=f"the phrases of {ruler} depend on .*make_phrases"):
        loaded = loads(data)
    assert found(loaded) == []
    assert loaded.get_pipe(ruler).patterns == nlp.get_pipe(ruler).patterns
    make_phrases(loaded)
    assert found(loaded) == ["cats"]
    assert loaded.get_pipe(ruler).patterns == nlp.get_pipe(ruler).patterns


def test_a_pipeline_that_waits_is_saved_whole():
    data = dumps(with_lemmas("entity_ruler"))
    with pytest.warns(PickledNerWarning):
        again = dumps(loads(data))
    with pytest.warns(PickledNerWarning):
        loaded = loads(again)
    make_phrases(loaded)
    assert found(loaded) == ["cats"]


@pytest.mark.parametrize("file_format", FORMATS)
def test_loading_runs_no_component(file_format):
    ran: list[str] = []

    @Language.component("test_rulers_runs")
    def component(doc: Doc) -> Doc:
        ran.append(doc.text)
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("test_rulers_runs")
    for ruler in RULERS:
        nlp.add_pipe(ruler).add_patterns([{"label": "PERSON", "pattern": "Ada Lovelace"}])
    data = dumps(nlp, format=file_format)
    ran.clear()
    loaded = loads(data, trusted=["factories:test_rulers_runs"])
    assert ran == []
    assert loaded.pipe_names == nlp.pipe_names
    loaded = loads(data, trusted=["factories:test_rulers_runs"], disable=["test_rulers_runs"])
    assert loaded.disabled == ["test_rulers_runs"]


def test_phrases_behind_components_that_change_tokens_are_announced():
    nlp = spacy.blank("en")
    nlp.add_pipe("merge_entities")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada Lovelace"}])
    with pytest.warns(PickledNerWarning, match="entity_ruler"):
        loaded = loads(dumps(nlp))
    assert found(loaded) == found(nlp) == ["Ada Lovelace"]


def test_make_phrases_leaves_disabled_rulers_disabled():
    nlp = with_lemmas("entity_ruler")
    nlp.disable_pipe("entity_ruler")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = loads(dumps(nlp))
    make_phrases(loaded)
    assert loaded.disabled == ["entity_ruler"]
    loaded.enable_pipe("entity_ruler")
    assert found(loaded) == ["cats"]
