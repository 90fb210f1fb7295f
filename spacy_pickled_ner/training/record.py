"""The training record in the pipeline's own meta, where every way of saving a pipeline keeps it.

Also the origin of a result: the base, the versions, the date.
"""

from __future__ import annotations

import platform
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from spacy.language import Language

from ..about import META_KEY, PACKAGES
from .result import FineTuneResult


def make_record(result: FineTuneResult) -> dict[str, Any]:
    """Create the record of a run.

    It has no times, paths or versions of other packages: the same run always writes the same
    bytes.
    """
    everything = result.to_dict()
    kept = (
        *("labels", "scores", "baseline_scores", "retention", "retention_mode", "stop"),
        "frozen_unchanged",
    )
    history = [
        {name: value for name, value in row.items() if name != "seconds"}
        for row in everything["history"]
    ]
    return {
        "component": result.component,
        **{name: everything[name] for name in kept},
        "settings": result.settings,
        "data_digest": result.data["digest"],
        "history": history,
    }


def write_meta(result: FineTuneResult, *, name: str | None) -> None:
    """Write record, scores and a new name into the meta of the result's pipeline.

    name (Optional[str]): New `meta["name"]`; None keeps the base's.
    """
    meta = result.nlp.meta
    record = make_record(result)
    record["base"] = dict(result.base)
    if META_KEY in meta:
        # The base was fine-tuned before: keep its record, without its history.
        record["previous"] = {**meta[META_KEY], "history": []}
    meta[META_KEY] = record
    if result.scores:
        meta["performance"] = {**meta.get("performance", {}), **result.scores}
    if name:
        meta["name"] = name


def describe_base(nlp: Language) -> dict[str, str]:
    """Return `lang`, `name` and `version` of a pipeline, from its meta."""
    return {key: str(nlp.meta[key]) for key in ("lang", "name", "version")}


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that affect the weights, by name."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def now() -> str:
    """Return the time in UTC, to the second, in ISO 8601 format."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
