"""The README of a packaged pipeline, from meta that a stranger may have written."""

from __future__ import annotations

import re
from typing import Any, Final

from ..wording import counted
from .markdown import escaped, link, table

_USAGE: Final = """\
### Usage

```python
import spacy

nlp = spacy.load("{module}")
```

The pipeline is one file, `{module}/model.pkl`, which spacy-pickled-ner reads without unpickling it.
"""
_MAX_NOTES: Final = 20_000


def make_readme(module: str, meta: dict[str, Any]) -> str:
    """Create the README.

    module (str): Name of the package.
    meta (Dict[str, Any]): Its checked meta.
    RETURNS (str): Markdown. All values of the meta are text, except links to web pages.
    """
    notes = meta.get("notes")
    paragraphs = re.split(r"\n\s*\n", notes[:_MAX_NOTES]) if isinstance(notes, str) else []
    parts = [
        f"# {module}",
        escaped(meta.get("description") or ""),
        table(("Feature", "Description"), [(f"**{key}**", said) for key, said in _features(meta)]),
        *_labels(meta["labels"]),
        *_scores(meta.get("performance") or {}),
        *map(escaped, paragraphs),
        _USAGE.format(module=module),
    ]
    return "\n\n".join(part for part in parts if part)


def _features(meta: dict[str, Any]) -> list[tuple[str, str]]:
    author = meta.get("author") or "n/a"
    return [
        ("Name", escaped(f"{meta['lang']}_{meta['name']}")),
        ("Version", escaped(meta["version"])),
        ("spaCy", escaped(meta["spacy_version"])),
        ("Default pipeline", ", ".join(map(escaped, meta["pipeline"])) or "n/a"),
        ("Components", ", ".join(map(escaped, meta["components"])) or "n/a"),
        ("Vectors", _vectors(meta["vectors"])),
        ("Sources", ", ".join(map(_source, meta.get("sources") or [])) or "n/a"),
        ("License", escaped(meta.get("license") or "n/a")),
        ("Author", link(author, meta.get("url"))),
    ]


def _vectors(vectors: dict[str, Any]) -> str:
    counts = [vectors.get(name, 0) for name in ("keys", "vectors", "width")]
    if not all(type(count) is int and 0 <= count < 2**40 for count in counts):
        return "n/a"
    keys, rows, width = counts
    return f"{counted(keys, 'key')}, {counted(rows, 'unique vector')} ({width} dimensions)"


def _source(source: str | dict[str, str]) -> str:
    if isinstance(source, str):
        return escaped(source)
    author = source.get("author")
    shown = link(source.get("name") or "n/a", source.get("url"))
    return f"{shown} ({escaped(author)})" if author else shown


def _labels(labels: dict[str, list[str]]) -> list[str]:
    rows = [
        (f"**{escaped(name)}**", ", ".join(map(escaped, found)))
        for name, found in labels.items()
        if found
    ]
    return ["### Labels", table(("Component", "Labels"), rows)] if rows else []


def _scores(performance: dict[str, Any]) -> list[str]:
    rows = [
        (escaped(name.upper()), f"{100 * score:.2f}")
        for name, score in performance.items()
        if isinstance(score, (int, float)) and name != "speed" and 0 <= score <= 1
    ]
    return ["### Accuracy", table(("Type", "Score"), rows)] if rows else []
