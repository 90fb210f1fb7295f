"""Formats are looked up in registries, and another package can add one."""

from __future__ import annotations

import pickle

import pytest
import spacy

from spacy_pickled_ner.errors import ModelFileError, UntrustedContentError
from spacy_pickled_ner.model_file import (
    dumps,
    inspect,
    load_seed,
    load_v1,
    loaders,
    loads,
    serialize_seed,
    serialize_v1,
    serializers,
)


def test_own_formats_are_entry_points():
    assert serializers.get("pickle.v1") is serialize_v1
    assert serializers.get("seed.v0") is serialize_seed
    assert loaders.get("pickle.v1") is load_v1
    assert loaders.get("seed.v0") is load_seed


@pytest.fixture
def acme():
    """A format that stores nothing but the language."""
    seen = []

    @serializers("acme.v1")
    def serialize(nlp):
        yield pickle.dumps({"format": "acme.v1", "lang": nlp.lang, "blob": b"x" * 10})

    @loaders("acme.v1")
    def load(data, options):
        seen.append((data, options))
        return spacy.blank(data.content["lang"])

    return seen


def test_format_of_another_package(acme):
    data = dumps(spacy.blank("de"), format="acme.v1")
    assert loads(data, disable="x", trusted=["loaders:acme.v1"]).lang == "de"
    content, options = acme[0]
    assert content.content["lang"] == "de"
    assert options.disable == ("x",)
    assert inspect(data)["sections"] == [{"name": "blob", "size": 10}]


def test_it_has_to_be_named(acme):
    data = dumps(spacy.blank("de"), format="acme.v1")
    with pytest.raises(UntrustedContentError) as error:
        loads(data)
    assert error.value.names == ("loaders:acme.v1",)
    assert error.value.code == "unknown-format"
    assert acme == []


def test_errors_of_a_loader_are_typed():
    @loaders("broken.v1")
    def load(data, options):
        raise RuntimeError("broken")

    with pytest.raises(ModelFileError, match="broken") as error:
        loads(pickle.dumps({"format": "broken.v1"}), trusted=["loaders:broken.v1"])
    assert error.value.code == "cannot-build"
