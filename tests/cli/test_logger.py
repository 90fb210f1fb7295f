"""`--logger` and `[pickled_ner.logger]`: spaCy's loggers, and MLflow where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from .conftest import QUICK, Run

COMMAND = ("fine-tune", "base.pkl", "train.jsonl", "--dev", "dev.jsonl", "-o", "model.pkl", *QUICK)
CONFIG = """
[pickled_ner]
@misc = "spacy-pickled-ner.FineTuning.v1"
base = "base.pkl"
train = "train.jsonl"
dev = "dev.jsonl"
eval_frequency = 10
max_steps = 20

[pickled_ner.logger]
@loggers = "spacy.ConsoleLogger.v3"
output_file = "log.jsonl"
"""


def test_a_logger_by_name(run: Run) -> None:
    ran = run(*COMMAND, "--logger", "spacy.ConsoleLogger.v3", "--save-config", "run.cfg")
    assert ran.code == 0
    assert "LOSS NER" in ran.output
    assert '@loggers = "spacy.ConsoleLogger.v3"' in Path("run.cfg").read_text(encoding="utf-8")
    assert run("train", "run.cfg", "-o", "again.pkl").code == 0
    assert Path("again.pkl").read_bytes() == Path("model.pkl").read_bytes()


def test_a_logger_in_a_config(run: Run) -> None:
    Path("run.cfg").write_text(CONFIG, encoding="utf-8")
    assert run("train", "run.cfg", "-o", "model.pkl").code == 0
    assert len(Path("log.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    ran = run("train", "run.cfg", "-o", "b.pkl", "--logger", "tests.missing_tracker.v1")
    assert ran.code == 1


@spacy.registry.loggers("tests.missing_tracker.v1")
def missing_tracker() -> None:
    raise ImportError("No module named 'tracker'")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nope", "Could not find function 'nope'"),
        ("spacy.WandbLogger.v5", "a logger that needs no settings"),
        ("tests.missing_tracker.v1", 'pip install "spacy-pickled-ner[mlflow]"'),
    ],
)
def test_a_logger_that_cannot_be_used(name: str, message: str, run: Run) -> None:
    ran = run(*COMMAND, "--logger", name)
    assert ran.code == 1
    assert message in ran.output
    assert not Path("model.pkl").exists()


# Its own dependencies warn of each other.
@pytest.mark.filterwarnings("ignore")
def test_mlflow_for_real(run: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (work / "mlruns").as_uri())
    mlflow = pytest.importorskip("mlflow")
    mlflow.set_tracking_uri((work / "mlruns").as_uri())
    ran = run(*COMMAND, "--logger", "spacy.MLflowLogger.v2", "--report", "report.html")
    assert ran.code == 0, ran.output
    assert mlflow.active_run() is None
    client = mlflow.MlflowClient()
    (logged,) = client.search_runs(["0"])
    assert logged.info.status == "FINISHED"
    assert logged.data.params["pickled_ner.max_steps"] == "40"
    history = client.get_metric_history(logged.info.run_id, "ents_f")
    assert len(history) >= 2
    assert any(name.startswith("loss_") for name in logged.data.metrics)
    names = [artifact.path for artifact in client.list_artifacts(logged.info.run_id)]
    assert sorted(names) == ["model.pkl", "report.html"]
