"""Ordinary loads change nothing in the process either, and the snapshot sees what would."""

from __future__ import annotations

import os
import sys
import warnings

import pytest
import spacy.pipeline

from spacy_pickled_ner.model_file import dumps, loads

from ..model_file.pipelines import PIPELINES
from .snapshot import Snapshot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("file_format", ["v1", "seed"])
@pytest.mark.parametrize("name", ["rulers", "lemmatizer", "tokenizer", "floret"])
def test_a_load_changes_nothing(name, file_format, eager):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = dumps(PIPELINES[name](), format=file_format)
        loads(data, eager=eager)("A first text.")
        before = Snapshot()
        loads(data, eager=eager)("A second text.")
        assert before.difference(Snapshot()) == ""


def test_changes_are_seen(monkeypatch):
    before = Snapshot()
    monkeypatch.setitem(os.environ, "SOMETHING_NEW", "x")
    assert before.difference(Snapshot()).startswith("environment")
    monkeypatch.undo()
    monkeypatch.setattr(sys, "path", [*sys.path, "/nowhere"])
    assert before.difference(Snapshot()).startswith("sys.path")
    monkeypatch.undo()
    monkeypatch.setattr(spacy.pipeline.Sentencizer, "score", None, raising=False)
    assert "Sentencizer" in before.difference(Snapshot())
