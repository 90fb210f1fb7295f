"""Configs that ask for what is installed: packages, their plugins, and another framework.

Each case finds a trap installed: a package that springs when it is imported. To be sure that it
would have sprung, it is set off after the file was refused.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import thinc.api

from spacy_pickled_ner.errors import PickledNerError
from spacy_pickled_ner.model_file import get_untrusted, inspect, loads, verify

from . import trap
from .case import LOADED, Case
from .configs import Change, changed, ner, nlp
from .editing import replaced
from .models import MODEL, NAME, find, structure


def trapped(change: Change, expected: str) -> Case:
    markers: list[Path] = []

    def make(marker: Path) -> bytes:
        markers.append(marker)
        os.environ[trap.VARIABLE] = str(marker)
        data: bytes = changed(change, expected).make(marker)
        return data

    def attack(data: bytes) -> None:
        refused: Exception | None = None
        for look in (inspect, verify, get_untrusted, loads):
            try:
                look(data)
            except PickledNerError as err:
                refused = err
        if not markers[-1].exists():
            trap.spring(markers[-1])
        if refused is not None:
            raise refused

    return Case(make, expected, attack)


CALLBACK = {"@callbacks": trap.FUNCTION}


def training(config: dict[str, Any], marker: Path) -> None:
    config["training"] = {"logger": CALLBACK, "before_to_disk": CALLBACK}
    config["initialize"] = {"before_init": CALLBACK, "x": {"@misc": trap.FUNCTION}}


def by_variable(config: dict[str, Any], marker: Path) -> None:
    config["vars"] = {"name": trap.FUNCTION}
    config["components"]["ner"]["x"] = {"@misc": "${vars.name}"}


BASE_MODEL = {
    "@callbacks": "spacy.copy_from_base_model.v1",
    "vocab": trap.MODULE,
    "tokenizer": trap.MODULE,
}


def torch_that_springs(marker: Path) -> None:
    """A stand-in for PyTorch, whose `load` is what unpickles a shim."""
    torch: Any = ModuleType("torch")
    torch.load = lambda *args, **kwargs: marker.mkdir()
    sys.modules["torch"] = torch
    thinc.api.PyTorchShim.from_bytes = lambda self, data: marker.mkdir()


class Unpickled:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> Any:
        return (Path.mkdir, (self.marker,))


def shim(marker: Path) -> bytes:
    torch_that_springs(marker)
    nodes = structure()
    layer = find(nodes, "linear")
    nodes[layer]["shims"] = 1
    state = pickle.dumps(Unpickled(marker))
    sections = {
        f"{MODEL}.json": json.dumps(nodes).encode(),
        f"{MODEL}/{layer}/shims/0": state,
    }
    return replaced(NAME, sections)


def torch_layer(marker: Path) -> bytes:
    torch_that_springs(marker)
    block = {"@architectures": "spacy.TorchBiLSTMEncoder.v1", "width": 8, "depth": 1, "dropout": 0}
    data: bytes = changed(ner(model=block), "untrusted").make(marker)
    return data


CASES: dict[str, Case] = {
    "installed package as source": trapped(ner(source=trap.MODULE), "bad-config"),
    "installed package as base model": trapped(nlp(before_creation=BASE_MODEL), "untrusted"),
    "plugin by its name": trapped(ner(x={"@misc": trap.FUNCTION}), "untrusted"),
    "plugin as callback": trapped(nlp(after_creation=CALLBACK), "untrusted"),
    "plugin as tokenizer": trapped(nlp(tokenizer={"@tokenizers": trap.FUNCTION}), "untrusted"),
    "plugin as model": trapped(ner(model={"@architectures": trap.FUNCTION}), "untrusted"),
    "plugin as factory": trapped(ner(factory=trap.MODULE), "untrusted"),
    "plugin as language": trapped(nlp(lang=trap.LANGUAGE), "untrusted"),
    "name that all plugins are asked for": trapped(ner(x={"@misc": "nobody.Has.v1"}), "untrusted"),
    "plugin in the name of a variable": trapped(
        ner(x={"@misc": f"${{{trap.FUNCTION}}}"}), "bad-config"
    ),
    "plugin by a variable": trapped(by_variable, "untrusted"),
    "plugins in blocks that only training reads": trapped(training, LOADED),
    "shim with a pickle in it": Case(shim, "model-mismatch"),
    "layer of PyTorch": Case(torch_layer, "untrusted"),
}
