"""`inspect` describes a file as JSON, without building any of it."""

from __future__ import annotations

import json

import pytest
from spacy.language import Language

from spacy_pickled_ner.model_file import dump, dumps, inspect


@pytest.fixture
def no_building(monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("inspect must not build a pipeline")

    monkeypatch.setattr(Language, "__init__", fail)


@pytest.mark.parametrize("file_format", ["v1", "seed"])
def test_describes(pipelines, tmp_path, file_format, request):
    nlp = pipelines("full")
    dump(nlp, tmp_path / "model.pkl", format=file_format)
    request.getfixturevalue("no_building")
    found = inspect(tmp_path)
    assert json.loads(json.dumps(found)) == found
    assert found["file"] == str(tmp_path / "model.pkl")
    assert found["size"] == (tmp_path / "model.pkl").stat().st_size
    assert found["format"] == {"v1": "pickle.v1", "seed": "seed.v0"}[file_format]
    assert found["lang"] == "en"
    assert found["pipeline"] == nlp.component_names
    assert found["components"]["brands"]["factory"] == "ner"
    assert found["components"]["brands"]["labels"] == ["GPE", "ORG", "PERSON"]
    assert found["components"]["ner"]["size"] > 1000
    assert found["labels"]["ner"] == ["GPE", "ORG", "PERSON"]
    assert found["training"]["best_step"] == 3
    assert bool(found["versions"]) == (file_format == "v1")
    assert found["meta"]["spacy_version"].startswith(">=3.8")
    assert found["untrusted"] == []
    assert sum(s["size"] for s in found["sections"]) < found["size"]


def test_arrays_have_type_and_shape(pipelines):
    sections = {s["name"]: s for s in inspect(dumps(pipelines("static_vectors")))["sections"]}
    assert sections["vocab/vectors/data"]["dtype"] == "<f4"
    assert sections["vocab/vectors/data"]["shape"] == [8, 12]
    assert sections["vocab/vectors/data"]["size"] == 8 * 12 * 4


def test_without_training_record(pipelines):
    assert inspect(dumps(pipelines("blank")))["training"] is None
