"""What can be imported, and what its errors are."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from types import ModuleType

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner import errors

PUBLIC = {
    *("EarlyStopping", "StopReason"),
    *("FineTuning", "FineTuneResult", "TrainingStopped", "fine_tune"),
    *("dump", "dumps", "get_untrusted", "inspect", "load", "loads", "make_phrases", "verify"),
    *("PipelineHandle", "pack", "package", "unpack"),
    *(
        "AnnotationError",
        "BasePipelineError",
        "CheckpointError",
        "ComponentError",
        "MissingExtraError",
        "ModelFileError",
    ),
    *("PickledNerError", "PickledNerWarning", "SaveError", "SettingsError", "TrainingError"),
    *("UnknownMetricError", "UnsafeFileError", "UntrustedContentError"),
    "__version__",
}


def test_all_is_the_public_api() -> None:
    assert set(spn.__all__) == PUBLIC
    assert len(spn.__all__) == len(PUBLIC)
    assert dir(spn) == sorted(PUBLIC)


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__"}))
def test_every_name_is_there_with_a_docstring(name: str) -> None:
    value = getattr(spn, name)
    assert value.__name__ == name
    assert inspect.getdoc(value)


def test_names_for_type_checkers_are_the_lazy_ones() -> None:
    source = inspect.getsource(spn)
    block = source.split("if TYPE_CHECKING:", 1)[1].split("_HOMES", 1)[0]
    declared = re.findall(r"from \.(\w+) import (\w+) as (\w+)", block)
    assert {alias for _, _, alias in declared} == PUBLIC - {"__version__"}
    for module, name, alias in declared:
        assert name == alias
        home = importlib.import_module(f"spacy_pickled_ner.{module}")
        assert getattr(home, name) is getattr(spn, name)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = spn.nonsense


def test_the_version_is_the_installed_one() -> None:
    assert spn.__version__ == version("spacy-pickled-ner")


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import spacy_pickled_ner", ["spacy", "numpy", "spacy_pickled_ner.errors"]),
        ("from spacy_pickled_ner import EarlyStopping", ["spacy", "numpy"]),
        ("from spacy_pickled_ner import PickledNerError", ["spacy", "numpy"]),
        (
            "from spacy_pickled_ner import load",
            ["spacy_pickled_ner.training", "spacy_pickled_ner.annotations"],
        ),
    ],
)
def test_importing_a_name_imports_no_more_than_it_needs(
    statement: str, forbidden: list[str]
) -> None:
    code = f"{statement}\nimport sys\nprint([name for name in {forbidden} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "module", ["annotations", "early_stopping", "model_file", "report", "training"]
)
def test_what_a_room_exports_is_there(module: str) -> None:
    home = importlib.import_module(f"spacy_pickled_ner.{module}")
    for name in getattr(home, "__all__", ()):
        value = getattr(home, name)
        assert not isinstance(value, ModuleType)


def drawn_errors() -> list[tuple[str, str, str | None]]:
    """Read name, parent and builtin of each class out of the drawing in the docstring."""
    drawn: list[tuple[str, str, str | None]] = []
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ((?:│   |    )*)(?:[├└]── )?(\w+Error)\b(?:\s+\((\w+)\))?", line)
        if match is None:
            continue
        depth = len(match[1]) // 4 + ("── " in line)
        path = [*path[:depth], match[2]]
        drawn.append((match[2], path[-2] if depth else "Exception", match[3]))
    return drawn


def test_the_tree_of_errors_is_as_drawn() -> None:
    drawn = drawn_errors()
    defined = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and name[0] != "_"
    }
    assert {name for name, _, _ in drawn} == {n for n in defined if n.endswith("Error")}
    assert {name for name, _, _ in drawn} == {n for n in PUBLIC if n.endswith("Error")}
    for name, parent, builtin in drawn:
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        assert bases == [parent] + ([builtin] if builtin else [])
        assert issubclass(getattr(errors, name), spn.PickledNerError)


def test_errors_carry_what_callers_act_on() -> None:
    error = spn.AnnotationError("is bad", source="a.jsonl", row=7, unit="line")
    assert (error.source, error.row, error.unit, error.reason) == ("a.jsonl", 7, "line", "is bad")
    assert str(error) == "a.jsonl, line 7: is bad"
    assert str(spn.AnnotationError("is bad", source="a.jsonl")) == "a.jsonl: is bad"

    setting = spn.SettingsError("dropout", 2, "0 to 1")
    assert (setting.setting, setting.value, setting.allowed) == ("dropout", 2, "0 to 1")
    metric = spn.UnknownMetricError("f", ["b", "a"])
    assert (metric.metric, metric.available) == ("f", ("a", "b"))
    assert "none" in str(spn.UnknownMetricError("f", []))
    damaged = spn.UnsafeFileError("is cut", code="truncated", offset=3)
    assert (damaged.code, damaged.offset) == ("truncated", 3)
    untrusted = spn.UntrustedContentError("asks", names=["factories:x"])
    assert (untrusted.code, untrusted.names) == ("untrusted", ("factories:x",))
    extra = spn.MissingExtraError("Ray", extra="ray")
    assert extra.extra == "ray"
    assert 'pip install "spacy-pickled-ner[ray]"' in str(extra)


def test_fine_tune_spells_out_the_settings_of_a_run() -> None:
    parameters = dict(inspect.signature(spn.fine_tune).parameters)
    del parameters["listener"], parameters["unknown"]
    fields = {field.name: field for field in dataclasses.fields(spn.FineTuning)}
    assert list(parameters) == list(fields)
    for name, field in fields.items():
        default = inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
        assert parameters[name].default == default, name
        assert parameters[name].annotation == field.type, name
