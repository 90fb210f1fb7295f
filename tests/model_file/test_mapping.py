"""A mapped file gives the same pipeline as a folder, whatever is done with it afterwards."""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle

import numpy as np
import pytest
import spacy
from spacy.strings import StringStore
from spacy.tokenizer import Tokenizer
from spacy.vectors import Vectors

from spacy_pickled_ner.container import source
from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.model_file import dump, dumps, load, loads, verify
from spacy_pickled_ner.model_file.pipeline import build
from spacy_pickled_ner.model_file.tokenizer.deferred import DeferredTokenizer
from spacy_pickled_ner.model_file.vocab import mapped_vocab
from spacy_pickled_ner.model_file.vocab.key_table import MappedRows
from spacy_pickled_ner.model_file.vocab.string_table import MappedStrings

from .helpers import assert_same
from .pipelines import PIPELINES, TEXTS, WORDS, example, parser_model, tok2vec, train

WAYS = [{}, {"mmap": False, "eager": True}]


def full_vectors():
    """Like a large pipeline: each row of its vectors has a key."""
    nlp = spacy.blank("en")
    data = np.random.default_rng(0).normal(size=(len(WORDS), 12)).astype("f")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=WORDS, name="full")
    nlp.vocab.vectors.add("Alan", row=2)
    nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec(vectors=True))})
    return train(nlp)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapping")
    nlp = full_vectors()
    nlp.to_disk(folder / "stock")
    dump(nlp, folder / "model.pkl")
    return folder


@pytest.fixture
def path(folder, tmp_path):
    target = tmp_path / "model.pkl"
    target.write_bytes((folder / "model.pkl").read_bytes())
    return target


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", PIPELINES)
def test_all_ways_give_the_same(pipelines, tmp_path, name, way):
    original = pipelines(name)
    dump(original, tmp_path / "model.pkl")
    loaded = load(tmp_path / "model.pkl", **way)
    assert_same(original, loaded)
    dump(loaded, tmp_path / "model.pkl")  # onto the file it may be mapped from
    assert (tmp_path / "model.pkl").read_bytes() == dumps(original)
    assert_same(original, loaded)


def test_what_is_mapped(path):
    nlp = load(path)
    assert type(nlp.vocab.strings) is MappedStrings
    assert type(nlp.vocab.vectors.key2row) is MappedRows
    assert type(nlp.tokenizer) is DeferredTokenizer
    eager = load(path, eager=True)
    assert type(eager.vocab.strings) is StringStore
    assert type(eager.vocab.vectors.key2row) is dict
    assert type(eager.tokenizer) is Tokenizer


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"vocab": spacy.blank("en").vocab}, id="vocab"),
        {"exclude": ["strings"]},
        {"exclude": "vectors"},
        {"exclude": "tokenizer"},
        {"config": {"nlp.batch_size": 7}},
    ],
    ids=str,
)
def test_what_is_not_plain_is_built_by_spacy(folder, path, options):
    stock, ours = spacy.load(folder / "stock", **options), load(path, **options)
    assert type(ours.vocab.strings) is StringStore
    assert type(ours.tokenizer) is Tokenizer
    assert ours.tokenizer.to_bytes(exclude=["vocab"]) == stock.tokenizer.to_bytes(exclude=["vocab"])
    assert ours.vocab.vectors.shape == stock.vocab.vectors.shape


@pytest.mark.parametrize("way", [{}, {"eager": True}, {"mmap": False}, {"verify": True}], ids=str)
def test_same_as_the_folder(folder, path, way):
    stock, ours = spacy.load(folder / "stock"), load(path, **way)
    assert ours.meta == stock.meta
    assert_same(stock, ours)
    assert ours.vocab.vectors.name == stock.vocab.vectors.name == "full"
    assert ours.vocab.vectors.n_keys == stock.vocab.vectors.n_keys
    queries = stock.vocab.vectors.data[:3].copy()
    for mine, theirs in zip(
        ours.vocab.vectors.most_similar(queries.copy(), n=3),
        stock.vocab.vectors.most_similar(queries.copy(), n=3),
        strict=True,
    ):
        assert np.array_equal(mine, theirs)
    for first, second in [("Ada Paris", "Alan met"), ("of Acme", "Ada")]:
        assert ours(first).similarity(ours(second)) == stock(first).similarity(stock(second))
    for nlp in (ours, stock):
        nlp.vocab.set_vector("new", np.ones(12, dtype="f"))
        nlp.vocab.set_vector("Ada", np.zeros(12, dtype="f"))
        nlp.vocab["x"].vector = np.ones(12, dtype="f")
    assert ours.to_bytes() == stock.to_bytes()
    assert ours.vocab.get_noun_chunks is stock.vocab.get_noun_chunks
    assert ours.vocab.writing_system == stock.vocab.writing_system
    assert ours.vocab.cfg == stock.vocab.cfg
    assert ours.vocab.lex_attr_getters.keys() == stock.vocab.lex_attr_getters.keys()


def test_training_goes_on_as_from_the_folder(folder, path):
    before = path.read_bytes()
    results = []
    for nlp in (spacy.load(folder / "stock"), load(path)):
        spacy.util.fix_random_seed(0)
        optimizer = nlp.resume_training()
        losses = [nlp.update([example(nlp.vocab)], sgd=optimizer)["ner"] for _ in range(3)]
        results.append((losses, nlp.to_bytes()))
    assert results[0] == results[1]
    assert path.read_bytes() == before
    dump(nlp, path)  # onto the file its untouched pages are mapped from
    assert load(path).to_bytes() == results[1][1]


def test_changes_stay_in_the_process(path):
    first, second = load(path), load(path)
    first.vocab.vectors.data[:] = 0
    assert load(path).to_bytes() == second.to_bytes() != first.to_bytes()


def test_replacing_the_file_does_not_touch_what_is_loaded(path, pipelines):
    nlp = load(path)
    expected = load(path, mmap=False, eager=True).to_bytes()
    dump(pipelines("rulers"), path)
    path.unlink()
    assert nlp.to_bytes() == expected


def test_memory_zones(folder, path):
    stock, ours = spacy.load(folder / "stock"), load(path)
    before = len(list(ours.vocab.strings))
    for _ in range(2):
        with ours.memory_zone(), stock.memory_zone():
            for text in [*TEXTS, "unheard-of words aplenty"]:
                assert ours(text).to_json() == stock(text).to_json()
    assert len(list(ours.vocab.strings)) == before


def test_worker_processes(folder, path):
    expected = [doc.to_json() for doc in spacy.load(folder / "stock").pipe(TEXTS)]
    assert [doc.to_json() for doc in load(path).pipe(TEXTS, n_process=2)] == expected


def test_pickling_the_pipeline_itself(folder, path):
    stock, ours = (
        pickle.loads(pickle.dumps(n)) for n in (spacy.load(folder / "stock"), load(path))
    )
    assert_same(stock, ours)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork(path):
    nlp = load(path)
    child = os.fork()
    if child == 0:
        nlp.vocab.vectors.data[:] = 0
        os._exit(0 if len(nlp(TEXTS[0])) == len(WORDS) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert_same(load(path, eager=True), nlp)


def flipped(path, name):
    data = bytearray(path.read_bytes())
    value = pickle.loads(data)[name]
    data[data.index(value) + len(value) // 2] ^= 4
    path.write_bytes(data)
    return data


def code_of(function):
    with pytest.raises(UnsafeFileError) as error:
        function()
    return error.value.code


def test_damaged_vectors_are_found_when_asked_for(path):
    data = flipped(path, "vocab/vectors/data")
    load(path)
    assert code_of(lambda: load(path, verify=True)) == "digest-mismatch"
    assert code_of(lambda: load(path, mmap=False)) == "digest-mismatch"
    assert code_of(lambda: loads(bytes(data))) == "digest-mismatch"


def test_a_required_signature_covers_mapped_vectors(path):
    key = b"a secret of ours, long enough"
    dump(load(path), path, sign=key)
    load(path, require_signature=key)
    flipped(path, "vocab/vectors/data")
    assert code_of(lambda: load(path, require_signature=key)) == "digest-mismatch"
    assert code_of(lambda: verify(path)) == "digest-mismatch"


@pytest.mark.parametrize(
    "name",
    [
        *("meta.json", "config.json", "tokenizer", "pipe/ner/state", "pipe/ner/model.json"),
        *("vocab/strings", "vocab/strings/offsets", "vocab/strings/hashes", "vocab/strings/order"),
        *("vocab/vectors/keys", "vocab/vectors/rows", "vocab/vectors/order"),
    ],
)
def test_any_other_damage_is_always_found(path, name):
    flipped(path, name)
    assert code_of(lambda: load(path)) == "digest-mismatch"


def test_damaged_weights_are_always_found(path):
    names = [n for n in pickle.loads(path.read_bytes()) if n.startswith("pipe/ner/model/")]
    flipped(path, names[0])
    assert code_of(lambda: load(path)) == "digest-mismatch"


def test_a_spacy_that_takes_no_other_string_store(folder, path, monkeypatch):
    def refuse(*args):
        raise TypeError("another signature")

    monkeypatch.setattr(spacy.vocab, "unpickle_vocab", refuse)
    mapped_vocab.can_map.cache_clear()
    try:
        nlp = load(path)
    finally:
        mapped_vocab.can_map.cache_clear()
    assert type(nlp.vocab.strings) is StringStore
    assert_same(spacy.load(folder / "stock"), nlp)


def test_a_spacy_that_does_not_ask_the_string_store(folder, path, monkeypatch):
    monkeypatch.setattr(MappedStrings, "__getitem__", StringStore.__getitem__)
    mapped_vocab.can_map.cache_clear()
    try:
        assert not mapped_vocab.can_map()
    finally:
        mapped_vocab.can_map.cache_clear()


def test_a_machine_of_the_other_byte_order(monkeypatch):
    monkeypatch.setattr(mapped_vocab.sys, "byteorder", "big")
    mapped_vocab.can_map.cache_clear()
    try:
        assert not mapped_vocab.can_map()
    finally:
        mapped_vocab.can_map.cache_clear()


def test_this_spacy_can_map():
    assert mapped_vocab.can_map()


def test_a_spacy_that_keeps_component_configs_elsewhere(pipelines, monkeypatch):
    data = dumps(pipelines("full"))
    quick = loads(data)
    assert "create_pipe" not in vars(quick)
    monkeypatch.setattr(build, "quick_components", contextlib.nullcontext)
    official = loads(data)
    assert official.config == quick.config
    assert official._pipe_configs == quick._pipe_configs
    assert official.to_bytes() == quick.to_bytes()


def test_a_file_system_that_cannot_map(folder, path, monkeypatch):
    class Refusing(mmap.mmap):
        def __new__(cls, *args, **kwargs):
            raise OSError("not supported")

    monkeypatch.setattr(source.mmap, "mmap", Refusing)
    assert_same(spacy.load(folder / "stock"), load(path))
