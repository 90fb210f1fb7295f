"""A config is judged before anything that it names is looked up."""

from __future__ import annotations

import copy

import pytest
import spacy
from spacy.language import Language

from spacy_pickled_ner.errors import SaveError, UnsafeFileError, UntrustedContentError
from spacy_pickled_ner.model_file import dumps, inspect, loads
from spacy_pickled_ner.model_file.guards.config import check_config, required_names
from spacy_pickled_ner.model_file.guards.schemas import FUNCTIONS
from spacy_pickled_ner.model_file.guards.structure import names_in

from ..attacks.editing import rebuilt

NLP = {"lang": "en", "pipeline": ["ner"]}
NER = {"factory": "ner", "model": {"@architectures": "spacy.TransitionBasedParser.v2"}}


def guard(component=None, *, nlp=None, name="ner", trusted=()):
    block = copy.deepcopy(NER) | (component or {})
    check_config({"lang": "en", "pipeline": [name]} | (nlp or {}), {name: block}, trusted)


def test_accepts_its_baseline():
    guard()


UNUSABLE = {
    "source": {"source": "pip"},
    "nlp passed in": {"nlp": 1},
    "component as function": {"@misc": "x"},
    "two functions": {"model": {"@misc": "x", "@readers": "y"}},
    "function that is no text": {"model": {"@misc": 5}},
    "endless depth": {"model": {"depth": 10**6}},
    "huge width": {"model": {"width": 2**31}},
    "negative beam": {"beam_width": -(10**8)},
    "huge suggester": {"suggester": {"max_size": 10**9}},
    "infinite": {"learn_rate": float("inf")},
    "long text": {"text": "x" * 5000},
    "long list": {"rows": [1] * 2000},
    "many values": {"rows": [[0] * 900] * 6},
    "deep": {"model": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {
        "a": {"a": {"a": {"a": {"a": {}}}}}}}}}}}}}}}}}},
    "other type": {"model": b"x"},
    "factory that is no text": {"factory": ["ner"]},
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable_component(case):
    with pytest.raises(UnsafeFileError) as error:
        guard(UNUSABLE[case], trusted=["misc:x", "readers:y"])
    assert error.value.code == "bad-config"


@pytest.mark.parametrize(
    "name", ["/abs", "../x", "a/b", "..", "", "vocab", "tokenizer", "x" * 100, "a\nb", "C:x"]
)
def test_unusable_component_name(name):
    with pytest.raises(UnsafeFileError):
        guard(name=name)


@pytest.mark.parametrize(
    "nlp",
    [
        {"lang": None},
        {"lang": 5},
        {"lang": "../x"},
        {"lang": "x" * 100},
        {"pipeline": "ner"},
        {"pipeline": ["ner", "ner"]},
        {"pipeline": ["other"]},
        {"disabled": 5},
        {"@misc": "x"},
        {"batch_size": 10**12},
    ],
    ids=str,
)
def test_unusable_nlp_block(nlp):
    with pytest.raises(UnsafeFileError):
        guard(nlp=nlp, trusted=["misc:x"])


@pytest.mark.parametrize(
    ("component", "nlp", "name"),
    [
        ({"factory": "mine"}, {}, "factories:mine"),
        ({"model": {"@architectures": "mine.v1"}}, {}, "architectures:mine.v1"),
        ({"scorer": {"@loggers": "spacy.ConsoleLogger.v3"}}, {}, "loggers:spacy.ConsoleLogger.v3"),
        ({"kb": {"@misc": "spacy.KBFromFile.v1"}}, {}, "misc:spacy.KBFromFile.v1"),
        ({"x": [{"y": {"@readers": "srsly.read_json.v1"}}]}, {}, "readers:srsly.read_json.v1"),
        ({}, {"before_creation": {"@callbacks": "c"}}, "callbacks:c"),
        ({}, {"lang": "zz"}, "languages:zz"),
        ({}, {"lang": "char_classes"}, "languages:char_classes"),
        ({}, {"tokenizer": {"@tokenizers": "acme.ja.JapaneseTokenizer"}},
         "tokenizers:acme.ja.JapaneseTokenizer"),
        ({"x": {"@__dict__": "misc"}}, {}, "__dict__:misc"),
    ],
)  # fmt: skip
def test_untrusted_names(component, nlp, name):
    with pytest.raises(UntrustedContentError) as error:
        guard(component, nlp=nlp)
    assert error.value.names == (name,)
    guard(component, nlp=nlp, trusted=[name])


def test_long_names_give_short_messages():
    with pytest.raises(UntrustedContentError) as error:
        guard({"scorer": {"@scorers": "\x1b[31m" + "x" * 4000}})
    assert len(str(error.value)) < 500
    assert str(error.value).isprintable()


def test_every_factory_of_spacy_is_allowed():
    spacy.blank("en")
    shipped = {
        name
        for name in Language._factory_meta
        if Language.get_factory_meta(name) and "." not in name and name in Language.factories
    }
    assert "ner" in shipped
    shipped -= {"pickled_ner"}
    ours = {name for name in shipped if f"factories:{name}" in FUNCTIONS}
    assert {"tagger", "parser", "span_ruler", "entity_linker"} <= ours


def test_names_in():
    block = {"factory": "a", "x": [{"@misc": "b"}], "y": {"z": {"@readers": "c"}}}
    assert list(names_in(block)) == ["factories:a", "misc:b", "readers:c"]
    assert required_names(NLP, {"ner": block}) == ("factories:a", "misc:b", "readers:c")


@pytest.fixture
def custom():
    calls = []

    @Language.factory("model_file_test_factory", default_config={"size": 1})
    def create(nlp, name, size):
        calls.append(size)
        return lambda doc: doc

    nlp = spacy.blank("en")
    nlp.add_pipe("model_file_test_factory", config={"size": 3})
    calls.clear()
    return nlp, calls


@pytest.mark.parametrize("file_format", ["v1", "seed"])
def test_custom_factory_needs_its_name(custom, file_format):
    nlp, calls = custom
    data = dumps(nlp, format=file_format)
    with pytest.raises(UntrustedContentError) as error:
        loads(data)
    assert error.value.names == ("factories:model_file_test_factory",)
    assert inspect(data)["untrusted"] == ["factories:model_file_test_factory"]
    assert calls == []
    loaded = loads(data, trusted=error.value.names)
    assert calls == [3]
    assert loaded.pipe_names == ["model_file_test_factory"]
    assert loads(data, trusted=["factories:model_file_test_factory"]).pipe_names


def test_what_callers_write_into_overrides_is_their_own(nlp):
    calls = []

    @spacy.registry.scorers("model_file_test_scorer")
    def create():
        calls.append(1)
        return lambda examples, **kwargs: {}

    loaded = loads(dumps(nlp), config={"components.ner.scorer.@scorers": "model_file_test_scorer"})
    assert calls
    assert loaded.get_pipe("ner").scorer([]) == {}


def test_config_in_file_is_guarded(nlp):
    import json
    import pickle

    data = dumps(nlp)
    config = json.loads(pickle.loads(data)["config.json"])
    config["nlp"]["before_creation"] = {"@callbacks": "mine"}
    with pytest.raises(UntrustedContentError):
        loads(rebuilt(data, **{"config.json": json.dumps(config).encode()}))
    config["nlp"]["before_creation"] = "${nlp.before_creation}"
    with pytest.raises(UnsafeFileError) as error:
        loads(rebuilt(data, **{"config.json": json.dumps(config).encode()}))
    assert error.value.code == "bad-config"


def test_a_pipeline_no_reader_would_accept_is_not_written():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer", name="a/b")
    with pytest.raises(SaveError, match="cannot be the name of a component"):
        dumps(nlp)
