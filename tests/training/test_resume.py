"""A run that is killed and started again ends with the bytes of one that never was."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.training.batchers import configure_minibatch
from thinc.api import Adam, compounding, warmup_linear

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, StopReason
from spacy_pickled_ner.training import TrainingListener
from spacy_pickled_ner.training.checkpoint import keeper
from spacy_pickled_ner.training.progress import Progress

from ..conftest import DEV, KNOWN, TRAIN, Run

RAW = ["Ada was late.", "Nobody said so.", "It was dark, and Grace left.", "They went there."]


class KilledError(Exception):
    pass


class Killer(TrainingListener):
    """Ends a run at one step, as if it was killed there, and hears where it went on."""

    def __init__(self, at: int | None = None, *, error: type[BaseException] = KilledError):
        self.at = at
        self.error = error
        self.resumed_at: int | None = None

    def on_resume(self, progress):
        self.resumed_at = progress.step

    def on_step(self, step, epoch, loss):
        if step == self.at:
            raise self.error


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checkpoints go, at every step however long that takes."""
    monkeypatch.setattr(keeper, "BUDGET", 1e9)
    return tmp_path / "run" / "checkpoint"


def kill(run: Callable[..., Any], at: int, folder: Path) -> int | None:
    killer = Killer(at)
    with pytest.raises(KilledError):
        run(checkpoint_dir=folder, listener=killer)
    return killer.resumed_at


SETTINGS: dict[str, Callable[[], dict[str, Any]]] = {
    "default": dict,
    "one evaluation an epoch": lambda: {
        "early_stopping": EarlyStopping(patience=4, patience_unit="epochs"),
        "batcher": configure_minibatch(5),
    },
    "minibatches with a schedule": lambda: {
        "batcher": configure_minibatch(compounding(2.0, 6.0, 1.05))
    },
    "learning rate with a schedule": lambda: {"optimizer": Adam(warmup_linear(0.005, 5, 60))},
    "no averages": lambda: {"optimizer": Adam(0.005, use_averages=False)},
    "retention guard": lambda: {
        "early_stopping": EarlyStopping(patience=None, max_retention_drop=0.5),
        "retention_dev": KNOWN,
    },
    "the loss alone": lambda: {
        "dev": None,
        "early_stopping": EarlyStopping.seed_rule(),
        "max_epochs": 12,
    },
    "no NER in the base": lambda: {"base": "blank:en"},
    "shared tok2vec": dict,
    "a second NER, with raw text": lambda: {"retention": "stack", "raw_text": RAW},
    # The weights are pulled back at every sixteenth update.
    "replay of raw text": lambda: {"retention": "replay", "raw_text": RAW, "max_steps": 40},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_killed_and_resumed_ends_with_the_same_bytes(
    tune: Run, folder: Path, name: str, shared_base: Language
):
    def run(**settings):
        more = {"base": shared_base} if name == "shared tok2vec" else {}
        return tune(**{"max_steps": 33, **SETTINGS[name](), **more, **settings})

    expected = run()
    last = expected.last_step
    assert last >= 12
    kills = [(2, None), (6, 1), (last // 2, 5), (last, last // 2 - 1)]
    if name != "default":
        kills = [(6, None), (last, 5)]
    for at, resumed_at in kills:
        assert kill(run, at, folder) == resumed_at
    listener = Killer()
    result = run(checkpoint_dir=folder, listener=listener)
    assert listener.resumed_at == last - 1
    assert spn.dumps(result.nlp) == spn.dumps(expected.nlp)
    assert result.stop_reason is expected.stop_reason
    assert result.stop_explanation == expected.stop_explanation
    rows, expected_rows = (
        [{**row.to_dict(), "seconds": 0} for row in r.history] for r in (result, expected)
    )
    assert rows == expected_rows
    assert not folder.exists()


def test_a_checkpoint_does_not_change_the_result(tune: Run, folder: Path):
    assert spn.dumps(tune(checkpoint_dir=folder).nlp) == spn.dumps(tune().nlp)


def test_nothing_is_written_that_the_budget_does_not_allow(tune: Run, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(keeper, "BUDGET", 0.0)
    assert kill(tune, 20, tmp_path / "checkpoint") is None
    assert list((tmp_path / "checkpoint").iterdir()) == []


def test_time_before_the_interruption_counts(tune: Run, folder: Path):
    policy = EarlyStopping(patience=None, max_seconds=3600.0)
    kill(lambda **s: tune(early_stopping=policy, **s), 8, folder)
    before = Progress()
    before.load_state_dict({**before.state_dict(), "seconds": {"total": 3599.0, "train": 3000.0}})
    assert before.elapsed() >= 3599.0
    assert before.timing(0.0)["total_s"] >= 3599.0
    assert before.timing(0.0)["train_s"] == 3000.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dropout": 0.3}, r"setting dropout was 0\.1, is 0\.3"),
        ({"seed": 1}, "setting seed was 0, is 1"),
        ({"max_steps": 41}, "setting max_steps was 40, is 41"),
        ({"early_stopping": EarlyStopping(patience=4)}, r'setting early_stopping .*"patience": 4'),
        ({"optimizer": Adam(0.004)}, r'setting optimizer .*"learn_rate": 0\.004'),
        ({"batcher": configure_minibatch(4)}, r'setting batcher .*"size": 4'),
        ({"train": TRAIN[:-1]}, "data train has changed"),
        ({"dev": DEV[:-1]}, "data dev has changed"),
        ({"retention_dev": KNOWN}, "data retention_dev is new"),
        ({"raw_text": RAW}, "data raw_text has changed"),
    ],
)
def test_another_run_is_refused_and_told_what_changed(tune: Run, folder: Path, changed, message):
    kill(tune, 8, folder)
    before = (folder / "checkpoint.pkl").read_bytes()
    with pytest.raises(spn.CheckpointError, match=message) as caught:
        tune(checkpoint_dir=folder, **changed)
    assert len(caught.value.changed) == 1
    assert str(folder) in str(caught.value)
    assert (folder / "checkpoint.pkl").read_bytes() == before
    # What has not changed is still there to go on with.
    listener = Killer()
    tune(checkpoint_dir=folder, listener=listener)
    assert listener.resumed_at == 7


def test_another_base_is_refused(tune: Run, base: Language, folder: Path, tmp_path: Path):
    base.to_disk(tmp_path / "base")
    kill(lambda **s: tune(base=tmp_path / "base", **s), 8, folder)
    again = spn.loads(spn.dumps(base))
    again.get_pipe("tagger").model.get_ref("softmax").get_param("b")[...] += 1
    again.to_disk(tmp_path / "base")
    with pytest.raises(spn.CheckpointError) as caught:
        tune(base=tmp_path / "base", checkpoint_dir=folder)
    assert caught.value.changed == ("base tagger has changed",)


def test_a_batcher_whose_schedule_has_moved_on_is_another_one(tune: Run, folder: Path):
    batcher = configure_minibatch(compounding(1.0, 8.0, 1.2))
    kill(lambda **s: tune(batcher=batcher, **s), 20, folder)
    with pytest.raises(spn.CheckpointError, match="setting batcher"):
        tune(batcher=batcher, checkpoint_dir=folder)


def test_batches_that_cannot_be_made_again_are_found_out(tune: Run, folder: Path):
    batchers = iter([configure_minibatch(2), configure_minibatch(3)])

    def moody(examples):
        return next(batchers)(examples)

    kill(lambda **s: tune(batcher=moody, **s), 5, folder)
    with pytest.raises(spn.TrainingError, match="after step 4: the batches before it differ"):
        tune(batcher=moody, checkpoint_dir=folder)


def test_damage_and_strangers_are_refused(tune: Run, folder: Path, tmp_path: Path):
    kill(tune, 8, folder)
    path = folder / "checkpoint.pkl"
    good = path.read_bytes()

    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    for bad in (good[: len(good) // 2], good[:-5000] + b"x" * 5000, b"", pickle.dumps(Bomb())):
        path.write_bytes(bad)
        with pytest.raises(spn.CheckpointError, match="cannot be read"):
            tune(checkpoint_dir=folder)
        assert path.read_bytes() == bad
    assert not (tmp_path / "exploded").exists()
    tune().dump(path)
    with pytest.raises(spn.CheckpointError, match="cannot be read"):
        tune(checkpoint_dir=folder)


def test_a_disk_that_fails_does_not_end_the_run(tune: Run, folder: Path, caplog):
    class Saboteur(TrainingListener):
        def on_step(self, step, epoch, loss):
            if step == 4:
                (folder / "checkpoint.pkl").unlink()
                folder.rmdir()
                folder.write_text("in the way")

    result = tune(checkpoint_dir=folder, listener=Saboteur())
    assert spn.dumps(result.nlp) == spn.dumps(tune().nlp)
    assert "skipped a checkpoint" in caplog.text
    assert "cannot remove the checkpoint of this finished run" in caplog.text


def test_ctrl_c_gives_the_best_and_keeps_the_checkpoint(tune: Run, folder: Path):
    impatient = Killer(13, error=KeyboardInterrupt)
    result = tune(checkpoint_dir=folder, listener=impatient)
    assert result.stop_reason is StopReason.INTERRUPTED
    listener = Killer()
    finished = tune(checkpoint_dir=folder, listener=listener)
    assert listener.resumed_at == 12
    assert spn.dumps(finished.nlp) == spn.dumps(tune().nlp)


def test_other_files_in_the_folder_stay(tune: Run, folder: Path):
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    tune(checkpoint_dir=folder)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_the_checkpoint_can_be_kept_until_the_result_is_safe(base: Language, folder: Path):
    tuning = spn.FineTuning(
        base=base, train=TRAIN, dev=DEV, eval_frequency=5, max_steps=10, checkpoint_dir=folder
    )
    tuning.run(keep_checkpoint=True)
    assert (folder / "checkpoint.pkl").is_file()
    tuning.remove_checkpoint()
    assert not folder.exists()


def test_a_file_is_no_folder_for_checkpoints(tune: Run, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(spn.SettingsError, match="checkpoint_dir"):
        tune(checkpoint_dir=tmp_path / "file")
    with pytest.raises(spn.SaveError, match="cannot create the folder"):
        tune(checkpoint_dir=tmp_path / "file" / "checkpoint")
