"""Generate the reference of errors from the sources: classes, and codes of `ModelFileError`."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import docstrings

import spacy_pickled_ner as spn

PACKAGE = Path(inspect.getfile(spn)).parent
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")
# The meaning of each code. The build fails if a code has no meaning, or a meaning has no code.
MEANINGS: dict[str, str] = json.loads(
    Path(__file__).with_name("error_codes.json").read_text(encoding="utf-8")
)


def make_tree() -> str:
    """Describe every error class.

    RETURNS (str): A table in Markdown, in the order of the class tree.
    """
    lines = ["| Class | Also a | Raised when | Attributes |", "|---|---|---|---|"]
    for depth, error in _walk(spn.PickledNerError):
        if error.__name__ not in spn.__all__:
            continue
        builtin = [base.__name__ for base in error.__bases__ if base.__module__ == "builtins"]
        text = " ".join(docstrings.escape(docstrings.summary(error)).split())
        names = ", ".join(f"`{name}`" for name in docstrings.fields(error))
        link = f"[`{error.__name__}`](api.md#spacy_pickled_ner.{error.__name__})"
        also = ", ".join(f"`{name}`" for name in builtin if name != "Exception")
        lines.append(f"| {'&emsp;' * depth}{link} | {also} | {text} | {names} |")
    return "\n".join(lines)


def _walk(error: type[Exception], depth: int = 0) -> Iterator[tuple[int, type[Exception]]]:
    yield depth, error
    for child in error.__subclasses__():
        yield from _walk(child, depth + 1)


def make_codes() -> str:
    """List every code of a `ModelFileError`.

    RETURNS (str): A table in Markdown.
    RAISES (LookupError): `MEANINGS` lacks a code, or has a code that is not in the sources.
    """
    codes = find_codes()
    if codes != MEANINGS.keys():
        raise LookupError(f"meanings and codes differ: {sorted(codes ^ MEANINGS.keys())}")
    lines = ["| Code | Meaning |", "|---|---|"]
    return "\n".join(lines + [f"| `{code}` | {MEANINGS[code]} |" for code in sorted(codes)])


def find_codes() -> set[str]:
    """Find every code in the sources: arguments called `code`, and their defaults.

    RETURNS (Set[str]): The codes.
    """
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")]
    places: dict[str, int] = {}
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [arg.arg for arg in node.args.args if arg.arg != "self"]
                if "code" in names:
                    places[node.name] = names.index("code")
                defaults = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                found |= {
                    code for arg, value in defaults if arg.arg == "code" for code in _texts(value)
                }
    for tree in trees:
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for value in _code_arguments(node, places):
                    found |= set(_texts(value, constants))
    return {code for code in found if CODE.fullmatch(code)}


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _code_arguments(call: ast.Call, places: dict[str, int]) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "code")
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = places.get(name)
    if place is not None and len(call.args) > place:
        yield call.args[place]


def _texts(value: ast.expr | None, constants: dict[str, ast.expr] | None = None) -> Iterator[str]:
    """Yield the possible texts of an expression: a literal, a constant, or a conditional."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.Name) and constants and value.id in constants:
        yield from _texts(constants[value.id])
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, constants)
        yield from _texts(value.orelse, constants)
