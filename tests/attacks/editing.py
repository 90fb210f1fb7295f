"""Change one thing deep inside of a valid file, and make all digests right again."""

from __future__ import annotations

import functools
import json
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import srsly

from spacy_pickled_ner.container.manifest import encode_manifest
from spacy_pickled_ner.container.sections import Section, array_section
from spacy_pickled_ner.model_file import dumps
from spacy_pickled_ner.model_file.pickle_v1 import assemble

from ..model_file.pipelines import PIPELINES
from .pipelines import ATTACKED

Change = Callable[[Any], Any]
# Steps of a path that say what the bytes at this place are; a name in bytes means msgpack anyway.
JSON, MSGPACK = object(), object()


@functools.cache
def file(name: str, layout: str = "v1") -> bytes:
    """A valid file of one of the pipelines."""
    return dumps((ATTACKED | PIPELINES)[name](), format=layout)


def edited(value: Any, path: Sequence[Any], change: Change) -> Any:
    """Copy a value with one thing in it changed, decoding msgpack and JSON on the way."""
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if step is JSON:
        text = json.dumps(edited(json.loads(value), rest, change))
        return text.encode() if isinstance(value, bytes) else text
    if step is MSGPACK:
        return srsly.msgpack_dumps(edited(srsly.msgpack_loads(value), rest, change))
    if isinstance(value, bytes):
        return srsly.msgpack_dumps(edited(srsly.msgpack_loads(value), path, change))
    copied = {**value} if isinstance(value, dict) else [*value]
    if isinstance(copied, dict) and rest == () and step not in copied:
        copied[step] = change(None)
    else:
        copied[step] = edited(copied[step], rest, change)
    return copied


def v1(name: str, section: str, change: Change, *path: Any, of: str = "v1") -> bytes:
    """A `pickle.v1` file with one section changed; a change to None drops it."""
    content = pickle.loads(file(name, of))
    manifest = json.loads(content["manifest"])
    sections = []
    for info in manifest["sections"]:
        data = content[info["name"]]
        if info["name"] != section:
            shape = tuple(info["shape"]) if "shape" in info else None
            sections.append(Section(info["name"], data, info.get("dtype"), shape))
            continue
        if "shape" in info and not path:
            data = np.frombuffer(data, info["dtype"]).reshape(info["shape"])
        data = edited(data, path, change)
        if isinstance(data, np.ndarray):
            sections.append(array_section(section, data))
        elif data is not None:
            sections.append(Section(section, data, info.get("dtype"), info.get("shape")))
    return b"".join(assemble(encode_manifest(sections, manifest["versions"]), sections))


def replaced(name: str, changes: dict[str, bytes]) -> bytes:
    """A `pickle.v1` file with whole sections replaced or, where there are none of a name, added."""
    content = pickle.loads(file(name))
    manifest = json.loads(content["manifest"])
    sections = [
        Section(info["name"], content[info["name"]], info.get("dtype"), info.get("shape"))
        for info in manifest["sections"]
        if info["name"] not in changes
    ]
    sections += [Section(*item) for item in changes.items()]
    return b"".join(assemble(encode_manifest(sections, manifest["versions"]), sections))


def seed(name: str, *path: Any, change: Change) -> bytes:
    """A `seed.v0` file with one thing changed."""
    content = pickle.loads(file(name, "seed"))
    content["bytes_data"] = edited(content["bytes_data"], path, change)
    return pickle.dumps(content, 4)


def both(
    name: str, component: str, *path: Any, change: Change
) -> dict[str, Callable[[Any], bytes]]:
    """The same change to the state of a component, in either format."""
    section = component if component == "tokenizer" else f"pipe/{component}/state"
    return {
        "v1": lambda marker: v1(name, section, change, *path),
        "seed": lambda marker: seed(name, component, *path, change=change),
    }


def rebuilt(data: bytes, **changes: bytes) -> bytes:
    """The same file with some sections replaced, and all digests right."""
    content = pickle.loads(data)
    manifest = json.loads(content["manifest"])
    sections = []
    for info in manifest["sections"]:
        raw = changes.get(info["name"], content[info["name"]])
        if raw is not None:
            shape = tuple(info["shape"]) if "shape" in info else None
            if info.get("dtype") == "|u1":
                shape = (len(raw),)
            sections.append(Section(info["name"], raw, info.get("dtype"), shape))
    return b"".join(assemble(encode_manifest(sections, manifest["versions"]), sections))
