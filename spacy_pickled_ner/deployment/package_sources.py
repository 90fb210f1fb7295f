"""The text files of a packaged pipeline.

Values from a model file are written as JSON, as one-line TOML strings, or as escaped Markdown. Only
checked names are written into code, and only URLs of web pages are written at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from .markdown import one_line, plausible_url
from .readme import make_readme

_PYPROJECT: Final = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = {module}
version = {version}
description = {description}
readme = "README.md"
requires-python = ">=3.10"
dependencies = {requirements}
{known}

[project.entry-points.spacy_models]
{module} = {module}

[tool.hatch.build]
# A .gitignore around this folder must not leave the model out.
ignore-vcs = true

[tool.hatch.build.targets.wheel]
packages = [{module}]
"""

_KNOWN: Final = {
    "license": "license = {{ text = {} }}",
    "author": "authors = [{{ name = {} }}]",
    "url": "urls = {{ Homepage = {} }}",
}

_INIT: Final = '''\
"""The spaCy pipeline {module}: `spacy.load("{module}")`."""

from spacy_pickled_ner.deployment import load_packaged

__version__ = "{version}"

TRUSTED = {trusted}


def load(**overrides):
    """Load the pipeline, with `vocab`, `disable`, `enable`, `exclude`, `config` of `spacy.load`."""
    return load_packaged(__file__, trusted=TRUSTED, **overrides)
'''


def make_sources(module: str, meta: dict[str, Any], trusted: Sequence[str]) -> dict[str, str]:
    """Create all files except the model file.

    module (str): Name of the package.
    meta (Dict[str, Any]): Its checked meta.
    trusted (Sequence[str]): The names that its `load()` trusts.
    RETURNS (Dict[str, str]): Contents by path.
    """
    version = meta["version"]
    said = {key: value for key, value in meta.items() if value not in ("", None)}
    if plausible_url(said.get("url")) is None:
        said.pop("url", None)
    pyproject = _PYPROJECT.format(
        module=_toml(module),
        version=_toml(version),
        description=_toml(said.get("description", f"{module}, a spaCy pipeline")),
        requirements=f"[{', '.join(map(_toml, meta['requirements']))}]",
        known="\n".join(_KNOWN[key].format(_toml(said[key])) for key in _KNOWN if key in said),
    )
    return {
        "pyproject.toml": pyproject,
        "README.md": make_readme(module, meta),
        f"{module}/__init__.py": _INIT.format(
            module=module, version=version, trusted=repr(tuple(trusted))
        ),
        f"{module}/meta.json": json.dumps(meta, indent=2) + "\n",
    }


def _toml(text: str) -> str:
    """Format a string for TOML, on one line, as most become headers of the package metadata."""
    return json.dumps(one_line(text), ensure_ascii=False)
