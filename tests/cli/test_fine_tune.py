"""`fine-tune`: what it prints and writes."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.cli.console import ConsoleListener
from spacy_pickled_ner.training import running
from spacy_pickled_ner.training.progress import Evaluation

from .conftest import QUICK, Run, snapshot

TASK = ("fine-tune", "base.pkl", "train.jsonl", "--dev", "dev.jsonl", "-o", "model.pkl", *QUICK)


def test_it_learns_and_says_how(run: Run, work: Path) -> None:
    before = snapshot(work)
    ran = run(*TASK)
    assert ran.code == 0
    assert "Base: en_tiny (tagger, ner)" in ran.output
    assert "Trained labels: DRINK (new: DRINK)" in ran.output
    assert "New component: ner_drink (before ner)" in ran.output
    assert "Old labels kept with 'stack': PERSON" in ran.output
    assert "no raw text" in ran.output
    assert "Train: 12 texts, 68 words, 12 entities" in ran.output
    assert "Dev: 6 texts, 34 words, 6 entities" in ran.output
    assert "Stopped by max_steps" in ran.output
    assert "All other components are unchanged" in ran.output
    assert "Saved the pipeline to model.pkl" in ran.output
    assert re.search(
        r"Took [\d.]+ s \(.*updates [\d.]+ s.*\)(; \d+ MB of memory at most)?", ran.output
    )
    assert snapshot(work).keys() - before.keys() == {"model.pkl"}
    assert spn.load("model.pkl")("I like tea a lot.").ents[0].label_ == "DRINK"


def test_metrics_are_what_is_promised(tuned_pkl: Path) -> None:
    metrics = json.loads((tuned_pkl.parent / "metrics.json").read_text(encoding="utf-8"))
    assert metrics.keys() >= {
        *("scores", "baseline_scores", "retention", "per_label", "stop", "history", "timing"),
        *("frozen_unchanged", "data"),
    }
    assert metrics["stop"].keys() >= {"reason", "best_step", "last_step", "best_score"}
    assert metrics["timing"].keys() >= {"train_s", "eval_s", "words_per_second"}
    assert len(metrics["history"]) == 5
    for row in metrics["history"]:
        assert row.keys() >= {"step", "epoch", "seconds", "loss", "ents_p", "ents_r", "ents_f"}
    assert metrics["frozen_unchanged"] is True
    assert metrics["stop"]["reason"] == "max_steps"
    assert metrics["baseline_scores"]["ents_f"] == 0.0
    assert metrics["scores"]["ents_f"] == metrics["stop"]["best_score"] > 0.5
    assert metrics["per_label"]["DRINK"]["support"] == 6
    assert metrics["data"]["train"]["texts"] == 12


def test_the_report_is_one_page(tuned_pkl: Path) -> None:
    page = (tuned_pkl.parent / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "DRINK" in page
    assert "en_tiny 0.0.0" in page
    for heading in ("Confused labels", "Example texts", "Time and memory"):
        assert f"<h2>{heading}" in page


@pytest.mark.parametrize(
    ("monitor", "shown"),
    [
        ("ents_f", "50.00"),
        ("ents_per_type.DRINK.f", "25.00"),
        ("retention", "75.00"),
        # A loss is no percentage, and what was not measured is no number.
        ("loss", "12.50"),
        ("ents_per_type.FOOD.f", "-"),
    ],
)
def test_the_score_is_written_as_the_columns_beside_it(
    capsys: pytest.CaptureFixture[str], monitor: str, shown: str
) -> None:
    metrics = {"ents_f": 0.5, "ents_p": 0.6, "ents_r": 0.4, "loss": 12.5}
    metrics |= {"ents_per_type.DRINK.f": 0.25, "retention": 0.75}
    console = ConsoleListener(monitor=monitor, eval_frequency=0)
    console.on_evaluation(Evaluation(20, 1, 0.5, 12.5, 100, metrics, improved=True))
    row = capsys.readouterr().out.split()
    assert row == ["1", "20", "12.50", "50.00", "60.00", "40.00", shown, "*"]


def test_the_name_goes_into_the_meta(tuned_pkl: Path) -> None:
    assert spn.inspect(tuned_pkl)["name"] == "drinks"


def test_the_same_seed_gives_the_same_bytes(run: Run, work: Path) -> None:
    for name, seed in (("a.pkl", "1"), ("b.pkl", "1"), ("c.pkl", "2")):
        args = ["-o", name, "--max-steps", "10", "--seed", seed]
        assert run("fine-tune", "base", "train.jsonl", "--dev", "dev.jsonl", *args).code == 0
    assert Path("a.pkl").read_bytes() == Path("b.pkl").read_bytes()
    assert Path("a.pkl").read_bytes() != Path("c.pkl").read_bytes()


def test_the_saved_config_repeats_the_run(run: Run, tuned_pkl: Path) -> None:
    ran = run("train", tuned_pkl.parent / "run.cfg", "-o", "again.pkl")
    assert ran.code == 0
    assert Path("again.pkl").read_bytes() == tuned_pkl.read_bytes()


def test_without_dev_data_a_part_is_split_off_and_that_is_said(run: Run) -> None:
    ran = run("fine-tune", "base.pkl", "train.jsonl", "-o", "model.pkl", "--max-steps", "5")
    assert ran.code == 0
    assert "Dev: 2 texts" in ran.output
    assert "split off the training data" in ran.output


def test_a_blank_base_gets_an_ner(run: Run) -> None:
    ran = run(
        *("fine-tune", "blank:en", "train.jsonl", "--dev", "dev.jsonl", "-o", "model.pkl"),
        *("--max-steps", "2"),
    )
    assert ran.code == 0
    assert "New component: ner" in ran.output
    assert spn.load("model.pkl").pipe_names == ["ner"]


def test_the_format_of_the_original_project(run: Run) -> None:
    assert run(*TASK, "--format", "seed").code == 0
    with Path("model.pkl").open("rb") as file:
        assert pickle.load(file).keys() == {"bytes_data", "lang", "pipeline"}
    assert spn.load("model.pkl").pipe_names == ["tagger", "ner_drink", "ner"]


def test_folders_are_made_for_what_is_written(run: Run) -> None:
    ran = run(
        *("fine-tune", "base.pkl", "train.jsonl", "--dev", "dev.jsonl", "-o", "a/b/model.pkl"),
        *("--metrics", "c/m.json", "--report", "d/r.html", "--save-config", "e/run.cfg"),
        *("--max-steps", "2"),
    )
    assert ran.code == 0
    assert all(Path(p).is_file() for p in ("a/b/model.pkl", "c/m.json", "d/r.html", "e/run.cfg"))


def test_force_replaces_what_is_there(run: Run) -> None:
    outputs = ("model.pkl", "m.json", "r.html", "run.cfg")
    for name in outputs:
        Path(name).write_text("old", encoding="utf-8")
    options = ("--metrics", "m.json", "--report", "r.html", "--save-config", "run.cfg", "--force")
    assert run(*TASK, *options).code == 0
    assert all(Path(name).read_bytes() != b"old" for name in outputs)


def test_the_base_itself_can_be_replaced_by_what_becomes_of_it(run: Run) -> None:
    ran = run(*TASK, "-o", "base.pkl", "--force")
    assert ran.code == 0
    assert spn.inspect("base.pkl")["training"]["labels"]["trained"] == ["DRINK"]


def test_what_the_base_knew_is_measured_on_request(run: Run) -> None:
    ran = run(*TASK, "--retention-dev", "old.jsonl", "--metrics", "m.json")
    assert ran.code == 0
    assert "Old labels, on gold: F 100.00 before" in ran.output
    retention = json.loads(Path("m.json").read_text(encoding="utf-8"))["retention"]
    assert retention["before"]["ents_f"] == 1.0


def test_dev_data_without_the_trained_labels_is_a_warning(run: Run) -> None:
    ran = run(
        *("fine-tune", "base.pkl", "train.jsonl", "--dev", "old.jsonl", "-o", "model.pkl", *QUICK)
    )
    assert ran.code == 0
    assert "none of its entities has a trained label (DRINK)" in ran.output
    assert "no training data for PERSON" in ran.output
    assert "No evaluation was better than the base: no second NER is added" in ran.output
    assert (
        "no: no evaluation was better than the base, on DRINK" in run("inspect", "model.pkl").output
    )


def test_much_that_is_forgotten_is_a_warning(run: Run) -> None:
    # Patient enough to learn, at a rate at which the old label is lost.
    options = ("--retention", "none", "--max-steps", "40", "--eval-frequency", "40")
    ran = run(*TASK, "--retention-dev", "old.jsonl", *options, "--force")
    assert ran.code == 0
    assert "⚠ Old labels, on gold: F 100.00 before" in ran.output
    assert "To keep them, use --retention auto, stack or replay." in ran.output


def test_leaked_texts_are_a_warning(run: Run) -> None:
    ran = run(*TASK, "--dev", "train.jsonl")
    assert ran.code == 0
    assert "12 of 12 dev texts are also in the training data" in ran.output


def test_skipped_rows_are_counted(run: Run) -> None:
    with Path("train.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    ran = run(*TASK, "--skip-invalid")
    assert ran.code == 0
    assert "1 invalid row skipped (first: line 13: a row needs" in ran.output


def test_expanding_spans_makes_annotation_that_cuts_words_usable(run: Run) -> None:
    text = '{"text": "unbelievable tea", "spans": [{"start": 2, "end": 5, "label": "PART"}]}\n'
    Path("cut.jsonl").write_text(text, encoding="utf-8")
    task = ("fine-tune", "base.pkl", "cut.jsonl", "-o", "model.pkl", "--dev", "cut.jsonl")
    assert run(*task, "--max-steps", "2").code == 1
    assert run(*task, "--max-steps", "2", "--alignment-mode", "expand").code == 0


def test_ctrl_c_keeps_the_best_so_far(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_step(self: ConsoleListener, step: int, epoch: int, loss: float) -> None:
        if step == 33:
            raise KeyboardInterrupt

    monkeypatch.setattr(ConsoleListener, "on_step", on_step)
    ran = run(*TASK, "--metrics", "m.json")
    assert ran.code == 0
    assert "Interrupted: writing the best weights so far" in ran.output
    metrics = json.loads(Path("m.json").read_text(encoding="utf-8"))
    assert metrics["stop"]["reason"] == "interrupted"
    assert 0 < metrics["stop"]["best_step"] <= 30 < metrics["stop"]["last_step"] == 33
    assert spn.inspect("model.pkl")["training"]["scores"] == metrics["scores"]


def test_ctrl_c_before_training_writes_nothing(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_base(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "load_base", load_base)
    before = snapshot(work)
    ran = run(*TASK)
    assert ran.code == 130
    assert snapshot(work) == before


def test_a_stream(run: Run, work: Path):
    command = ("fine-tune", "base.pkl", "train.jsonl", "--stream", "--retention", "none")
    ran = run(*command, "--dev", "dev.jsonl", "-o", "model.pkl", *QUICK)
    assert ran.code == 0
    assert "Train: 12 texts, streamed, 12 entities" in ran.output
    ran = run(*command, "-o", "none.pkl")
    assert ran.code == 1
    assert "--dev is missing: use texts to score on: a stream cannot be split" in ran.output
    ran = run(*command, "--retention", "stack", "-o", "none.pkl")
    assert ran.code == 1
    assert "--retention stack is not allowed" in ran.output
