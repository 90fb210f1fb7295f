"""Each page is run as a user reads it: from top to bottom, in one folder.

Only the base is another one, since none can be downloaded here. Commands of spaCy's own that take
long are run by the slow tests; every snippet is at least compiled, parsed or filled by the others.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.util import registry
from thinc.api import Config
from typer.testing import CliRunner

from spacy_pickled_ner.cli import app

from .conftest import PAGES, ROOT, Snippet, name_of, read_snippets

OURS = "python -m spacy pickled-ner "
SPACY = "python -m spacy "
# What cannot be run in a test: it needs the network, or another environment.
NOT_RUN = ("git clone", "python3 -m venv", "pip install")
TUTORIAL = ROOT / "docs" / "tutorial.md"
RUN = [page for page in PAGES if read_snippets(page) and page != TUTORIAL]
LONG = [
    page
    for page in RUN
    if any(f"\n{SPACY}{word} " in page.read_text(encoding="utf-8") for word in ("train", "project"))
]


@pytest.mark.parametrize("page", RUN, ids=name_of)
@pytest.mark.usefixtures("impatient")
def test_a_page(page: Path, folder: Path) -> None:
    run_page(page, long=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", LONG, ids=name_of)
def test_a_page_with_long_commands(page: Path, folder: Path) -> None:
    # The project runs the demo itself.
    shutil.rmtree("pickled-ner-demo")
    (folder / "configs").unlink()
    shutil.copytree(ROOT / "configs", folder / "configs", ignore=shutil.ignore_patterns("*demo"))
    call(OURS + "demo")
    run_page(page, long=True)


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """In an empty folder, on the demo's own base and data."""
    monkeypatch.chdir(tmp_path)
    names = run_page(TUTORIAL, long=False)
    assert "INSTRUMENT cello" in capsys.readouterr().out
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["retention"]["before"]["ents_f"] == metrics["retention"]["after"]["ents_f"]
    assert metrics["scores"]["ents_f"] > 0.7
    sent: list[str] = []
    body = b"She plays the cello."
    request = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    (answer,) = names["app"](request, lambda status, headers: sent.append(status))
    assert sent == ["200 OK"]
    assert json.loads(answer) == [{"text": "cello", "label": "INSTRUMENT"}]


@pytest.mark.parametrize("page", [*RUN, TUTORIAL], ids=name_of)
def test_every_snippet_can_be_read(page: Path, folder: Path) -> None:
    for snippet in read_snippets(page):
        check(snippet)


def run_page(page: Path, *, long: bool) -> dict[str, Any]:
    """Run the blocks of a page, and return the names that its Python leaves."""
    names: dict[str, Any] = {"__name__": "page"}
    for snippet in read_snippets(page):
        if snippet.language == "python":
            exec(compile(snippet.code, snippet.place, "exec"), names)
        elif snippet.language == "bash":
            for command in commands(snippet):
                call(command, long=long)
    return names


def commands(snippet: Snippet) -> Iterator[str]:
    for line in snippet.code.splitlines():
        yield from (part.strip() for part in line.partition("#")[0].split("&&") if part.strip())


def call(command: str, *, long: bool = False) -> None:
    if command == f"{OURS}demo" and Path("pickled-ner-demo").is_dir():
        return  # the tutorial runs it
    if command.startswith(OURS):
        # An extra that is not installed everywhere; tests/cli/test_logger.py runs the real one.
        command = command.replace("spacy.MLflowLogger.v2", "spacy.ConsoleLogger.v3")
        # A page may write what another one of its commands, or the folder, has already.
        ran = CliRunner().invoke(app, [*shlex.split(command.removeprefix(OURS)), *force(command)])
        assert ran.exit_code == 0, f"{command}\n{ran.output}"
    elif command.startswith((SPACY, "openssl ")):
        if command.startswith(SPACY) and not long:
            return
        if shutil.which("openssl") is None:
            pytest.skip("no openssl here")
        words = shlex.split(command)
        words[0] = sys.executable if words[0] == "python" else words[0]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    else:
        known = command.startswith(NOT_RUN) or command in (
            "cd spacy-pickled-ner",
            "source .venv/bin/activate",
            "python -m pytest",
        )
        assert known, f"nothing runs {command!r}"


def force(command: str) -> list[str]:
    """`--force` for the first model.pkl, which stands in the folder from the start."""
    return ["--force"] if "-o model.pkl" in command else []


def check(snippet: Snippet) -> None:
    """Compile, parse or fill a block, as its language asks for."""
    language, code = snippet.language, snippet.code
    if language == "python":
        compile(code, snippet.place, "exec")
    elif language == "bash":
        ran = subprocess.run(
            ["bash", "-n"], input=code.replace("<this repository>", "x"), text=True, check=False
        )
        assert ran.returncode == 0, snippet.place
    elif language == "ini":
        check_config(code)
    elif language == "json":
        json.loads(code)
    elif language == "yaml":
        srsly.yaml_loads(code)
    elif language == "toml":
        tomllib = pytest.importorskip("tomllib")
        tomllib.loads(code)
    else:
        assert language == "text", f"nothing checks {language} at {snippet.place}"


def check_config(code: str) -> None:
    """Fill each block of a config that names a function, which checks its settings."""
    named = re.findall(r"^\[([\w.]+)\]$", code, flags=re.MULTILINE)
    parents = {name.rpartition(".")[0] for name in named} - {"", *named}
    above = {parent for name in parents for parent in (name, name.partition(".")[0])}
    text = "\n".join([*(f"[{name}]" for name in sorted(above - set(named))), code])
    config = Config().from_str(text, interpolate=False)
    found = list(blocks(config))
    assert found, code
    for block in found:
        if "factory" in block:
            settings = {name: value for name, value in block.items() if name != "factory"}
            spacy.blank("en").add_pipe(block["factory"], config=settings)
        else:
            registry.fill({"block": block})
    defaults = Language.default_config["training"]
    plain = {
        name for name, value in config.get("training", {}).items() if not isinstance(value, dict)
    }
    assert plain <= defaults.keys()


def blocks(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if any(name.startswith("@") or name == "factory" for name in part):
        yield part
        return
    for value in part.values():
        if isinstance(value, dict):
            yield from blocks(value)
