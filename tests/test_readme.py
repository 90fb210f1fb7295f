"""What the README shows is run as it stands, but for the base, which cannot be downloaded here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_pickled_ner.cli import app

from .conftest import DEV_ROWS, TRAIN_ROWS, write_jsonl

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = "python -m spacy pickled-ner "


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture
def folder(tiny_base_pkl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder: data beside the configs, and a base in place of a downloaded package."""
    write_jsonl(tmp_path / "train.jsonl", TRAIN_ROWS)
    write_jsonl(tmp_path / "dev.jsonl", DEV_ROWS)
    write_jsonl(tmp_path / "test.jsonl", DEV_ROWS)
    demo = tmp_path / "pickled-ner-demo"
    demo.mkdir()
    write_jsonl(demo / "instrument-train.jsonl", TRAIN_ROWS)
    write_jsonl(demo / "instrument-dev.jsonl", DEV_ROWS)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "en_core_web_sm").symlink_to(tiny_base_pkl)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples(code: str, folder: Path, tiny_base_pkl: Path):
    # In place of the file that an earlier example has written.
    (folder / "model.pkl").write_bytes(tiny_base_pkl.read_bytes())
    exec(compile(code, "README.md", "exec"), {})


def test_the_snippet_of_the_policy_alone_says_what_it_promises(capsys):
    (code,) = (block for block in blocks("python") if "EarlyStopping(monitor" in block)
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("stopped by patience: ents_f did not rise")
    assert "the best 0.66 (step 2)" in printed


def test_commands(folder: Path):
    """In the README's order: later ones use what earlier ones wrote."""
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    commands = [line.split(COMMAND, 1)[1] for line in lines if line.startswith(COMMAND)]
    assert any(command.startswith("fine-tune") for command in commands)
    for command in commands:
        ran = CliRunner().invoke(app, shlex.split(command, comments=True))
        assert ran.exit_code == 0, f"{command}\n{ran.output}"


def test_every_command_and_every_public_function_of_the_file_is_mentioned():
    for command in app.registered_commands:
        assert f"`{command.name} " in README, command.name
    for name in ("spn.dump", "spn.load", "spn.inspect", "spn.verify", "spn.get_untrusted"):
        assert name in README, name


def test_files_that_are_linked_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
