"""Files of the first format stay loadable, also those that old code wrote."""

from __future__ import annotations

import pickle

import pytest
import spacy
import srsly

from spacy_pickled_ner.errors import ModelFileError, UntrustedContentError
from spacy_pickled_ner.model_file import dumps, load, loads

from .pipelines import TEXTS


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_file_of_the_seed(pipelines, tmp_path, protocol):
    nlp = pipelines("full")
    data = {"bytes_data": nlp.to_bytes(), "lang": nlp.lang, "pipeline": list(nlp.pipe_names)}
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(data, protocol=protocol))
    assert load(tmp_path).to_bytes() == nlp.to_bytes()


def test_the_seeds_own_reader_reads_ours():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    data = pickle.loads(dumps(nlp, format="seed"))
    assert list(data) == ["bytes_data", "lang", "pipeline"]
    rebuilt = spacy.blank(data["lang"])
    for name in data["pipeline"]:
        rebuilt.add_pipe(name)
    rebuilt.from_bytes(data["bytes_data"])
    assert [s.text for s in rebuilt(TEXTS[1]).sents] == [s.text for s in nlp(TEXTS[1]).sents]


def seed_file(nlp, *, without=(), **changes) -> bytes:
    parts = srsly.msgpack_loads(nlp.to_bytes())
    parts = {name: part for name, part in parts.items() if name not in without} | changes
    packed = srsly.msgpack_dumps(parts)
    return pickle.dumps({"bytes_data": packed, "lang": "en", "pipeline": list(nlp.pipe_names)})


def test_without_config_the_defaults_are_used():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    loaded = loads(seed_file(nlp, without=["config.cfg"]))
    assert loaded.pipe_names == ["sentencizer"]
    assert [s.text for s in loaded(TEXTS[1]).sents] == [s.text for s in nlp(TEXTS[1]).sents]


def test_phrase_patterns_that_stock_spacy_loses(pipelines):
    loaded = loads(dumps(pipelines("rulers"), format="seed"))
    assert [e.text for e in loaded(TEXTS[0]).ents] == ["Ada", "Acme", "Paris"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bytes_data": b"\xc1"}, "bad-msgpack"),
        ({"bytes_data": b"\x80"}, "cannot-build"),
        ({"bytes_data": srsly.msgpack_dumps([1])}, "bad-msgpack"),
        ({"bytes_data": srsly.msgpack_dumps({"vocab": 5})}, "bad-section"),
        ({"bytes_data": "text"}, "bad-section"),
        ({"lang": 5}, "bad-section"),
        ({"pipeline": "ner"}, "bad-section"),
        ({"pipeline": [5]}, "bad-section"),
        ({"pipeline": ["ner", "extra"]}, "bad-config"),
    ],
    ids=str,
)
def test_values_that_do_not_fit(nlp, changes, code):
    data = {"bytes_data": nlp.to_bytes(), "lang": "en", "pipeline": ["ner"]}
    with pytest.raises(ModelFileError) as error:
        loads(pickle.dumps(data | changes))
    if code == "cannot-build":  # nothing in it at all: there is no state for the component
        code = "missing-section"
    assert error.value.code == code


def test_missing_component(nlp):
    with pytest.raises(ModelFileError) as error:
        loads(seed_file(nlp, without=["ner"]))
    assert error.value.code == "missing-section"


@pytest.mark.parametrize(
    "config", [b"no config", b"\xff", b"[nlp]\nlang = ${nlp.lang}", b"x" * 10**6]
)
def test_bad_config(nlp, config):
    with pytest.raises(ModelFileError) as error:
        loads(seed_file(nlp, **{"config.cfg": config}))
    assert error.value.code == "bad-config"


def test_config_is_guarded(nlp):
    config = nlp.config.copy()
    config["components"]["ner"]["scorer"] = {"@readers": "srsly.read_json.v1", "path": "/dev/zero"}
    with pytest.raises(UntrustedContentError) as error:
        loads(seed_file(nlp, **{"config.cfg": config.to_bytes()}))
    assert error.value.names == ("readers:srsly.read_json.v1",)
