"""Translate docstrings in spaCy's style to Google's style, for mkdocstrings.

`name (type): text.`, RETURNS, YIELDS and RAISES become sections of Google's style. A block of such
lines starts after an empty line. Indented lines continue the line above.
"""

from __future__ import annotations

import re
from typing import Any

import griffe
from docstrings import escape  # hooks.py, which is read first, has imported it

FIELD = re.compile(r"^(?P<names>\w+(?:, \w+)*(?: …)?)(?: \((?P<type>[^)]+)\))?: (?P<text>.+)$")
SECTIONS = {"RETURNS": "Returns", "YIELDS": "Yields", "RAISES": "Raises"}
# Callers read objects of these classes, and do not make them.
READ = ("Error", "Stopped", "Result", "Package")


class SpacyDocstrings(griffe.Extension):
    """Translates each docstring when it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Translate the docstring of one object."""
        if obj.docstring is not None:
            fields = "Attributes" if obj.is_class and obj.name.endswith(READ) else "Args"
            obj.docstring.value = to_google(obj.docstring.value, fields=fields)


def to_google(docstring: str, *, fields: str = "Args") -> str:
    """Translate a docstring.

    docstring (str): A docstring in spaCy's style.
    fields (str): The section for its fields: "Args" or "Attributes".
    RETURNS (str): The docstring in Google's style.
    """
    lines: list[str] = []
    section, after_blank = "", True
    names: list[str] = []
    for line in escape(docstring).splitlines():
        found = FIELD.match(line) if section or after_blank else None
        if found:
            title = SECTIONS.get(found["names"], fields)
            if title != section:
                section = title
                lines += ["", f"{title}:"]
            names = _names(found, title)
            texts = [found["text"]]
            lines += [f"    {name}: {found['text']}" for name in names]
        elif section and line.startswith("    "):
            texts.append(line.strip())
            if names:
                # Several names share one text. Each name gets the whole text.
                lines[-len(names) :] = [f"    {name}: {' '.join(texts)}" for name in names]
        else:
            section = "" if line.strip() else section
            lines.append(line)
        after_blank = not line.strip()
    return "\n".join(lines)


def _names(found: re.Match[str], title: str) -> list[str]:
    kind = found["type"]
    if title in SECTIONS.values():
        return kind.split(", ") if title == "Raises" else [kind]
    if found["names"].endswith("…"):
        return []  # the page links to their explanation
    names = found["names"].split(", ")
    return [f"{name} ({kind})" if kind else name for name in names]
