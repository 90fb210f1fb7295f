"""`--resume`: the same command again goes on where it was killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacy_pickled_ner.cli.console import ConsoleListener
from spacy_pickled_ner.training.checkpoint import keeper

from .conftest import Run

FINE_TUNE = ("fine-tune", "base.pkl", "train.jsonl", "--dev", "dev.jsonl", "--patience", "0")


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Ctrl-C at step 25 until `undo()`, with a checkpoint at every step."""

    def on_step(self, step, epoch, loss):
        if step == 25:
            raise KeyboardInterrupt

    monkeypatch.setattr(keeper, "BUDGET", 1e9)
    with monkeypatch.context() as patched:
        patched.setattr(ConsoleListener, "on_step", on_step)
        yield patched


def test_the_same_command_goes_on(run: Run, work: Path, impatience: pytest.MonkeyPatch):
    command = (*FINE_TUNE, "--eval-frequency", "10", "--max-steps", "40")
    resumable = (*command, "-o", "model.pkl", "--resume")
    ran = run(*resumable)
    assert ran.code == 0
    assert "Run the same command again to resume from model.pkl.checkpoint" in ran.output
    impatience.undo()
    assert (
        "model.pkl.checkpoint has an interrupted run"
        in run(*FINE_TUNE, "--max-steps", "1", "-o", "model.pkl", "--force").output
    )
    ran = run(*resumable)
    assert ran.code == 0
    assert "Resuming after step 24" in ran.output
    assert not (work / "model.pkl.checkpoint").exists()
    ran = run(*resumable)
    assert ran.code == 1
    assert "model.pkl already exists" in ran.output
    run(*command, "-o", "straight.pkl")
    assert (work / "model.pkl").read_bytes() == (work / "straight.pkl").read_bytes()


def test_another_command_is_refused(run: Run, work: Path, impatience: pytest.MonkeyPatch):
    run(*FINE_TUNE, "-o", "model.pkl", "--resume")
    impatience.undo()
    ran = run(*FINE_TUNE, "-o", "model.pkl", "--resume", "--dropout", "0.2")
    assert ran.code == 1
    assert "setting dropout was 0.1, is 0.2" in ran.output


@pytest.mark.parametrize(
    "more", [["--resume"], ["--pickled_ner.checkpoint_dir", "here"]], ids=["option", "config"]
)
def test_a_config_can_resume_too(run: Run, work: Path, impatience: pytest.MonkeyPatch, more):
    options = ("--eval-frequency", "10", "--max-steps", "40")
    run(*FINE_TUNE, *options, "-o", "model.pkl", "--save-config", "run.cfg")
    run("train", "run.cfg", "-o", "again.pkl", *more)
    impatience.undo()
    ran = run("train", "run.cfg", "-o", "again.pkl", *more)
    assert "Resuming after step 24" in ran.output
    run("train", "run.cfg", "-o", "straight.pkl")
    assert (work / "again.pkl").read_bytes() == (work / "straight.pkl").read_bytes()


@pytest.mark.slow
def test_killed_at_twenty_random_moments(work: Path):
    """kill -9, run the same command again: the bytes are those of a run that was left alone."""
    command = [sys.executable, "-m", "spacy", "pickled-ner", *FINE_TUNE]
    command += ["--eval-frequency", "40", "--max-steps", "1500"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    began = time.perf_counter()
    subprocess.run([*command, "-o", "straight.pkl"], check=True, env=env, stdout=subprocess.DEVNULL)
    longest = time.perf_counter() - began
    expected = (work / "straight.pkl").read_bytes()
    chance = random.Random(0)
    killed = resumed = 0
    while True:
        process = subprocess.Popen(
            [*command, "-o", "model.pkl", "--resume"], env=env, stdout=subprocess.PIPE, text=True
        )
        if killed < 20:
            try:
                process.wait(chance.uniform(0.2, 1.0) * longest)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
        said, _ = process.communicate()
        resumed += "Resuming after step" in said
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, said
            assert not (work / "model.pkl.checkpoint").exists()
        elif not (work / "model.pkl").exists():
            continue
        assert (work / "model.pkl").read_bytes() == expected
        if killed == 20:
            break
        (work / "model.pkl").unlink()
    assert resumed >= 5
