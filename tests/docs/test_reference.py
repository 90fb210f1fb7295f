"""The generated parts of the reference are complete, and the JSON Schema holds for real runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import distribution
from types import ModuleType
from typing import Any

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.cli import app

from ..conftest import DEV, KNOWN, TRAIN, Run
from .conftest import DOCS

Script = Callable[[str], ModuleType]


def test_the_command_line(script: Script) -> None:
    made = script("cli_reference").make()
    for command in app.registered_commands:
        assert f"\n## {command.name}\n" in f"\n{made}"
    for option in ("`--retention`", "`--output`, `-o`", "blank:&lt;language>", "`replay`"):
        assert option in made


def test_registered_functions(script: Script) -> None:
    reference = script("config_reference")
    table, blocks = reference.make_table(), reference.make_blocks()
    for point in distribution("spacy-pickled-ner").entry_points:
        if point.group in {f"spacy_{group}" for group in reference.GROUPS}:
            assert f"`{point.name}`" in table
            assert f"### {point.name}\n" in blocks
    assert "| `patience` | `int &#124; None` | `10` | Stop after this many evaluations" in blocks


def test_errors(script: Script) -> None:
    reference = script("errors_reference")
    assert {"truncated", "untrusted", "over-budget", "bad-moves"} <= reference.find_codes()
    assert reference.make_codes().count("\n") == len(reference.MEANINGS) + 1
    tree = reference.make_tree()
    errors = [name for name in spn.__all__ if name.endswith("Error")]
    assert all(f"[`{name}`]" in tree for name in errors)


def test_python_names_everything_public() -> None:
    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    public = [name for name in spn.__all__ if name != "__version__"]
    assert [name for name in public if f"::: spacy_pickled_ner.{name}\n" not in page] == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"retention": "stack", "raw_text": ["It was late.", "Ada left."], "retention_dev": KNOWN},
        {"retention": "replay", "raw_text": ["It was late.", "Ada left."]},
        {"dev": None},
        {"dev": None, "early_stopping": spn.EarlyStopping.seed_rule(), "max_epochs": 2},
        {"base": "blank:en", "max_steps": 5},
        {"stream": True},
        {"train": [*TRAIN, *KNOWN], "dev": [*DEV, *KNOWN]},
    ],
    ids=lambda settings: ",".join(settings) or "defaults",
)
def test_metrics_are_as_the_schema_says(settings: dict[str, Any], tune: Run) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DOCS / "reference" / "metrics.schema.json").read_text(encoding="utf-8"))
    metrics = json.loads(json.dumps(tune(**settings).to_dict(), allow_nan=False))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(metrics)


def test_the_schema_describes_every_field(script: Script, tune: Run) -> None:
    made = script("metrics_reference").make()
    for name, value in tune().to_dict().items():
        assert f"| `{name}` |" in made
        described = isinstance(value, dict) and name in (
            "stop",
            "timing",
            "labels",
            "base",
            "memory",
        )
        assert all(f"| `{name}.{key}` |" in made for key in (value if described else ()))
