"""Components are created quickly only where that works, and only while a file is read."""

from __future__ import annotations

import pytest
import spacy

from spacy_pickled_ner.model_file import dumps, loads
from spacy_pickled_ner.model_file.pipeline.quick_registry import quick_components


@pytest.fixture
def data():
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer", config={"punct_chars": ["!"]})
    return dumps(nlp)


def test_it_ends_with_the_block():
    nlp = spacy.blank("xx")
    with quick_components(nlp) as quick:
        assert quick
        assert "create_pipe" in vars(nlp)
        nlp.add_pipe("sentencizer")
    assert "create_pipe" not in vars(nlp)
    official = spacy.blank("xx")
    official.add_pipe("sentencizer")
    assert nlp.get_pipe_config("sentencizer") == official.get_pipe_config("sentencizer")


def test_it_ends_with_an_error():
    nlp = spacy.blank("xx")
    with pytest.raises(ValueError, match="no_such_factory"), quick_components(nlp):
        nlp.add_pipe("no_such_factory")
    assert "create_pipe" not in vars(nlp)
    assert nlp.add_pipe("sentencizer")


@pytest.mark.parametrize("other", [None, [], {"x": 1}])
def test_a_spacy_that_keeps_configs_in_another_way(other):
    nlp = spacy.blank("xx")
    nlp._pipe_configs = other
    with quick_components(nlp) as quick:
        assert not quick
        assert "create_pipe" not in vars(nlp)


def test_a_spacy_without_that_attribute():
    class Nothing:
        pass

    nlp = Nothing()
    with quick_components(nlp) as quick:
        assert not quick
    assert vars(nlp) == {}


def test_one_that_creates_components_in_a_way_of_its_own():
    nlp = spacy.blank("xx")
    nlp.create_pipe = own = nlp.create_pipe
    with quick_components(nlp) as quick:
        assert not quick
        assert nlp.create_pipe is own
    assert nlp.create_pipe is own


def test_a_loaded_pipeline_creates_components_itself(data):
    nlp = loads(data)
    assert "create_pipe" not in vars(nlp)
    assert nlp.get_pipe_config("sentencizer")["punct_chars"] == ["!"]
    nlp.add_pipe("sentencizer", name="another")
    assert nlp.get_pipe_config("another")["punct_chars"] is None
