"""What goes into a file comes out of it: same bytes, same annotations, same config and meta."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import pickletools
import subprocess
import sys

import pytest
import spacy

from spacy_pickled_ner.model_file import dump, dumps, load, loads
from spacy_pickled_ner.ner.unseen import output_rows

from .helpers import assert_same
from .pipelines import PIPELINES, TEXTS, example, full, rulers, static_vectors


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_the_bytes_do_not_depend_on_the_process(hash_seed):
    program = (
        "import hashlib, spacy_pickled_ner as spn\n"
        "from tests.model_file.pipelines import rulers\n"
        "print(hashlib.sha256(spn.dumps(rulers())).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout.strip() == hashlib.sha256(dumps(rulers())).hexdigest()


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("file_format", ["v1", "seed"])
def test_round_trip(pipelines, name, file_format):
    original = pipelines(name)
    assert_same(original, loads(dumps(original, format=file_format)))


@pytest.mark.parametrize("name", PIPELINES)
def test_saving_again_gives_the_same_bytes(pipelines, name):
    data = dumps(pipelines(name))
    assert dumps(loads(data)) == data


def test_phrase_patterns_survive(pipelines):
    loaded = loads(dumps(pipelines("rulers")))
    ents = [(e.text, e.label_, e.ent_id_) for e in loaded(TEXTS[0]).ents]
    assert ents == [("Ada", "PERSON", ""), ("Acme", "ORG", ""), ("Paris", "GPE", "paris")]


def test_training_record_is_kept_to_the_digit(pipelines):
    loaded = loads(dumps(pipelines("full")))
    assert loaded.meta["spacy_pickled_ner"] == {"best_step": 3, "scores": {"ents_f": 0.1 + 0.2}}


def test_variables_of_the_config_are_kept(pipelines):
    loaded = loads(dumps(pipelines("variables")))
    block = loaded.config["components"]["ner"]
    assert block["model"]["tok2vec"]["width"] == "${paths.size}"
    assert block["scorer"]["@scorers"] == "${vars.kind}.v${vars.version}"


def test_disabled_components_are_saved_and_stay_disabled():
    original = rulers()
    original.disable_pipe("entity_ruler")
    loaded = loads(dumps(original))
    assert_same(original, loaded)
    loaded.enable_pipe("entity_ruler")
    assert [e.text for e in loaded("Ada").ents] == ["Ada"]


def test_a_loaded_pipeline_can_be_trained():
    data = dumps(full())
    first, second = loads(data), loads(data)
    losses = []
    for nlp in (first, second):
        spacy.util.fix_random_seed(0)
        optimizer = nlp.resume_training()
        losses.append(nlp.update([example(nlp.vocab)], sgd=optimizer))
    assert losses[0] == losses[1]
    assert dumps(first) == dumps(second) != data


def test_stock_pickle_reads_plain_data(nlp):
    data = dumps(nlp)
    content = pickle.loads(data)
    assert {type(value) for value in content.values()} == {str, bytes}
    assert content["format"] == "pickle.v1"
    opcodes = {opcode.name for opcode, _, _ in pickletools.genops(data)}
    assert opcodes.isdisjoint({"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ"})
    pickletools.dis(data, out=io.StringIO())


def test_weights_are_aligned_writable_views(nlp):
    loaded = loads(dumps(nlp))
    arrays = [
        node.get_param(name)
        for node in loaded.get_pipe("ner").model.walk()
        for name in node.param_names
        if node.has_param(name)
    ]
    assert len(arrays) > 5
    for array in [*arrays, loaded.vocab.vectors.data]:
        assert array.ctypes.data % 64 == 0
        assert array.flags.writeable
        assert not array.flags.owndata


def test_loading_does_not_alias_the_callers_bytes():
    original = static_vectors()
    data = bytearray(dumps(original))
    loaded = loads(data)
    data[:] = bytes(len(data))
    assert_same(original, loaded)


@pytest.mark.parametrize("file_format", ["v1", "seed"])
def test_path_folder_and_open_file(nlp, tmp_path, file_format):
    path = tmp_path / "model.pkl"
    dump(nlp, path, format=file_format)
    with path.open("rb") as file:
        loaded = [load(path), load(str(path)), load(tmp_path), load(file), load(path.read_bytes())]
    assert {x.to_bytes() for x in loaded} == {nlp.to_bytes()}
    with (tmp_path / "other").open("wb") as file:
        dump(nlp, file, format=file_format)
    assert (tmp_path / "other").read_bytes() == path.read_bytes()


def test_classes_without_gold_stay_unpredicted(pipelines):
    original = loads(dumps(pipelines("full")))
    ner = original.get_pipe("ner")
    before = [[ent.label_ for ent in doc.ents] for doc in original.pipe(TEXTS)]
    # As when a component before it finds a label that it does not know, while predicting.
    ner.add_label("NEW")
    for _, rows in output_rows(ner.model).items():
        rows[sorted(ner.model.attrs["unseen_classes"])] = 0
    output_rows(ner.model)["b"][...] -= 100
    loaded = loads(dumps(original))
    unseen = ner.model.attrs["unseen_classes"]
    assert unseen
    assert loaded.get_pipe("ner").model.attrs["unseen_classes"] == unseen
    assert [[ent.label_ for ent in doc.ents] for doc in loaded.pipe(TEXTS)] == before
    assert dumps(loaded) == dumps(original)
