"""Stage two: weights and the structure of models, against the model that the config builds."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import srsly

from .case import LOADED, Case
from .editing import file, replaced, seed, v1
from .states import load_and_run

Nodes = list[dict[str, Any]]
MISFIT = "model-mismatch cannot-build"
NAME = "ner"
MODEL = f"pipe/{NAME}/model"


def structure() -> Nodes:
    nodes: Nodes = json.loads(pickle.loads(file(NAME))[f"{MODEL}.json"])
    return nodes


def find(nodes: Nodes, name: str) -> int:
    return max(i for i, node in enumerate(nodes) if node["name"] == name)


def of_v1(layer: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Any], bytes]:
    def make(marker: Any) -> bytes:
        nodes = structure()
        change(nodes[find(nodes, layer)])
        return v1(NAME, f"{MODEL}.json", lambda raw: json.dumps(nodes).encode())

    return make


def of_seed(layer: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Any], bytes]:
    """The same change to thinc's own form of a model."""

    def apply(model: dict[str, Any]) -> dict[str, Any]:
        model = copy.deepcopy(model)
        i = find(model["nodes"], layer)
        node = model["nodes"][i]
        attrs = {key: srsly.msgpack_loads(value) for key, value in model["attrs"][i].items()}
        view = {**node, "attrs": attrs, "shims": 0, "params": {}}
        change(view)
        model["attrs"][i] = {k: srsly.msgpack_dumps(v) for k, v in view["attrs"].items()}
        node["dims"], node["refs"], node["name"] = view["dims"], view["refs"], view["name"]
        if view["shims"]:
            model["shims"][i] = [b"\x80\x04cos\nsystem\n."] * view["shims"]
        return model

    return lambda marker: rebuilt(apply)


def rebuilt(apply: Callable[[dict[str, Any]], dict[str, Any]]) -> bytes:
    def change(packed: bytes) -> bytes:
        return bytes(srsly.msgpack_dumps(apply(srsly.msgpack_loads(packed))))

    return seed(NAME, NAME, "model", change=change)


STRUCTURE: dict[str, tuple[str, Callable[[dict[str, Any]], object], str]] = {
    "a million outputs": ("linear", lambda n: n["dims"].update(nO=10**6), MISFIT),
    "negative outputs": ("linear", lambda n: n["dims"].update(nO=-1), MISFIT),
    "outputs of text": ("linear", lambda n: n["dims"].update(nO="9"), MISFIT),
    "other inputs": ("linear", lambda n: n["dims"].update(nI=4), MISFIT),
    "another dimension": ("linear", lambda n: n["dims"].update(nX=4), MISFIT),
    "features beyond": (
        "precomputable_affine",
        lambda n: n["dims"].update(nF=10**6),
        MISFIT,
    ),
    "reference beyond the end": (
        "parser_model",
        lambda n: n["refs"].update(lower=10**6),
        MISFIT,
    ),
    "negative reference": (
        "parser_model",
        lambda n: n["refs"].update(lower=-1),
        MISFIT,
    ),
    "reference to another layer": (
        "parser_model",
        lambda n: n["refs"].update(lower=n["refs"]["upper"]),
        "model-mismatch",
    ),
    "no reference": ("parser_model", lambda n: n["refs"].update(upper=None), "model-mismatch"),
    "no output layer": (
        "parser_model",
        lambda n: n["attrs"].update(has_upper=False),
        "model-mismatch",
    ),
    "attribute that was a function": (
        "parser_model",
        lambda n: n["attrs"].update(resize_output="x"),
        "model-mismatch",
    ),
    "new attribute": ("linear", lambda n: n["attrs"].update(x=1), "model-mismatch"),
    "wide window": (
        "expand_window",
        lambda n: n["attrs"].update(window_size=10**9),
        "model-mismatch",
    ),
    "negative window": ("expand_window", lambda n: n["attrs"].update(window_size=-1), MISFIT),
    "dropout of 10**9": (
        "precomputable_affine",
        lambda n: n["attrs"].update(dropout_rate=1e9),
        "model-mismatch",
    ),
    "dropout of training": (
        "precomputable_affine",
        lambda n: n["attrs"].update(dropout_rate=0.3),
        LOADED,
    ),
    "seed of text": ("hashembed", lambda n: n["attrs"].update(seed="x"), "model-mismatch"),
    "shim": ("linear", lambda n: n.update(shims=1), MISFIT),
    "unseen class beyond the end": (
        "parser_model",
        lambda n: n["attrs"].update(unseen_classes=[10**9]),
        "model-mismatch",
    ),
}  # fmt: skip


def arrays() -> Iterator[tuple[str, Case]]:
    changes: dict[str, tuple[Callable[[Any], Any], str]] = {
        "one number": (lambda w: w[:1, :1], "model-mismatch"),
        "fewer rows": (lambda w: w[:-1], "model-mismatch"),
        "more rows": (lambda w: np.vstack([w, w]), "model-mismatch"),
        "turned": (lambda w: w.T.copy(), "model-mismatch"),
        "flat": (lambda w: w.reshape(-1), "model-mismatch"),
        "twice as exact": (lambda w: w.astype("f8"), "model-mismatch"),
        "integers": (lambda w: w.astype("i4"), "model-mismatch"),
        "empty": (lambda w: w[:0], "model-mismatch"),
        "not a number": (lambda w: w * np.nan, LOADED),
        "endless": (lambda w: w + np.inf, LOADED),
    }
    for name, (change, expected) in changes.items():
        nodes = structure()
        where = f"{MODEL}/{find(nodes, 'linear')}/W"
        yield (
            f"weights: {name} (v1)",
            Case(lambda _, w=where, c=change: v1(NAME, w, c), expected, load_and_run),
        )

        def apply(model: dict[str, Any], change: Callable[[Any], Any] = change) -> dict[str, Any]:
            params = model["params"][find(model["nodes"], "linear")]
            params["W"] = change(params["W"])
            return model

        yield (
            f"weights: {name} (seed)",
            Case(lambda _, apply=apply: rebuilt(apply), expected, load_and_run),
        )
    for name, value in {
        "a list": [[1.0]],
        "nothing": None,
        "objects": {b"nd": True, b"type": "|O", b"kind": b"", b"shape": [1], b"data": b"x" * 8},
        "a structure with objects": {
            b"nd": True, b"type": [["a", "|O"]], b"kind": b"V", b"shape": [1], b"data": b"x" * 8,
        },
        "10**9 empty rows": {
            b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [10**9, 0], b"data": b"",
        },
        "a huge item": {
            b"nd": True, b"type": "|V2147483647", b"kind": b"", b"shape": [0], b"data": b"",
        },
    }.items():  # fmt: skip

        def put(model: dict[str, Any], value: Any = value) -> dict[str, Any]:
            model["params"][find(model["nodes"], "linear")]["W"] = value
            return model

        codes = MISFIT
        yield f"weights: {name} (seed)", Case(lambda _, put=put: rebuilt(put), codes, load_and_run)
    yield (
        "one layer more (v1)",
        Case(
            lambda _: v1(
                NAME,
                f"{MODEL}.json",
                lambda raw: json.dumps([*structure(), structure()[-1]]).encode(),
            ),
            "model-mismatch",
        ),
    )


def packed() -> Iterator[tuple[str, Case]]:
    """Attributes that are msgpack of their own, which thinc decodes without looking."""
    for name, data in {
        "ten million empty maps": b"\xdd\x00\x98\x96\x80" + b"\x80" * 10**7,
        "200,000 levels": b"\x91" * 200_000 + b"\x90",
        "more than there is": b"\xdd\xff\xff\xff\xff",
        "an extension": b"\xd4\x01\x00",
        "nothing": b"",
    }.items():

        def of_v1(marker: Any, data: bytes = data) -> bytes:
            nodes = structure()
            layer = find(nodes, "precomputable_affine")
            nodes[layer]["attrs"].pop("dropout_rate")
            nodes[layer]["packed"] = ["dropout_rate"]
            return replaced(
                NAME,
                {
                    f"{MODEL}.json": json.dumps(nodes).encode(),
                    f"{MODEL}/{layer}/attrs/dropout_rate": data,
                },
            )

        def put(model: dict[str, Any], data: bytes = data) -> dict[str, Any]:
            model["attrs"][find(model["nodes"], "precomputable_affine")]["dropout_rate"] = data
            return model

        yield f"attribute: {name} (v1)", Case(of_v1, "bad-msgpack", load_and_run)
        yield (
            f"attribute: {name} (seed)",
            Case(lambda _, put=put: rebuilt(put), "bad-msgpack", load_and_run),
        )


CASES: dict[str, Case] = {
    **{
        f"{name} ({kind})": Case(make(layer, change), expected, load_and_run)
        for name, (layer, change, expected) in STRUCTURE.items()
        for kind, make in (("v1", of_v1), ("seed", of_seed))
    },
    **dict(arrays()),
    **dict(packed()),
}
