"""Training data that is read while it is trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from spacy.language import Language

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, StopReason
from spacy_pickled_ner.training import TrainingListener, streaming
from spacy_pickled_ner.training.checkpoint import keeper
from spacy_pickled_ner.training.streaming import shuffle

from ..conftest import TRAIN, Run, write_jsonl

ROWS = [*TRAIN * 3, ("The zyxomma is a dragonfly.", {"entities": []})]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "stream.jsonl", ROWS)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Some zones and a full buffer, on a few texts."""
    monkeypatch.setattr(streaming, "ZONE", 10)
    monkeypatch.setattr(streaming, "BUFFER", 7)


@pytest.mark.parametrize("is_blank", [False, True], ids=["base", "blank"])
def test_learns_as_from_a_list(tune: Run, base: Language, file: Path, is_blank: bool):
    source = "blank:en" if is_blank else base
    result = tune(base=source, train=file, stream=True, max_steps=80)
    assert result.scores["ents_f"] > 0.5
    assert result.labels["trained"] == ["DRINK"]
    assert result.data["train"]["texts"] == len(ROWS)
    assert result.frozen_unchanged


def test_words_that_only_the_stream_has_are_forgotten(tune: Run, file: Path, monkeypatch):
    monkeypatch.setattr(streaming, "SAMPLE", 5)
    assert "zyxomma" not in tune(train=file, stream=True).nlp.vocab.strings
    assert "zyxomma" in tune(train=file).nlp.vocab.strings


def test_the_same_seed_gives_the_same_bytes(tune: Run, file: Path):
    first, second = (spn.dumps(tune(train=file, stream=True).nlp) for _ in range(2))
    assert first == second
    assert first != spn.dumps(tune(train=file, stream=True, seed=1).nlp)


def test_every_text_comes_once_an_epoch(tune: Run, base: Language, file: Path):
    seen: list[str] = []

    def one_by_one(examples):
        for example in examples:
            seen.append(example.text)
            yield [example]

    policy = EarlyStopping(patience=None)
    settings = {"early_stopping": policy, "max_steps": 0, "max_epochs": 2}
    tune(train=file, stream=True, batcher=one_by_one, **settings)
    first, second = seen[: len(ROWS)], seen[len(ROWS) :]
    assert sorted(first) == sorted(second) == sorted(text for text, _ in ROWS)
    assert first != second
    assert first != [text for text, _ in ROWS]


def test_an_iterator_is_read_once(tune: Run):
    rows = (row for row in ROWS)
    result = tune(train=rows, stream=True, labels=["DRINK"], max_steps=0)
    assert result.stop_reason is StopReason.DATA_EXHAUSTED
    assert "epoch" not in result.stop_explanation
    assert {row.epoch for row in result.history} == {0, 1}
    assert next(rows, None) is None


def test_an_iterator_needs_its_labels(tune: Run):
    with pytest.raises(spn.SettingsError, match="an iterator can be read only once"):
        tune(train=iter(ROWS), stream=True)


def test_a_label_that_was_not_given_is_an_error_with_its_row(tune: Run):
    rows = [*ROWS, ("I like soup.", {"entities": [(7, 11, "FOOD")]})]
    message = rf"row {len(rows)}: the label FOOD is not one of the given labels \(DRINK\)"
    with pytest.raises(spn.AnnotationError, match=message):
        tune(train=iter(rows), stream=True, labels=["DRINK"], max_steps=0)


def test_labels_are_for_streams(tune: Run):
    with pytest.raises(spn.SettingsError, match="empty, unless stream is set"):
        tune(labels=["DRINK"])


def test_dev_data_cannot_be_split_off(tune: Run, file: Path):
    with pytest.raises(spn.SettingsError, match="a stream cannot be split"):
        tune(train=file, stream=True, dev=None)


def test_a_bad_row_is_found_before_training(tune: Run, file: Path):
    class Impatient(TrainingListener):
        def on_start(self, plan):
            raise AssertionError("training has begun")

    bad = {"text": "tea", "spans": [{"start": 0, "end": 9, "label": "DRINK"}]}
    with file.open("a") as opened:
        opened.write(json.dumps(bad) + "\n")
    with pytest.raises(spn.AnnotationError, match=rf"line {len(ROWS) + 1}: .* outside the text"):
        tune(train=file, stream=True, listener=Impatient())
    result = tune(train=file, stream=True, skip_invalid=True, max_steps=3)
    assert result.data["train"]["skipped"] == {"invalid": 1}


def test_a_stream_without_entities_is_refused(tune: Run, tmp_path: Path):
    rows = write_jsonl(tmp_path / "none.jsonl", [("Nothing here.", {"entities": []})])
    with pytest.raises(spn.AnnotationError, match="there is nothing to train on"):
        tune(train=rows, stream=True)


def test_a_killed_stream_goes_on_to_the_same_bytes(tune: Run, file: Path, tmp_path, monkeypatch):
    class KilledError(Exception):
        pass

    class Killer(TrainingListener):
        def on_step(self, step, epoch, loss):
            if step == 17:
                raise KilledError

    monkeypatch.setattr(keeper, "BUDGET", 1e9)
    run = tmp_path / "run"
    with pytest.raises(KilledError):
        tune(train=file, stream=True, checkpoint_dir=run, listener=Killer())
    result = tune(train=file, stream=True, checkpoint_dir=run)
    assert spn.dumps(result.nlp) == spn.dumps(tune(train=file, stream=True).nlp)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 100])
def test_shuffling_moves_every_row_and_loses_none(count: int):
    rows = list(range(count))
    shuffled = list(shuffle(rows, random.Random(0), size=7))
    assert sorted(shuffled) == rows
    assert shuffled == list(shuffle(rows, random.Random(0), size=7))
    assert count < 6 or shuffled != rows
    # No row comes earlier than the buffer lets it.
    assert all(row < place + 7 for place, row in enumerate(shuffled))
