"""The commands as users start them, in processes of their own; and what the plugin costs spaCy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .conftest import QUICK, plain, snapshot

IMPORTS = """
import json, sys
import spacy.cli
before = set(sys.modules)
import spacy_pickled_ner.cli
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def start(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, args)]
    # One thread each: several tests may run side by side.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_fine_tune_evaluate_inspect(work: Path) -> None:
    data = ("train.jsonl", "--dev", "dev.jsonl")
    ran = start(
        *("-m", "spacy", "pickled-ner", "fine-tune", "base", *data, "-o", "model.pkl", *QUICK),
        *("--metrics", "m.json"),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    trained = json.loads(Path("m.json").read_text(encoding="utf-8"))
    ran = start(*("-m", "spacy", "pickled-ner", "evaluate", "model.pkl", "dev.jsonl"))
    assert ran.returncode == 0, ran.stderr
    assert f"{100 * trained['scores']['ents_f']:.2f}" in ran.stdout


OWN_CODE = """
from spacy.language import Language

@Language.component("shouter")
def shout(doc):
    doc.user_data["shouted"] = doc.text.upper()
    return doc
"""

# Saved by a process that knows the component, as every later command has to.
ADD_SHOUTER = """
import own, spacy
nlp = spacy.load("base")
nlp.add_pipe("shouter")
nlp.to_disk("shouting")
"""


def test_a_component_of_the_users_own(work: Path) -> None:
    Path("own.py").write_text(OWN_CODE, encoding="utf-8")
    ran = start("-c", ADD_SHOUTER)
    assert ran.returncode == 0, ran.stderr
    command = ("-m", "spacy", "pickled-ner")
    data = ("train.jsonl", "--dev", "dev.jsonl")
    tune = (*command, "fine-tune", "shouting", *data, "-o", "model.pkl", *QUICK)
    ran = start(*tune)
    assert ran.returncode == 1
    assert "shouter" in plain(ran.stdout)
    ran = start(*tune, "--code", "own.py")
    assert ran.returncode == 0, ran.stdout
    trust = ("--trust", "factories:shouter")
    evaluate = (*command, "evaluate", "model.pkl", "dev.jsonl", "--code", "own.py")
    ran = start(*evaluate)
    assert ran.returncode == 1
    assert "--trust factories:shouter" in plain(ran.stdout)
    ran = start(*evaluate, *trust)
    assert ran.returncode == 0, ran.stdout
    assert "DRINK" in ran.stdout


def test_a_failure_is_a_message_and_no_traceback(work: Path) -> None:
    before = snapshot(work)
    ran = start("-m", "spacy", "pickled-ner", "train", "train.jsonl", "-o", "model.pkl", "--foo")
    assert ran.returncode == 1
    assert ran.stderr == ""
    assert "no such option: --foo" in plain(ran.stdout)
    assert snapshot(work) == before


def test_spacy_imports_nothing_of_ours_but_the_commands() -> None:
    ran = start("-c", IMPORTS)
    assert ran.returncode == 0, ran.stderr
    imported = set(json.loads(ran.stdout))
    commands = ("demo", "evaluate", "fine_tune", "inspect", "pack", "package", "train", "verify")
    assert imported == {
        "spacy_pickled_ner",
        "spacy_pickled_ner.about",
        "spacy_pickled_ner.cli",
        "spacy_pickled_ner.cli.failing",
        "spacy_pickled_ner.cli.options",
        "spacy_pickled_ner.cli.text",
        *(f"spacy_pickled_ner.cli.{command}" for command in commands),
    }
