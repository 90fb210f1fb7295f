"""A trained NER out of a model file behaves in another pipeline as it did in its own."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import ConfigValidationError

import spacy_pickled_ner as spn

from ..conftest import OLD_ROWS, TRAIN_ROWS, Row, tiny_tok2vec, train_known
from ..model_file.pipelines import LISTENER, full, parser_model

TEXTS = [row["text"] for row in OLD_ROWS]
Ents = list[tuple[int, int, str]]


def add(nlp: Language, path: Path | str, name: str = "people", **where: Any) -> Any:
    config = {"path": str(path), **where.pop("config", {})}
    return nlp.add_pipe("pickled_ner", name=name, config=config, **where)


def entities(nlp: Language) -> list[Ents]:
    docs = nlp.pipe(TEXTS)
    return [[(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] for doc in docs]


def examples(nlp: Language, rows: list[Row]) -> list[Example]:
    found = []
    for row in rows:
        spans = [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        found.append(Example.from_dict(nlp.make_doc(row["text"]), {"entities": spans}))
    return found


@pytest.fixture
def file(tiny_base_pkl: Path, tmp_path: Path) -> Path:
    """A model file of a test's own, which it may remove."""
    return Path(shutil.copy(tiny_base_pkl, tmp_path / "people.pkl"))


@pytest.fixture
def nlp(file: Path) -> Language:
    """A blank pipeline with the NER of `file` in it."""
    made = spacy.blank("en")
    add(made, file)
    return made


@pytest.fixture(scope="module")
def expected(tiny_base: Language) -> list[Ents]:
    found = entities(tiny_base)
    assert sum(map(len, found)) > len(found) / 2
    return found


def test_finds_what_it_finds_in_its_own_file(nlp: Language, expected: list[Ents]) -> None:
    pipe = nlp.get_pipe("people")
    assert isinstance(pipe, EntityRecognizer)
    assert (pipe.name, pipe.labels) == ("people", ("PERSON",))
    assert pipe.vocab is nlp.vocab
    assert "PERSON" in nlp.vocab.strings
    assert entities(nlp) == expected


def test_takes_nothing_else_out_of_the_file(nlp: Language) -> None:
    assert nlp.component_names == ["people"]


def test_says_what_it_assigns_and_is_scored_by(nlp: Language) -> None:
    analysis = nlp.analyze_pipes()["summary"]["people"]
    assert analysis["assigns"] == ["doc.ents", "token.ent_iob", "token.ent_type"]
    assert nlp.config["training"]["score_weights"]["ents_f"] == 1.0
    assert nlp.evaluate(examples(nlp, OLD_ROWS))["ents_f"] > 0.9


def test_can_be_disabled_and_runs_in_several_processes(nlp: Language, expected) -> None:
    with nlp.select_pipes(disable=["people"]):
        assert not any(entities(nlp))
    docs = nlp.pipe(TEXTS, n_process=2, batch_size=5)
    assert [[ent.text for ent in doc.ents] for doc in docs] == [
        [text[start:end] for start, end, _ in ents]
        for text, ents in zip(TEXTS, expected, strict=True)
    ]


@pytest.mark.parametrize("before", [True, False])
def test_the_first_of_two_has_the_first_say(file: Path, before: bool) -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "HERO", "pattern": "Ada"}])
    add(nlp, file, **({"before": "entity_ruler"} if before else {}))
    [ent] = nlp("I saw Ada yesterday.").ents
    assert ent.label_ == ("PERSON" if before else "HERO")


def test_keeps_entities_that_are_there(nlp: Language) -> None:
    doc = nlp.make_doc("I saw Ada yesterday.")
    doc.set_ents([Span(doc, 3, 4, "DATE")], default="unmodified")
    found = {(ent.text, ent.label_) for ent in nlp(doc).ents}
    assert found == {("Ada", "PERSON"), ("yesterday", "DATE")}


def saved(nlp: Language, way: str, folder: Path) -> Language:
    """The pipeline, saved and loaded in one of several ways."""
    if way == "folder":
        nlp.to_disk(folder / "saved")
        return spacy.load(folder / "saved")
    if way == "pickle":
        return pickle.loads(srsly.pickle_dumps(nlp))
    if way == "seed":
        return spn.loads(spn.dumps(nlp, format="seed"))
    spn.dump(nlp, folder / "saved.pkl")
    if way == "unpack":
        spn.unpack(folder / "saved.pkl", folder / "saved")
        return spacy.load(folder / "saved")
    return spn.load(folder / "saved.pkl")


@pytest.mark.parametrize("way", ["folder", "pickle", "seed", "file", "unpack"])
def test_what_was_saved_needs_neither_the_file_nor_this_package(
    nlp: Language, file: Path, way: str, tmp_path: Path, expected: list[Ents]
) -> None:
    if way == "pickle":
        file.unlink()
    loaded = saved(nlp, way, tmp_path)
    file.unlink(missing_ok=True)
    if way == "pickle":  # the object itself, not yet saved as a pipeline
        loaded = saved(loaded, "folder", tmp_path)
    assert type(loaded.get_pipe("people")) is EntityRecognizer
    assert loaded.config["components"]["people"]["factory"] == "ner"
    assert str(file) not in loaded.config.to_str()
    assert entities(loaded) == expected


def test_survives_bytes(nlp: Language, file: Path, expected: list[Ents]) -> None:
    data = nlp.to_bytes()
    file.unlink()
    assert entities(type(nlp).from_config(nlp.config).from_bytes(data)) == expected
    assert entities(nlp.from_bytes(data)) == expected


def test_the_config_names_the_file_until_it_is_saved(nlp: Language, file: Path, tmp_path) -> None:
    block = {"factory": "pickled_ner", "path": str(file), "component": None, "trusted": []}
    nlp("Ada came home.")
    assert nlp.get_pipe("people").labels == ("PERSON",)
    assert srsly.json_loads(srsly.json_dumps(nlp.config["components"]["people"])) == block
    nlp.to_disk(tmp_path / "saved")
    assert nlp.config["components"]["people"]["factory"] == "ner"
    again = spacy.util.load_model_from_config(nlp.config)
    assert again.get_pipe("people").model.maybe_get_dim("nO") is None


def test_renamed_and_removed_pipes(nlp: Language, tmp_path: Path) -> None:
    pipe = nlp.get_pipe("people")
    nlp.rename_pipe("people", "heroes")
    nlp.to_disk(tmp_path / "saved")
    assert spacy.load(tmp_path / "saved").get_pipe("heroes").labels == ("PERSON",)
    other = spacy.blank("en")
    nlp.remove_pipe("heroes")
    assert pipe.hide_labels is False
    assert other.meta["labels"] == {}


def test_can_be_a_source(nlp: Language, tmp_path: Path, expected: list[Ents]) -> None:
    nlp.to_disk(tmp_path / "saved")
    other = spacy.blank("en")
    other.add_pipe("people", source=nlp)
    assert entities(other) == expected
    assert other.config["components"]["people"]["factory"] == "ner"
    config = spacy.blank("en").config.copy()
    config["nlp"]["pipeline"] = ["people"]
    config["components"] = {"people": {"source": str(tmp_path / "saved")}}
    assert entities(spacy.util.load_model_from_config(config)) == expected


def test_a_source_that_was_never_saved_makes_no_model_file(nlp: Language) -> None:
    """spaCy copies the config that names the file; a model file must not."""
    other = spacy.blank("en")
    other.add_pipe("people", source=nlp)
    with pytest.raises(spn.SaveError, match="would be read from another file"):
        spn.dumps(other)


def sourced_config(file: Path, base: Path) -> Any:
    config = spacy.blank("en").config.copy()
    config["paths"]["people"] = str(file)
    config["nlp"]["pipeline"] = ["people", "tagger"]
    config["components"] = {
        "people": {"factory": "pickled_ner", "path": "${paths.people}"},
        "tagger": {"source": str(base)},
    }
    return spacy.util.load_config_from_str(config.to_str(), interpolate=False)


def test_beside_sources_the_file_stays_in_the_config_until_initialised(
    file: Path, tiny_base_dir: Path, tmp_path: Path, expected: list[Ents]
) -> None:
    nlp = spacy.util.load_model_from_config(sourced_config(file, tiny_base_dir), auto_fill=True)
    assert nlp.config["components"]["people"]["path"] == "${paths.people}"
    with nlp.select_pipes(disable=["tagger"]):
        nlp.initialize()
    file.unlink()
    nlp.to_disk(tmp_path / "saved")
    assert entities(spacy.load(tmp_path / "saved")) == expected


def test_initialising_keeps_the_weights_and_adds_labels(nlp: Language, expected) -> None:
    nlp.initialize()
    assert entities(nlp) == expected
    nlp.initialize(lambda: examples(nlp, TRAIN_ROWS))
    assert nlp.get_pipe("people").labels == ("DRINK", "PERSON")
    nlp.get_pipe("people").initialize(
        lambda: examples(nlp, TRAIN_ROWS), labels={"1": {"TOOL": 1}, "5": {"": 1}}
    )
    assert nlp.get_pipe("people").labels == ("DRINK", "PERSON", "TOOL")


def test_can_be_trained_further(nlp: Language) -> None:
    rows = examples(nlp, TRAIN_ROWS)
    optimizer = nlp.initialize(lambda: rows)
    for _ in range(20):
        nlp.update(rows, sgd=optimizer)
    assert nlp.evaluate(rows)["ents_per_type"]["DRINK"]["f"] > 0.8


@pytest.mark.parametrize(
    ("retention", "labels"),
    [
        ("none", {"people": ("DRINK", "PERSON")}),
        ("replay", {"people": ("DRINK", "PERSON")}),
        ("stack", {"ner_drink": ("DRINK",), "people": ("PERSON",)}),
    ],
)
def test_can_be_fine_tuned(
    nlp: Language, file: Path, tmp_path: Path, retention: str, labels: dict[str, tuple[str, ...]]
) -> None:
    result = spn.fine_tune(
        nlp,
        TRAIN_ROWS,
        dev=TRAIN_ROWS,
        component="people",
        retention=retention,
        max_steps=20,
        eval_frequency=10,
    )
    file.unlink()
    result.dump(tmp_path / "tuned.pkl")
    loaded = spn.load(tmp_path / "tuned.pkl")
    assert {name: loaded.get_pipe(name).labels for name in labels} == labels
    assert entities(loaded) == entities(result.nlp)


def listening(tmp_path: Path, *, disable: bool = False) -> tuple[Language, Path]:
    """A pipeline whose NER listens to a shared tok2vec, and its file."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tiny_tok2vec()})
    nlp.add_pipe("ner", config={"model": {"tok2vec": {**LISTENER, "width": 32}}})
    train_known(nlp, 40)
    if disable:
        nlp.disable_pipes("tok2vec", "ner")
    spn.dump(nlp, tmp_path / "listening.pkl")
    return nlp, tmp_path / "listening.pkl"


@pytest.mark.parametrize("disable", [False, True])
def test_brings_its_own_copy_of_a_shared_tok2vec(tmp_path: Path, disable: bool) -> None:
    base, path = listening(tmp_path, disable=disable)
    for name in base.disabled:
        base.enable_pipe(name)
    expected = entities(base)
    assert any(expected)
    nlp = spacy.blank("en")
    add(nlp, path)
    path.unlink()
    assert entities(nlp) == expected
    assert entities(saved(nlp, "folder", tmp_path)) == expected


def test_refuses_an_ner_that_listens_to_nothing(tmp_path: Path) -> None:
    base, path = listening(tmp_path)
    base.remove_pipe("tok2vec")
    spn.dump(base, path)
    with pytest.raises(spn.ComponentError, match=r"listens to the component \*"):
        add(spacy.blank("en"), path)


def test_one_of_several(tmp_path: Path) -> None:
    spn.dump(full(), tmp_path / "full.pkl")
    nlp = spacy.blank("en")
    with pytest.raises(spn.ComponentError, match=r"several NERs \(ner, brands\); set `component`"):
        add(nlp, tmp_path / "full.pkl")
    for name in ("brands", "ner"):
        add(nlp, tmp_path / "full.pkl", f"my_{name}", config={"component": name})
    assert nlp.component_names == ["my_brands", "my_ner"]
    loaded = saved(nlp, "file", tmp_path)
    blocks = loaded.config["components"]
    widths = {name: block["model"]["tok2vec"]["width"] for name, block in blocks.items()}
    assert widths == {"my_brands": 16, "my_ner": 24}


def test_beam_ner(tmp_path: Path) -> None:
    base = spacy.blank("en")
    base.add_pipe("beam_ner", config={"model": {"tok2vec": tiny_tok2vec()}, "beam_width": 3})
    spn.dump(train_known(base, 5), tmp_path / "beam.pkl")
    nlp = spacy.blank("en")
    pipe = add(nlp, tmp_path / "beam.pkl")
    assert pipe.cfg["beam_width"] == 3
    loaded = saved(nlp, "folder", tmp_path)
    assert loaded.config["components"]["people"]["factory"] == "beam_ner"
    assert loaded.get_pipe("people").cfg["beam_width"] == 3


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ("nobody", r"it has no component 'nobody'; its NERs are: ner"),
        ("tagger", r"its component 'tagger' is a 'tagger', not an NER; its NERs are: ner"),
    ],
)
def test_wrong_component(file: Path, component: str, message: str) -> None:
    with pytest.raises(spn.ComponentError, match=message) as caught:
        add(spacy.blank("en"), file, config={"component": component})
    assert str(caught.value).startswith(f"cannot add the component 'people' from {file}: ")
    assert (caught.value.component, caught.value.path) == ("people", str(file))


@pytest.mark.parametrize(("pipes", "listed"), [([], "nothing"), (["sentencizer"], "sentencizer")])
def test_a_file_without_ner(tmp_path: Path, pipes: list[str], listed: str) -> None:
    base = spacy.blank("en")
    for name in pipes:
        base.add_pipe(name)
    spn.dump(base, tmp_path / "a.pkl")
    with pytest.raises(spn.ComponentError, match=f"it has no NER, only: {listed}"):
        add(spacy.blank("en"), tmp_path / "a.pkl")


class Own(EntityRecognizer):
    """An NER of the user's own."""


@Language.factory(
    "own_ner_of_a_test", default_config={"model": parser_model("ner", tiny_tok2vec())}
)
def make_own(nlp: Language, name: str, model: Any) -> Own:
    return Own(nlp.vocab, model, name)


def test_an_ner_of_another_kind(tmp_path: Path) -> None:
    base = spacy.blank("en")
    base.add_pipe("own_ner_of_a_test")
    spn.dump(train_known(base, 1), tmp_path / "own.pkl")
    nlp = spacy.blank("en")
    with pytest.raises(spn.UntrustedContentError, match="own_ner_of_a_test") as caught:
        add(nlp, tmp_path / "own.pkl")
    trusted = list(caught.value.names)
    with pytest.raises(spn.ComponentError, match="from the factory 'own_ner_of_a_test'"):
        add(nlp, tmp_path / "own.pkl", config={"trusted": trusted})


def test_files_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    with pytest.raises(spn.ModelFileError, match=r"component 'x' from gone\.pkl: there is no") as e:
        add(nlp, "gone.pkl", "x")
    assert e.value.code == "not-found"
    data = bytearray(file.read_bytes())
    data[-2000] ^= 1
    file.write_bytes(data)
    with pytest.raises(spn.UnsafeFileError, match="cannot add the component 'x' from") as e:
        add(nlp, file, "x")
    nlp.to_disk(tmp_path / "folder")
    with pytest.raises(spn.ModelFileError, match=r"which spacy\.load reads"):
        add(nlp, tmp_path / "folder", "x")
    assert nlp.component_names == []


@pytest.mark.parametrize(
    "config",
    [{}, {"path": 5}, {"path": None}, {"path": "a", "component": 5}, {"path": "a", "x": 1}],
)
def test_settings_are_checked(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigValidationError):
        spacy.blank("en").add_pipe("pickled_ner", config=config)


def test_paths(file: Path, monkeypatch: pytest.MonkeyPatch, expected: list[Ents]) -> None:
    fsspec = pytest.importorskip("fsspec")
    shutil.copy(file, file.with_name("model.pkl"))
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.chdir(file.parent)
    with fsspec.open("memory://people.pkl", "wb") as remote:
        remote.write(file.read_bytes())
    for path in ("people.pkl", "~/people.pkl", ".", "memory://people.pkl"):
        nlp = spacy.blank("en")
        add(nlp, path)
        assert entities(nlp) == expected


def test_passwords_in_urls_are_not_shown() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(spn.ModelFileError, match="memory://") as caught:
        add(spacy.blank("en"), "memory://user:secret@host/gone.pkl")
    assert "secret" not in str(caught.value)


def test_warns_where_texts_look_different(file: Path, expected: list[Ents]) -> None:
    with pytest.warns(spn.PickledNerWarning, match="the language 'en', and this pipeline is 'de'"):
        add(spacy.blank("de"), file)
    nlp = spacy.blank("en")
    nlp.config["nlp"]["tokenizer"] = {"@tokenizers": "spacy.zh.ChineseTokenizer"}
    with pytest.warns(spn.PickledNerWarning, match=r"'spacy\.Tokenizer\.v1', not 'spacy\.zh"):
        add(nlp, file)
    nlp = spacy.blank("en")
    nlp.vocab.lookups.add_table("lexeme_norm", {"tea": "coffee"})
    with pytest.warns(spn.PickledNerWarning, match=r"normalises 0 words .* this pipeline 1"):
        add(nlp, file)
    assert entities(nlp) == expected
