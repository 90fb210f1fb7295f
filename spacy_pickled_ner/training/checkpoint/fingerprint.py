"""Identify a run by everything that its final weights depend on.

A run can only resume from a checkpoint with the same fingerprint.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from spacy.language import Language
from thinc.api import Optimizer

from ...about import PACKAGES
from ..frozen import digest_component

Fingerprint = dict[str, Any]

_RATES = ("learn_rate", "b1", "b2", "eps", "L2", "L2_is_weight_decay", "grad_clip", "use_radam")


def describe_run(
    nlp: Language,
    component: str,
    *,
    frozen: Mapping[str, str],
    data: Mapping[str, str],
    settings: Mapping[str, Any],
    optimizer: Optimizer,
    batcher: object,
) -> Fingerprint:
    """Describe a run before it starts.

    nlp (Language): The base, unchanged.
    component (str): The NER in it.
    frozen (Mapping[str, str]): Digests of the other components, see `digest_frozen`.
    data (Mapping[str, str]): Digests of the parts of the data.
    settings (Mapping[str, Any]): Plain settings.
    optimizer (Optimizer), batcher (object): Fresh ones.
    RETURNS (Fingerprint): Flat, plain JSON; digests are the values that begin with "sha256:".
    """
    base = {
        **frozen,
        "meta": _digest(nlp.meta),
        "config": _digest(nlp.config),
    }
    if component in nlp.component_names:
        base[component] = digest_component(nlp.get_pipe(component))
    parts: dict[str, Mapping[str, Any]] = {
        "setting": {
            **settings,
            "optimizer": _describe_optimizer(optimizer),
            "batcher": _describe(batcher),
        },
        "data": {name: f"sha256:{digest}" for name, digest in data.items()},
        "base": {name: f"sha256:{digest}" for name, digest in base.items()},
        "version": {
            "python": ".".join(platform.python_version_tuple()[:2]),
            **{name: version(name) for name in PACKAGES},
        },
    }
    flat = {
        f"{part} {name}": value for part, known in parts.items() for name, value in known.items()
    }
    # As JSON reads it back: tuples become lists.
    plain: Fingerprint = json.loads(json.dumps(flat))
    return plain


def find_changes(before: Fingerprint, now: Fingerprint) -> list[str]:
    """List the differences between two runs.

    RETURNS (List[str]): One phrase each, e.g. "setting dropout was 0.1, is 0.2". Empty for the
        same run.
    """
    found = []
    for name in sorted(before.keys() | now.keys()):
        was, now_is = before.get(name), now.get(name)
        if was == now_is:
            continue
        is_digest = any(
            isinstance(value, str) and value.startswith("sha256:") for value in (was, now_is)
        )
        if not is_digest:
            found.append(f"{name} was {json.dumps(was)}, is {json.dumps(now_is)}")
        elif was is None:
            found.append(f"{name} is new")
        else:
            found.append(f"{name} {'is gone' if now_is is None else 'has changed'}")
    return found


def _describe_optimizer(optimizer: Optimizer) -> dict[str, Any]:
    described = {name: getattr(optimizer, name) for name in _RATES}
    described["use_averages"] = optimizer.averages is not None
    described |= {f"{name} schedule": _describe(s) for name, s in optimizer.schedules.items()}
    return described


def _describe(value: object) -> Any:
    """Describe a value of a config: a number, a function with arguments, or a schedule."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_describe(item) for item in value]
    if isinstance(value, functools.partial):
        keywords = {name: _describe(item) for name, item in sorted(value.keywords.items())}
        return {"function": _describe(value.func), **keywords}
    frame = getattr(value, "gi_frame", None)
    if frame is not None:
        # A thinc schedule is a generator; its arguments are its first variables.
        variables = {name: _describe(item) for name, item in sorted(frame.f_locals.items())}
        return {"function": getattr(value, "__qualname__", "?"), **variables}
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
