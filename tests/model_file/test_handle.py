"""A handle travels instead of the pipeline, and loads its file once per process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.errors import ModelFileError, SettingsError, UnsafeFileError
from spacy_pickled_ner.model_file import dump, handle, load

from .pipelines import TEXTS


@pytest.fixture
def saved(nlp, tmp_path):
    dump(nlp, tmp_path / "model.pkl")
    return tmp_path / "model.pkl"


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch):
    monkeypatch.setattr(handle, "_loaded", {})


def test_same_as_loading(saved):
    own = spn.PipelineHandle(saved)
    expected = [doc.to_json() for doc in load(saved).pipe(TEXTS)]
    assert [doc.to_json() for doc in own.pipe(TEXTS)] == expected
    assert own(TEXTS[0]).to_json() == expected[0]


def test_pickles_small_and_shares_one_pipeline(saved, monkeypatch):
    first = spn.PipelineHandle(saved, disable=["ner"])
    data = pickle.dumps(first)
    assert len(data) < 500
    second = pickle.loads(data)
    assert second == first
    assert hash(second) == hash(first)
    assert second.nlp is first.nlp
    assert second.nlp.disabled == ["ner"]
    assert spn.PipelineHandle(saved).nlp is not first.nlp
    used = pickle.dumps(first)
    assert used == data


def test_relative_paths_and_folders(saved, monkeypatch):
    monkeypatch.chdir(saved.parent)
    own = spn.PipelineHandle("model.pkl")
    monkeypatch.chdir("/")
    assert own.nlp.pipe_names == ["ner"]
    assert spn.PipelineHandle(saved.parent).nlp.pipe_names == ["ner"]


def test_a_replaced_file_is_loaded_again(saved, pipelines):
    before = spn.PipelineHandle(saved)
    assert before.nlp.pipe_names == ["ner"]
    dump(pipelines("rulers"), saved)
    assert "span_ruler" in spn.PipelineHandle(saved).nlp.pipe_names
    assert before.nlp.pipe_names == ["ner"]
    assert len(handle._loaded) == 1


def test_threads_load_once(saved, monkeypatch):
    calls = []

    def count(*args, **kwargs):
        calls.append(args)
        return load(*args, **kwargs)

    monkeypatch.setattr(handle, "load", count)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(spn.PipelineHandle(saved).nlp))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len({id(nlp) for nlp in found}) == 1


def entities(own: spn.PipelineHandle) -> tuple[int, list[str]]:
    return os.getpid(), [ent.text for ent in own(TEXTS[0]).ents]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers(saved, method):
    own = spn.PipelineHandle(saved)
    _, expected = entities(own)
    with multiprocessing.get_context(method).Pool(1) as pool:
        results = pool.map(entities, [own] * 3)
    assert {pid for pid, _ in results}.isdisjoint({os.getpid()})
    assert [found for _, found in results] == [expected] * 3


def test_mistakes(tmp_path):
    with pytest.raises(TypeError, match="no option 'vocab'"):
        spn.PipelineHandle("model.pkl", vocab=None)
    with pytest.raises(TypeError, match="not a bytes"):
        spn.PipelineHandle(b"data")
    with pytest.raises(ModelFileError, match="there is no file"):
        spn.PipelineHandle(tmp_path / "missing.pkl").nlp  # noqa: B018


SECRET = b"a secret of many bytes"


def secret() -> bytes:
    return SECRET


def nothing() -> None:
    return None


@pytest.fixture
def signed(nlp, tmp_path):
    dump(nlp, tmp_path / "signed.pkl", sign=SECRET)
    (tmp_path / "key").write_bytes(SECRET)
    return tmp_path / "signed.pkl"


@pytest.mark.parametrize("source", ["path", "function"])
def test_signature_is_required_without_the_key_travelling(signed, saved, source, monkeypatch):
    monkeypatch.chdir(signed.parent)
    key = Path("key") if source == "path" else secret
    data = pickle.dumps(spn.PipelineHandle(signed, require_signature=key))
    assert SECRET not in data
    monkeypatch.chdir("/")
    again = pickle.loads(data)
    assert again(TEXTS[0]).text == TEXTS[0]
    with pytest.raises(UnsafeFileError) as error:
        _ = spn.PipelineHandle(saved, require_signature=again.options["require_signature"]).nlp
    assert error.value.code == "not-signed"


def test_a_secret_does_not_get_into_a_handle(signed):
    pairs = (("hmac-sha256", SECRET), ("ed25519", b"-----BEGIN PRIVATE KEY-----"), (SECRET,))
    for key in (SECRET, bytearray(SECRET), b"-----BEGIN PRIVATE KEY-----", "text", *pairs):
        with pytest.raises(SettingsError, match="must not contain a secret"):
            spn.PipelineHandle(signed, require_signature=key)


def test_a_pair_with_a_path_travels(signed, monkeypatch):
    monkeypatch.chdir(signed.parent)
    pair = ("hmac-sha256", Path("key"))
    data = pickle.dumps(spn.PipelineHandle(signed, require_signature=pair))
    assert SECRET not in data
    monkeypatch.chdir("/")
    again = pickle.loads(data)
    assert again.options["require_signature"] == ("hmac-sha256", signed.parent / "key")
    assert again.nlp.meta["lang"]


def test_a_function_without_a_key_does_not_switch_the_check_off(signed):
    with pytest.raises(SettingsError, match="returns a key"):
        _ = spn.PipelineHandle(signed, require_signature=nothing).nlp


def test_a_public_key_may_travel(nlp, tmp_path):
    keys = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    private = keys.Ed25519PrivateKey.generate()
    dump(nlp, tmp_path / "model.pkl", sign=private)
    pair = ("ed25519", private.public_key().public_bytes_raw())
    handle = pickle.loads(
        pickle.dumps(spn.PipelineHandle(tmp_path / "model.pkl", require_signature=pair))
    )
    assert handle(TEXTS[0]).text == TEXTS[0]
