"""The commands of `noxfile.py` are those in CONTRIBUTING, and run what is there.

nox itself is not needed: a stand-in notes what each session would run.
"""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import srsly

ROOT = Path(__file__).parent.parent
Commands = dict[str, list[tuple[str, ...]]]


class Session:
    """Notes commands and does not run them."""

    def __init__(self) -> None:
        self.posargs: list[str] = []
        self.commands: list[tuple[str, ...]] = []

    def run(self, *command: str, env: dict[str, str] | None = None) -> None:
        self.commands.append(command)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    sessions: dict[str, Callable[[Session], None]] = {}

    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        sessions[function.__name__] = function
        return function

    nox: Any = ModuleType("nox")
    nox.options, nox.session, nox.Session = SimpleNamespace(), register, Session
    monkeypatch.setitem(sys.modules, "nox", nox)
    runpy.run_path(str(ROOT / "noxfile.py"))
    found: Commands = {}
    for name, function in sessions.items():
        session = Session()
        function(session)
        found[name] = session.commands
    assert set(nox.options.sessions) <= found.keys()
    return found


def test_contributing_lists_them(commands: Commands) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `nox -s (\w+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(commands) == ["benchmarks", "docs", "fast", "lint", "test"]


def test_scripts_and_folders_exist(commands: Commands) -> None:
    for command in [one for all_of in commands.values() for one in all_of]:
        if command[0] == "python" and command[1] != "-m":
            assert (ROOT / command[1]).is_file()
        for word in command:
            if word.startswith("--ignore="):
                assert (ROOT / word.removeprefix("--ignore=")).exists(), word


def test_fast_runs_part_of_the_tests(commands: Commands) -> None:
    (fast,), (test,) = commands["fast"], commands["test"]
    assert fast[: len(test)] == test == ("python", "-m", "pytest")
    assert all(word.startswith("--ignore=tests/") for word in fast[len(test) :])


def test_lint_and_hooks_check_what_ci_checks(commands: Commands) -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert all(" ".join(command) in ci for command in commands["lint"])
    config = srsly.yaml_loads((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = config["repos"]
    assert local["repo"] == "local"
    hooks = {hook["entry"].split()[0]: hook["language"] for hook in local["hooks"]}
    assert hooks == dict.fromkeys((command[0] for command in commands["lint"]), "system")
