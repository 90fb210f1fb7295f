"""The arguments of `load` mean what they mean in `spacy.load`."""

from __future__ import annotations

import pytest
import spacy

from spacy_pickled_ner.deployment import package
from spacy_pickled_ner.errors import ModelFileError, SettingsError
from spacy_pickled_ner.model_file import PipelineHandle, dump, load
from spacy_pickled_ner.pipelines import load_base


@pytest.fixture(scope="module")
def saved(pipelines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    nlp = pipelines("full")
    nlp.to_disk(folder / "stock")
    dump(nlp, folder / "v1.pkl")
    dump(nlp, folder / "seed.pkl", format="seed")
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {"disable": ["ner", "tagger"]},
        {"disable": "ner"},
        {"enable": ["tok2vec", "ner"]},
        {"exclude": ["parser", "brands"]},
        {"exclude": "tokenizer"},
        {"exclude": ["vocab"]},
        {"exclude": ["strings", "lookups", "vectors"]},
        {"config": {"nlp": {"batch_size": 7}}},
        {"config": {"nlp.batch_size": 7, "components.ner.update_with_oracle_cut_size": 5}},
        {"disable": ["no_such_component"], "exclude": ["nor_this"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("file", ["v1.pkl", "seed.pkl"])
def test_same_as_spacy_load(saved, options, file):
    stock, ours = spacy.load(saved / "stock", **options), load(saved / file, **options)
    assert ours.component_names == stock.component_names
    assert ours.pipe_names == stock.pipe_names
    assert ours.batch_size == stock.batch_size
    assert ours.config.to_str() == stock.config.to_str()
    assert ours.tokenizer.to_bytes() == stock.tokenizer.to_bytes()
    assert sorted(ours.vocab.strings) == sorted(stock.vocab.strings)
    assert ours.meta["labels"] == stock.meta["labels"]


@pytest.mark.parametrize("file", ["v1.pkl", "seed.pkl"])
def test_shared_vocab(saved, file):
    vocab = spacy.blank("en").vocab
    vocab.strings.add("mine")
    loaded = load(saved / file, vocab=vocab)
    assert loaded.vocab is vocab
    assert "mine" in vocab.strings
    assert "Acme" in vocab.strings


def test_vocab_of_another_language(saved):
    with pytest.raises(ValueError, match="E150"):
        load(saved / "v1.pkl", vocab=spacy.blank("de").vocab)


def test_contradiction(saved):
    with pytest.raises(ValueError, match="both enable and disable ner"):
        load(saved / "v1.pkl", enable=["ner"], disable=["ner"])


def test_override_without_section(saved):
    with pytest.raises(ValueError, match="no such section"):
        load(saved / "v1.pkl", config={"nope.value": 1})


def test_trusted_is_never_a_boolean(saved):
    with pytest.raises(TypeError, match="trusted must be a list of names"):
        load(saved / "v1.pkl", trusted=True)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("x", "factories:x"),
        ("ner:", "factories:ner"),
        ("foo:x", "factories:x"),
        ("factory:zzz", "factories:zzz"),
        ("pattern:ner", "patterns:ner"),
    ],
)
@pytest.mark.parametrize("file", ["v1.pkl", "seed.pkl"])
def test_what_is_trusted_must_be_of_a_known_kind(saved, file, name, meant):
    with pytest.raises(SettingsError, match=f"did you mean {meant!r}.* kinds are .*patterns"):
        load(saved / file, trusted=[name])


def test_a_single_name_is_no_list_of_names(saved):
    uses = (
        load,
        PipelineHandle,
        load_base,
        lambda file, trusted: package(file, "a", trusted=trusted),
    )
    for use in uses:
        with pytest.raises(TypeError, match=r"e\.g\. \['factories:x'\]"):
            use(saved / "v1.pkl", trusted="factories:x")
        with pytest.raises(SettingsError, match="did you mean 'factories:x'"):
            use(saved / "v1.pkl", trusted=["x"])


def test_unknown_kind_of_input():
    with pytest.raises(TypeError, match="cannot load a int"):
        load(5)


def test_file_opened_as_text(saved, tmp_path):
    path = tmp_path / "text"
    path.write_text("text")
    with path.open() as file, pytest.raises(TypeError, match="text mode"):
        load(file)


def test_default_arguments_do_not_leak(saved):
    load(saved / "v1.pkl", config={"nlp.batch_size": 7})
    assert load(saved / "v1.pkl").batch_size != 7


@pytest.mark.parametrize("name", ["en_core_web_sm", "spacy"])
def test_the_name_of_a_package_is_no_file(name):
    with pytest.raises(ModelFileError, match=rf"spacy\.load\('{name}'\) .* pack\('{name}', ") as e:
        load(name)
    assert e.value.code == "not-found"


def test_missing_file(tmp_path):
    with pytest.raises(ModelFileError) as error:
        load(tmp_path / "no.pkl")
    assert error.value.code == "not-found"
