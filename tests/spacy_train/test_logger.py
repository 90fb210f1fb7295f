"""The policy inside spaCy's own training loop."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.util import registry

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, StopReason
from spacy_pickled_ner.spacy_train import TrainingStopped, early_stopping_logger

from ..conftest import write_jsonl
from .conftest import Train


@pytest.fixture
def nlp() -> Language:
    return spacy.blank("en")


class Recorder:
    """A logger that keeps what it is given."""

    def __init__(self) -> None:
        self.infos: list[dict[str, Any] | None] = []
        self.finalized = 0

    def __call__(self, nlp: Language, stdout: Any, stderr: Any) -> Any:
        def finalize() -> None:
            self.finalized += 1

        return self.infos.append, finalize


def info(step: int, score: float = 0.0, **changes: Any) -> dict[str, Any]:
    found = {
        "epoch": 0,
        "step": step,
        "score": score,
        "other_scores": {"ents_f": score, "ents_per_type": {"DRUG": {"p": 0.1, "f": score}}},
        "losses": {"tok2vec": 1.0, "ner": 2.0},
        "checkpoints": [(score, step)],
        "seconds": 0,
        "words": 10,
    }
    return found | changes


def drive(policy: EarlyStopping, infos: list[dict[str, Any]], nlp: Language, **options: Any) -> Any:
    """Feed infos to a logger as spaCy's loop does; return the stop, if there is one."""
    log_step, finalize = early_stopping_logger(policy, logger=Recorder(), **options)(nlp)
    try:
        for given in infos:
            log_step(given)
    except TrainingStopped as stop:
        return stop
    finally:
        finalize()
    return None


# In spaCy's own loop.


def test_patience_ends_a_run_and_leaves_everything(stock_train: Train, tmp_path: Path) -> None:
    path = tmp_path / "made" / "model.pkl"
    ran = stock_train({"patience": 2}, path=path)
    assert ran.stopped is not None
    assert ran.stopped.code == 0
    assert ran.stopped.reason is StopReason.PATIENCE
    assert ran.stopped.explanation.startswith("stopped by patience: no improvement of ents_f")
    assert "S" + ran.stopped.explanation[1:] in ran.log
    assert ran.log.endswith(f"Saved the best pipeline to {path}")
    best = spacy.load(ran.folder / "model-best")
    last = spacy.load(ran.folder / "model-last")
    assert best.get_pipe("ner").labels == last.get_pipe("ner").labels == ("DRINK",)
    ours = spn.load(path)
    assert ours.meta["performance"]["ents_f"] == best.meta["performance"]["ents_f"] > 0


def test_the_file_holds_the_best_evaluation_and_says_how_the_run_ended(
    stock_train: Train, tmp_path: Path
) -> None:
    # spaCy's score is precision, the policy's recall: they need not agree on the best.
    path = tmp_path / "model.pkl"
    ran = stock_train(
        {"monitor": "ents_r", "patience": 3}, path=path, score_weights={"ents_p": 1.0}
    )
    record = spn.inspect(path)["training"]
    assert ran.stopped is not None
    assert record["stop"]["explanation"] == ran.stopped.explanation
    assert record["stop"]["reason"] == "patience"
    assert record["settings"]["early_stopping"]["patience"] == 3
    recalls = {row["step"]: row["ents_r"] for row in record["history"]}
    assert record["stop"]["best_step"] == max(recalls, key=lambda step: (recalls[step], -step))
    assert record["stop"]["best_score"] == max(recalls.values())
    assert record["stop"]["last_step"] == max(recalls)
    assert spn.load(path).meta["performance"]["ents_r"] == max(recalls.values())


def test_a_stock_directory_is_left_without_any_need_of_ours(stock_train: Train) -> None:
    ran = stock_train({"target": 0.1})
    assert ran.stopped is not None
    assert ran.stopped.reason is StopReason.TARGET
    assert spacy.load(ran.folder / "model-best")("I like cocoa a lot.").ents


@pytest.mark.parametrize("monitor", ["score", "ents_per_type.DRINK.f", "ner_loss", "loss"])
def test_what_can_be_watched(monitor: str, stock_train: Train) -> None:
    ran = stock_train({"monitor": monitor, "patience": 1, "min_delta": 1e6}, output=False)
    assert ran.stopped is not None
    assert f"no improvement of {monitor} by" in ran.stopped.explanation


def test_a_metric_that_is_not_there_is_an_error_that_lists_them(stock_train: Train) -> None:
    with pytest.raises(spn.UnknownMetricError, match=r"ents_per_type\.DRINK\.f.*ner_loss.*score"):
        stock_train({"monitor": "ents_per_type.DRUG.f"})


def test_a_time_budget_holds_between_evaluations(stock_train: Train) -> None:
    ran = stock_train({"max_seconds": 0.0}, eval_frequency=1000)
    assert ran.stopped is not None
    assert ran.stopped.reason is StopReason.MAX_SECONDS
    assert (ran.folder / "model-last").is_dir()


def test_limits_of_spacy_are_explained_too(stock_train: Train) -> None:
    ran = stock_train({"patience": 99}, max_steps=20, output=False)
    assert ran.stopped is None
    assert "Stopped by max_steps: maximum number of steps reached; best" in ran.log
    ran = stock_train({"patience": 99}, max_epochs=2, output=False)
    assert "Stopped by max_epochs: maximum number of epochs reached" in ran.log
    still = {"@optimizers": "SGD.v1", "learn_rate": 0.0}
    ran = stock_train({"patience": 99}, patience=20, optimizer=still, output=False)
    assert "Stopped by spaCy's own [training] patience = 20; our policy:" in ran.log


def test_streamed_corpora(stock_train: Train) -> None:
    policy = {"patience": 2, "patience_unit": "epochs"}
    ran = stock_train(policy, max_epochs=-1, eval_frequency=1, output=False)
    assert ran.stopped is not None
    assert "in 2 epochs" in ran.stopped.explanation


def test_loggers_are_chained(stock_train: Train, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    console = {"@loggers": "spacy.ConsoleLogger.v3"}
    to_file = {**console, "console_output": False, "output_file": str(log)}
    chain = {"@loggers": "spacy.ChainLogger.v1", "logger1": to_file, "logger2": console}
    ran = stock_train({"patience": 2}, logger=chain, output=False)
    assert ran.stopped is not None
    assert "ENTS_F" in ran.log
    # Written out and closed, with the evaluation that ended the run.
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    found = re.search(r"over \S+ \(step (\d+)\) in 2", ran.stopped.explanation)
    assert found is not None
    assert rows[-1]["step"] == int(found[1]) + 20


def test_a_file_needs_an_output_folder(stock_train: Train, tmp_path: Path) -> None:
    with pytest.raises(spn.TrainingError, match="--output"):
        stock_train({}, path=tmp_path / "model.pkl", output=False)


def test_an_error_in_training_is_not_explained_away(
    stock_train: Train, train_file: Path, tmp_path: Path
) -> None:
    class BrokenError(Exception):
        pass

    @registry.callbacks("tests.break_at_5.v1")
    def make() -> Any:
        def break_at_5(nlp: Language, args: dict[str, Any]) -> None:
            if args["step"] == 5:
                raise BrokenError

        return break_at_5

    path = tmp_path / "model.pkl"
    with pytest.raises(BrokenError):
        stock_train({}, path=path, before_update={"@callbacks": "tests.break_at_5.v1"})
    # What there was of a best is kept, and does not claim a reason.
    assert spn.inspect(path)["training"]["stop"]["explanation"] is None


# Alone, fed as spaCy's loop feeds it.


def test_the_inner_logger_hears_of_every_step_and_is_finalised(nlp: Language) -> None:
    recorder = Recorder()
    log_step, finalize = early_stopping_logger(EarlyStopping(patience=1), logger=recorder)(nlp)
    given = [info(0), None, info(2, 0.5), None, info(4, 0.5)]
    for each in given[:-1]:
        log_step(each)
    with pytest.raises(TrainingStopped):
        log_step(given[-1])
    finalize()
    assert recorder.infos == given
    assert recorder.finalized == 1


def test_each_run_starts_afresh(nlp: Language) -> None:
    policy = EarlyStopping(patience=1)
    logger = early_stopping_logger(policy, logger=Recorder())
    for _ in range(2):
        log_step, _ = logger(nlp)
        log_step(info(0))
        with pytest.raises(TrainingStopped):
            log_step(info(1))
    assert policy == EarlyStopping(patience=1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_run(bad: float, nlp: Language) -> None:
    broken = info(2, 0.9, losses={"ner": bad})
    stop = drive(EarlyStopping(), [info(0), info(1, 0.5), broken], nlp)
    assert stop.reason is StopReason.NON_FINITE
    assert "50.0 (step 1)" in stop.explanation


def test_the_loss_of_a_single_first_update_is_no_best(nlp: Language) -> None:
    first = info(0, losses={"ner": 0.1})
    falling = [info(step, losses={"ner": 100.0 - step}) for step in range(1, 9)]
    assert drive(EarlyStopping(monitor="loss", patience=2), [first, *falling], nlp) is None


def test_retention_is_whatever_score_must_not_fall(nlp: Language) -> None:
    def scores(drug: float, person: float) -> dict[str, Any]:
        return {"ents_per_type": {"DRUG": {"f": drug}, "PERSON": {"f": person}}}

    policy = EarlyStopping(
        monitor="ents_per_type.DRUG.f",
        retention_monitor="ents_per_type.PERSON.f",
        max_retention_drop=0.1,
        patience=2,
    )
    pairs = [(0.1, 0.9), (0.5, 0.85), (0.9, 0.1), (0.9, 0.1)]
    rows = [info(step, other_scores=scores(*pair)) for step, pair in enumerate(pairs)]
    stop = drive(policy, rows, nlp)
    assert "50.0 (step 1)" in stop.explanation


def test_a_keyboard_interrupt_is_named(nlp: Language, capsys: pytest.CaptureFixture[str]) -> None:
    log_step, finalize = early_stopping_logger(EarlyStopping(), logger=Recorder())(nlp)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        try:
            log_step(info(0))
            raise KeyboardInterrupt
        finally:
            finalize()
    assert "Interrupted" in capsys.readouterr().out


def test_the_console_is_the_default(nlp: Language, capsys: pytest.CaptureFixture[str]) -> None:
    log_step, finalize = early_stopping_logger(EarlyStopping())(nlp)
    log_step(info(0))
    finalize()
    assert "SCORE" in capsys.readouterr().out


def test_a_failing_logger_is_not_hidden(nlp: Language, capsys: pytest.CaptureFixture[str]) -> None:
    def failing(nlp: Language, stdout: Any, stderr: Any) -> Any:
        def finalize() -> None:
            raise OSError("disk full")

        return (lambda info: None), finalize

    log_step, finalize = early_stopping_logger(EarlyStopping(patience=1), logger=failing)(nlp)
    log_step(info(0))
    with pytest.raises(TrainingStopped):
        log_step(info(1))
    with pytest.raises(OSError, match="disk full"):
        finalize()
    assert "Stopped by patience" in capsys.readouterr().out


def test_dev_data_without_entities_has_nothing_to_watch(tmp_path: Path, stock_train: Train) -> None:
    write_jsonl(tmp_path / "dev.jsonl", [{"text": "Nothing here.", "spans": []}])
    with pytest.raises(spn.UnknownMetricError, match="cannot monitor 'ents_f'"):
        stock_train({}, output=False)
