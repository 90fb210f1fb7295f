"""Read docstrings of the package, for generated pages."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import spacy_pickled_ner

FIELD = re.compile(r"^(\w+(?:, \w+)*)(?: \(.+?\))?: (.+)$")


@cache
def find(name: str) -> Any:
    """Find a class or function in any module of the package.

    name (str): Its name, e.g. "Rehearsal".
    RETURNS (Any): The class or function.
    RAISES (LookupError): The package has no such name.
    """
    for module in _modules():
        value = vars(module).get(name)
        if getattr(value, "__module__", None) == module.__name__:
            return value
    raise LookupError(f"the package has no {name}")


def _modules() -> Iterator[Any]:
    package = spacy_pickled_ner
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


def fields(value: Any) -> dict[str, str]:
    """Read the text of each parameter in a docstring. A class also has those of its base classes.

    value (Any): A class or a function.
    RETURNS (Dict[str, str]): Texts by name.
    """
    found: dict[str, str] = {}
    classes = reversed(inspect.getmro(value)) if inspect.isclass(value) else (value,)
    for one in classes:
        found |= _read(inspect.cleandoc(one.__doc__ or ""))
    return found


def _read(docstring: str) -> dict[str, str]:
    found: dict[str, str] = {}
    names: list[str] = []
    for line in docstring.splitlines():
        match = FIELD.match(line)
        if match:
            names = match[1].split(", ")
            found |= dict.fromkeys(names, match[2])
        elif line.startswith("    ") and names:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        else:
            names = []
    return found


def escape(text: str) -> str:
    """Escape `<name>`, which Markdown would read as HTML. Code is not changed.

    text (str): A text, e.g. of a docstring.
    RETURNS (str): The text as Markdown.
    """
    parts = text.split("`")
    parts[::2] = [re.sub(r"<(?=\w)", "&lt;", part) for part in parts[::2]]
    return "`".join(parts)


def summary(value: Any) -> str:
    """Return the part of a docstring before its fields.

    value (Any): A class or a function.
    RETURNS (str): Markdown.
    """
    paragraphs = inspect.cleandoc(value.__doc__ or "").split("\n\n")
    kept = []
    for paragraph in paragraphs:
        if FIELD.match(paragraph.partition("\n")[0]):
            break
        kept.append(paragraph)
    return "\n\n".join(kept)
