"""The command line, run in this process, in a folder with a base and data."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_pickled_ner.cli import app

from ..conftest import DEV_ROWS, OLD_ROWS, TRAIN_ROWS, write_jsonl

# Enough to learn DRINK, and well under a second.
QUICK = ("--eval-frequency", "10", "--max-steps", "40")


@dataclass
class Ran:
    """How a command ended: exit code, and what it printed, on one line without colours."""

    code: int
    output: str
    raw: str


Run = Callable[..., Ran]


def plain(text: str) -> str:
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())


def snapshot(folder: Path) -> dict[str, str]:
    """Name and digest of everything in a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content = f"-> {path.readlink()}".encode()
        else:
            content = b"" if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


@pytest.fixture
def work(
    tmp_path: Path, tiny_base_pkl: Path, tiny_base_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with base.pkl, base/, train.jsonl, dev.jsonl and old.jsonl, made the current one."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(tiny_base_pkl, folder / "base.pkl")
    shutil.copytree(tiny_base_dir, folder / "base")
    write_jsonl(folder / "train.jsonl", TRAIN_ROWS)
    write_jsonl(folder / "dev.jsonl", DEV_ROWS)
    write_jsonl(folder / "old.jsonl", OLD_ROWS)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(work: Path) -> Run:
    """Run a command in `work`."""

    def invoke(*args: str | os.PathLike[str], stdin: str | None = None) -> Ran:
        result = CliRunner().invoke(app, [os.fspath(arg) for arg in args], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, plain(result.output), result.output)

    return invoke


@pytest.fixture(scope="session")
def tuned_pkl(tmp_path_factory: pytest.TempPathFactory, tiny_base_pkl: Path) -> Path:
    """`tiny_base` fine-tuned on DRINK by the command, with metrics.json, report and config."""
    folder = tmp_path_factory.mktemp("tuned")
    train = write_jsonl(folder / "train.jsonl", TRAIN_ROWS)
    dev = write_jsonl(folder / "dev.jsonl", DEV_ROWS)
    args = ["fine-tune", tiny_base_pkl, train, "--dev", dev, "-o", folder / "model.pkl", *QUICK]
    args += ["--metrics", folder / "metrics.json", "--report", folder / "report.html"]
    args += ["--save-config", folder / "run.cfg", "--name", "drinks"]
    result = CliRunner().invoke(app, [os.fspath(arg) for arg in args])
    assert result.exit_code == 0, result.output
    return folder / "model.pkl"
