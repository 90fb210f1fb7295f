"""Where a result comes from: the base, the versions, the day. For people to read."""

from __future__ import annotations

import platform
from datetime import datetime, timezone
from importlib.metadata import version

from spacy.language import Language

PACKAGES = ("spacy-pickled-ner", "spacy", "thinc", "numpy")


def describe_base(nlp: Language) -> dict[str, str]:
    """Return `lang`, `name` and `version` of a pipeline, as its meta has them."""
    return {key: str(nlp.meta[key]) for key in ("lang", "name", "version")}


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the weights, by name."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601 has it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
