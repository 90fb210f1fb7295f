"""Our loop, told to spaCy's loggers."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.util import registry

from spacy_pickled_ner import EarlyStopping, dumps

from ..cli.conftest import plain
from ..conftest import TRAIN, Run


class Recorder:
    """A logger that keeps what it is given."""

    def __init__(self) -> None:
        self.infos: list[Any] = []
        self.finalized = 0
        self.config: Any = None
        self.pipes: list[str] = []

    def __call__(self, nlp: Language, stdout: Any, stderr: Any) -> Any:
        self.config = nlp.config.interpolate()
        self.pipes = nlp.pipe_names

        def finalize() -> None:
            self.finalized += 1

        return self.infos.append, finalize


def test_a_logger_hears_what_spacys_loop_would_tell_it(tune: Run) -> None:
    recorder = Recorder()
    result = tune(logger=recorder, max_steps=10)
    infos = [info for info in recorder.infos if info is not None]
    assert recorder.infos.count(None) == 10
    assert recorder.finalized == 1
    assert [info["step"] for info in infos] == [0, 5, 10]
    assert [info["epoch"] for info in infos] == [max(r.epoch - 1, 0) for r in result.history]
    assert [info["score"] for info in infos] == [row.metrics["ents_f"] for row in result.history]
    assert infos[-1]["checkpoints"] == [(info["score"], info["step"]) for info in infos]
    assert infos[-1]["losses"] == {"ner": result.history[-1].loss}
    assert infos[0]["losses"] == {"ner": 0.0}
    assert infos[-1]["other_scores"]["ents_per_type.DRINK.f"] == result.scores["ents_f"]


def test_a_logger_sees_the_settings_and_what_is_trained(tune: Run) -> None:
    recorder = Recorder()
    tune(logger=recorder, max_steps=10, dropout=0.3)
    assert recorder.pipes == ["ner"]
    assert recorder.config["pickled_ner"]["dropout"] == 0.3
    assert recorder.config["training"]["max_steps"] == 10
    weights = recorder.config["training"]["score_weights"]
    assert {name for name, weight in weights.items() if weight is not None} == {
        *("ents_f", "ents_p", "ents_r")
    }


def test_a_logger_leaves_no_trace_in_the_pipeline(tune: Run) -> None:
    assert dumps(tune(logger=Recorder()).nlp) == dumps(tune().nlp)


def test_a_loss_is_no_score(tune: Run) -> None:
    recorder = Recorder()
    policy = EarlyStopping(monitor="loss", patience=None)
    tune(logger=recorder, early_stopping=policy, dev=None, max_steps=10)
    assert [info["score"] for info in recorder.infos if info] == [0.0, 0.0]


def test_a_logger_is_finalised_after_an_error(tune: Run) -> None:
    recorder = Recorder()

    def failing(nlp: Language, stdout: Any, stderr: Any) -> Any:
        def log_step(info: Any) -> None:
            if info and info["step"] == 5:
                raise ConnectionError("the tracker is away")

        return log_step, recorder(nlp, stdout, stderr)[1]

    with pytest.raises(ConnectionError):
        tune(logger=failing)
    assert recorder.finalized == 1


def test_a_base_without_ner(tune: Run) -> None:
    recorder = Recorder()
    tune(base="blank:en", logger=recorder, max_steps=5)
    assert recorder.pipes == ["ner"]


def test_spacys_console(tune: Run, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    logger = registry.get("loggers", "spacy.ConsoleLogger.v3")(output_file=log)
    with redirect_stdout(io.StringIO()) as printed:
        result = tune(logger=logger, max_steps=10, train=TRAIN)
    assert "E # LOSS NER ENTS_F ENTS_P ENTS_R SCORE" in plain(printed.getvalue())
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    scores = [row.metrics["ents_f"] for row in result.history]
    assert [row["score"] for row in rows] == pytest.approx(scores)
