"""The spaCy project in `configs/`, by the real command, in a copy of that folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import spacy_pickled_ner as spn

from .cli.conftest import plain
from .conftest import DEV_ROWS, TRAIN_ROWS, write_jsonl

CONFIGS = Path(__file__).parent.parent / "configs"
# What running it leaves behind in a checkout.
MADE = shutil.ignore_patterns("pickled-ner-demo", "training", "packages", "project.lock")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIGS, tmp_path / "configs", ignore=MADE))


def run(project: Path, *args: str) -> str:
    command = [sys.executable, "-m", "spacy", "project", "run", *args[:1], project.name, *args[1:]]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=project.parent, env=environment
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return plain(ran.stdout)


def test_a_step_runs_on_data_of_the_users_and_is_skipped_until_it_changes(
    project: Path, tiny_base_pkl: Path
) -> None:
    (project / "base.pkl").write_bytes(tiny_base_pkl.read_bytes())
    write_jsonl(project / "train.jsonl", TRAIN_ROWS)
    write_jsonl(project / "dev.jsonl", DEV_ROWS)
    (project / "raw_text.txt").write_text("It was late.\nNobody said so.\n", encoding="utf-8")
    data = ("base.pkl", "train.jsonl", "dev.jsonl", "raw_text.txt")
    options = [f"--vars.{Path(name).stem}={name}" for name in data]
    run(project, "fine-tune", *options)
    assert "DRINK" in str(spn.inspect(project / "training" / "model.pkl")["labels"])
    assert (project / "training" / "report.html").is_file()
    assert "Skipping 'fine-tune': nothing changed" in run(project, "fine-tune", *options)
    write_jsonl(project / "train.jsonl", TRAIN_ROWS[:-1])
    assert "Running command" in run(project, "fine-tune", "--dry", *options)


@pytest.mark.slow
def test_all_of_it_from_a_clean_checkout(project: Path) -> None:
    run(project, "all")
    assert (project / "training" / "test.json").is_file()
    package = project / "packages" / "en_instruments-1.0.0"
    assert (package / "pyproject.toml").is_file()
    again = run(project, "all")
    for command in ("demo", "fine-tune", "evaluate", "package"):
        assert f"Skipping '{command}': nothing changed" in again
