"""Every entry point resolves, is checked by its type hints, and has the defaults of its class."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.util import registry
from thinc.api import Config, ConfigValidationError

import spacy_pickled_ner as spn
from spacy_pickled_ner.annotations import AnnotatedCorpus
from spacy_pickled_ner.early_stopping import EarlyStopping
from spacy_pickled_ner.model_file import loaders, serializers
from spacy_pickled_ner.registrations import callbacks, loggers, misc, readers
from spacy_pickled_ner.spacy_train.completing import CompletedCorpus
from spacy_pickled_ner.spacy_train.rehearsing import Rehearsal
from spacy_pickled_ner.training import FineTuning
from spacy_pickled_ner.training.config import from_config

from .conftest import Row, write_jsonl

# The docs name them; renaming one breaks users' configs.
EXPECTED = {
    "spacy_misc": {"spacy-pickled-ner.EarlyStopping.v1", "spacy-pickled-ner.FineTuning.v1"},
    "spacy_readers": {
        "spacy-pickled-ner.AnnotatedCorpus.v1",
        "spacy-pickled-ner.CompletedCorpus.v1",
    },
    "spacy_callbacks": {
        "spacy-pickled-ner.copy_from_pickled.v1",
        "spacy-pickled-ner.resume_from_base.v1",
        "spacy-pickled-ner.rehearse.v1",
        "spacy-pickled-ner.dump_pickled.v1",
    },
    "spacy_loggers": {"spacy-pickled-ner.EarlyStoppingLogger.v1"},
    "spacy_factories": {"pickled_ner"},
    "spacy_cli": {"pickled-ner"},
    "spacy_pickled_ner_serializers": {"pickle.v1", "seed.v0"},
    "spacy_pickled_ner_loaders": {"pickle.v1", "seed.v0"},
}
ENTRY_POINTS = [
    entry for entry in distribution("spacy-pickled-ner").entry_points if "spacy" in entry.group
]


def look_up(group: str, name: str) -> Any:
    if group == "spacy_pickled_ner_serializers":
        return serializers.get(name)
    if group == "spacy_pickled_ner_loaders":
        return loaders.get(name)
    spacy.blank("xx")  # spaCy looks for factories when it makes a pipeline
    return registry.get(group.removeprefix("spacy_"), name)


def test_the_entry_points_are_those_expected() -> None:
    found: dict[str, set[str]] = {}
    for entry in ENTRY_POINTS:
        found.setdefault(entry.group, set()).add(entry.name)
    assert found == EXPECTED


@pytest.mark.parametrize("entry", ENTRY_POINTS, ids=lambda entry: f"{entry.group}:{entry.name}")
def test_every_entry_point_is_what_its_registry_gives(entry: Any) -> None:
    assert look_up(entry.group, entry.name) is entry.load()


def test_the_readme_names_them_all() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for names in EXPECTED.values():
        assert all(f"`{name}`" in readme or f" {name}" in readme for name in names)


FUNCTIONS = {
    name: function
    for module in (callbacks, loggers, misc, readers)
    for name, function in vars(module).items()
    if name.startswith("create_") and inspect.isfunction(function)
}


def test_every_function_is_registered() -> None:
    named = {entry.value for entry in ENTRY_POINTS}
    assert named >= {f"{made.__module__}:{name}" for name, made in FUNCTIONS.items()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_type_hints_resolve_and_are_complete(name: str) -> None:
    function = FUNCTIONS[name]
    hints = typing.get_type_hints(function)
    assert hints.keys() == {*inspect.signature(function).parameters, "return"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_say_how_a_config_names_them(name: str) -> None:
    (entry,) = [e for e in ENTRY_POINTS if e.value.endswith(f":{name}")]
    kind = entry.group.removeprefix("spacy_")
    assert f'`@{kind} = "{entry.name}"`' in (FUNCTIONS[name].__doc__ or "")


def defaults_of(function: Callable[..., Any]) -> dict[str, Any]:
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
    }


@pytest.mark.parametrize(
    ("function", "made"),
    [
        (misc.create_fine_tuning, FineTuning),
        (callbacks.create_rehearse, Rehearsal),
    ],
)
def test_defaults_and_order_are_those_of_the_class(function: Callable[..., Any], made: Any) -> None:
    fields = {
        field.name: inspect.Parameter.empty
        if field.default is dataclasses.MISSING
        else field.default
        for field in dataclasses.fields(made)
        if field.init
    }
    assert list(defaults_of(function).items()) == list(fields.items())


@pytest.mark.parametrize(
    ("function", "made"),
    [
        (readers.create_annotated_corpus, AnnotatedCorpus),
        (readers.create_completed_corpus, CompletedCorpus),
    ],
)
def test_defaults_of_corpora_are_those_of_their_class(
    function: Callable[..., Any], made: Any
) -> None:
    assert defaults_of(function) == defaults_of(made)


REHEARSE = '[x]\n@callbacks = "spacy-pickled-ner.rehearse.v1"\n'


def resolve(text: str) -> dict[str, Any]:
    found: dict[str, Any] = registry.resolve(Config().from_str(text))
    return found


def test_blocks_with_all_defaults_resolve(tmp_path: Path) -> None:
    made = resolve(
        '[policy]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\n'
        '[run]\n@misc = "spacy-pickled-ner.FineTuning.v1"\nbase = "b"\ntrain = "t"\n'
        '[corpus]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\npath = "a.jsonl"\n'
        '[copy]\n@callbacks = "spacy-pickled-ner.copy_from_pickled.v1"\npath = "a.pkl"\n'
        '[resume]\n@callbacks = "spacy-pickled-ner.resume_from_base.v1"\nbase = "a.pkl"\n'
        '[dump]\n@callbacks = "spacy-pickled-ner.dump_pickled.v1"\npath = "a.pkl"\n'
        '[rehearse]\n@callbacks = "spacy-pickled-ner.rehearse.v1"\nbase = "b"\nraw_text = "t.txt"\n'
        '[completed]\n@readers = "spacy-pickled-ner.CompletedCorpus.v1"\nbase = "b"\n'
        '[completed.corpus]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\npath = "a.jsonl"\n'
        '[logger]\n@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"\n'
    )
    assert made["policy"] == EarlyStopping()
    assert made["run"] == FineTuning(base="b", train="t")
    assert isinstance(made["corpus"], AnnotatedCorpus)
    assert made["rehearse"] == Rehearsal(raw_text="t.txt", base="b")
    assert isinstance(made["completed"], CompletedCorpus)
    assert all(callable(made[name]) for name in ("copy", "resume", "dump", "logger"))


@pytest.mark.parametrize(
    "text",
    [
        '[x]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\npatience = "five"',
        '[x]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\nmode = "up"',
        '[x]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\nnonsense = 1',
        '[x]\n@misc = "spacy-pickled-ner.FineTuning.v1"\nbase = "b"',
        '[x]\n@misc = "spacy-pickled-ner.FineTuning.v1"\nbase = "b"\ntrain = "t"\nretention = "x"',
        '[x]\n@misc = "spacy-pickled-ner.FineTuning.v1"\nbase = 1\ntrain = "t"',
        '[x]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\npath = "a"\nalignment_mode = "x"',
        '[x]\n@callbacks = "spacy-pickled-ner.copy_from_pickled.v1"\npath = "a"\nvocab = "no"',
        '[x]\n@callbacks = "spacy-pickled-ner.dump_pickled.v1"\npath = null',
        '[x]\n@callbacks = "spacy-pickled-ner.resume_from_base.v1"\nbase = null',
        f'{REHEARSE}base = "b"',
        f'{REHEARSE}base = "b"\nraw_text = "t"\nratio = "all"',
        f'{REHEARSE}base = "b"\nraw_text = "t"\nseed = null',
        '[x]\n@readers = "spacy-pickled-ner.CompletedCorpus.v1"\nbase = "b"\ncorpus = "a.jsonl"',
        '[x]\n@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"\nlogger = "console"',
        '[x]\n@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"\nearly_stopping = 5',
    ],
)
def test_hints_are_what_a_config_is_checked_against(text: str) -> None:
    with pytest.raises(ConfigValidationError):
        resolve(text)


def test_settings_are_checked_by_the_class() -> None:
    with pytest.raises(spn.SettingsError):
        resolve('[x]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\npatience = 0')


def test_a_whole_block_is_a_run(tmp_path: Path) -> None:
    config = Config().from_str(
        '[pickled_ner]\n@misc = "spacy-pickled-ner.FineTuning.v1"\nbase = "b"\n'
        'train = "t.jsonl"\ndropout = 0.3\ntrusted = ["factories:x"]\n'
        '[pickled_ner.early_stopping]\n@misc = "spacy-pickled-ner.EarlyStopping.v1"\n'
        'monitor = "loss"\npatience = 2\npatience_unit = "epochs"\n'
        '[pickled_ner.dev]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\npath = "d.jsonl"\n'
    )
    tuning = from_config(config)
    assert (tuning.dropout, list(tuning.trusted)) == (0.3, ["factories:x"])
    assert tuning.early_stopping == EarlyStopping(
        monitor="loss", patience=2, patience_unit="epochs"
    )
    assert tuning.files() == [Path("t.jsonl"), Path("d.jsonl")]


def test_the_callbacks_do_what_they_say(
    tiny_base: Language, tiny_base_pkl: Path, tmp_path: Path
) -> None:
    made = resolve(
        f'[copy]\n@callbacks = "spacy-pickled-ner.copy_from_pickled.v1"\npath = "{tiny_base_pkl}"\n'
        f'[dump]\n@callbacks = "spacy-pickled-ner.dump_pickled.v1"\npath = "{tmp_path / "a.pkl"}"\n'
    )
    nlp = made["copy"](spacy.blank("en"))
    assert "PERSON" in nlp.vocab.strings
    assert made["dump"](nlp) is nlp
    assert spn.load(tmp_path / "a.pkl").meta["lang"] == "en"


def test_the_reader_reads(tmp_path: Path) -> None:
    row: Row = {"text": "Tea", "spans": [{"start": 0, "end": 3, "label": "DRINK"}]}
    path = write_jsonl(tmp_path / "a.jsonl", [row, {}])
    made = resolve(
        '[x]\n@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"\n'
        f'path = "{path}"\nskip_invalid = true\n'
    )
    (example,) = made["x"](spacy.blank("en"))
    assert example.get_aligned_ner() == ["U-DRINK"]
