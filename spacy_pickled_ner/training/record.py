"""The training record in the pipeline's own meta, where every way of saving a pipeline keeps it."""

from __future__ import annotations

from typing import Any

from ..about import META_KEY
from .result import FineTuneResult


def make_record(result: FineTuneResult) -> dict[str, Any]:
    """Make the record of a run.

    It holds no times, no paths and no versions of other packages: the same run writes the same
    bytes on every day.
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
        # Fine-tuned before: keep where it came from, without that run's rows.
        record["previous"] = {**meta[META_KEY], "history": []}
    meta[META_KEY] = record
    if result.scores:
        meta["performance"] = {**meta.get("performance", {}), **result.scores}
    if name:
        meta["name"] = name
