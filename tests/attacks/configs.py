"""Stage two: configs that name what reads, writes, imports or never ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy_pickled_ner.model_file import loads

from .case import LOADED, Case
from .editing import v1

Change = Callable[[dict[str, Any], Path], None]


def changed(change: Change, expected: str, attack: Callable[[bytes], Any] = loads) -> Case:
    def make(marker: Path) -> bytes:
        def apply(raw: bytes) -> bytes:
            config = json.loads(bytes(raw))
            change(config, marker)
            return json.dumps(config).encode()

        return v1("ner", "config.json", lambda raw: apply(raw))

    return Case(make, expected, attack)


def nlp(**values: Any) -> Change:
    return lambda config, marker: config["nlp"].update(values)


def ner(**values: Any) -> Change:
    return lambda config, marker: config["components"]["ner"].update(values)


def model(**values: Any) -> Change:
    return lambda config, marker: config["components"]["ner"]["model"].update(values)


def logger(slot: str) -> Change:
    def change(config: dict[str, Any], marker: Path) -> None:
        output = str(marker / "deep" / "owned.txt")
        config["nlp"][slot] = {"@loggers": "spacy.ConsoleLogger.v3", "output_file": output}

    return change


def clones(n: object, layer: object = None) -> dict[str, object]:
    return {"@layers": "clone.v1", "orig": layer or {"@layers": "Linear.v1"}, "n": n}


def scorer(config: dict[str, Any], marker: Path) -> None:
    output = str(marker / "deep" / "owned.txt")
    block = {"@loggers": "spacy.ConsoleLogger.v3", "output_file": output}
    config["components"]["ner"]["scorer"] = block


def renamed(name: str) -> Change:
    def change(config: dict[str, Any], marker: Path) -> None:
        config["components"] = {name: config["components"]["ner"]}
        config["nlp"]["pipeline"] = [name]

    return change


def laughs(config: dict[str, Any], marker: Path) -> None:
    config["vars"] = {"a0": "x" * 100}
    for level in range(1, 12):
        config["vars"][f"a{level}"] = f"${{vars.a{level - 1}}}" * 10
    config["components"]["ner"]["incorrect_spans_key"] = "${vars.a11}"


def doubling(config: dict[str, Any], marker: Path) -> None:
    config["s0"] = {"x": 1}
    for level in range(1, 29):
        config[f"s{level}"] = {"a": f"${{s{level - 1}}}", "b": f"${{s{level - 1}}}"}
    config["components"]["ner"]["x"] = "${s28}"


def cycle(config: dict[str, Any], marker: Path) -> None:
    config["vars"] = {"a": "${vars.b}", "b": "${vars.a}"}
    config["components"]["ner"]["x"] = "${vars.a}"


def many_components(config: dict[str, Any], marker: Path) -> None:
    block = config["components"]["ner"]
    config["components"] = {f"n{i}": block for i in range(2_000)}
    config["nlp"]["pipeline"] = list(config["components"])


def deep(depth: int) -> Any:
    return {"a": deep(depth - 1)} if depth else 1


def elsewhere(config: dict[str, Any], marker: Path) -> None:
    """Blocks that only training resolves stay data."""
    config["training"] = {"logger": {"@loggers": "nobody.Has.v1"}, "x": {"@misc": "nobody.Has.v1"}}
    config["initialize"] = {"before_init": {"@callbacks": "nobody.has.v1"}}


UNTRUSTED: dict[str, Change] = {
    "a million clones": model(tok2vec=clones(10**6)),
    "clones of clones": model(tok2vec=clones(60, clones(60))),
    "clones of clones in a list": model(
        tok2vec=clones(60, {"@layers": "chain.v1", "*": {"layers": [clones(60)]}})
    ),
    "clones of text": model(tok2vec=clones("9" * 9)),
    **{f"logger as {slot}": logger(slot) for slot in ("before_creation", "after_creation")},
    "logger after the pipeline": logger("after_pipeline_creation"),
    "logger as scorer": scorer,
    **{
        f"{reader} of {path}": ner(scorer={"@readers": reader, "path": path})
        for reader in ("srsly.read_json.v1", "srsly.read_yaml.v1", "spacy.read_labels.v1")
        for path in ("/dev/zero", "/etc/passwd")
    },
    "base model": nlp(
        before_creation={"@callbacks": "spacy.copy_from_base_model.v1", "vocab": "pip"}
    ),
    "knowledge base from a file": ner(kb={"@misc": "spacy.KBFromFile.v1", "kb_path": "/"}),
    "name that nobody has": model(**{"@architectures": "nobody.Has.v1"}),
    "registry that nobody has": ner(x={"@nobody": "nobody.Has.v1"}),
    "class attribute as registry": ner(x={"@__dict__": "misc"}),
    "factory that nobody has": ner(factory="nobody"),
    "PyTorch": model(tok2vec={"@architectures": "spacy.TorchBiLSTMEncoder.v1"}),
    "GPU": ner(x={"@ops": "CupyOps"}),
    "other package's tokenizer": nlp(tokenizer={"@tokenizers": "nobody.Tokenizer.v1"}),
    "tokenizer that only pretends": nlp(tokenizer={"@tokenizers": "spacy.zh.Other"}),
    **{f"language {lang}": nlp(lang=lang) for lang in ("__init__", "char_classes", "EN", "nobody")},
}


def of_another_file(slot: str) -> Change:
    """Our own factory, which would open the path that it is given."""

    def change(config: dict[str, Any], marker: Path) -> None:
        block = config["components"]["ner"]
        other = {"path": str(marker), "component": None, "trusted": ["factories:x"]}
        if slot == "component":
            config["components"]["ner"] = {"factory": "pickled_ner", **other}
        else:
            block[slot] = {"@factories": "pickled_ner", "nlp": None, "name": "x", **other}

    return change


def trusting(data: bytes) -> Any:
    """Load as a caller does who trusts whatever is asked for."""
    return loads(data, trusted=["factories:pickled_ner"])


OTHER_FILES = {
    f"NER of another file as {slot}": of_another_file(slot)
    for slot in ("component", "scorer", "model")
}
UNUSABLE: dict[str, Change] = {
    "source of a package": ner(source="pip"),
    "source of a path": ner(source="/tmp"),
    "source of a blank": ner(source="blank:en"),
    **{
        f"language {lang!a:.20}": nlp(lang=lang)
        for lang in ("..cli", "/abs/x", "", 5, None, ["en"], "en\0x", "x" * 5_000)
    },
    **{f"tokenizer of {value!a}": nlp(tokenizer=value) for value in (5, "x", [1], True)},
    "two functions": ner(x={"@misc": "a", "@readers": "b"}),
    **{f"function {name!a:.20}": ner(x={"@misc": name}) for name in (5, None, ["a"], "x" * 10**5)},
    **{
        f"component {name!a:.20}": renamed(name)
        for name in ("/abs", "../x", "vocab", "tokenizer", "config.cfg", "", "a/b", "x" * 10**4)
    },
    "billion laughs": laughs,
    "doubled 28 times": doubling,
    "variables in a circle": cycle,
    "variable of itself": ner(x="${components.ner.x}"),
    "variable of all components": ner(x="${components}"),
    "2,000 components": many_components,
    "400 levels": ner(x=deep(400)),
    "25,000 keys": ner(x={str(n): n for n in range(25_000)}),
    "long line": ner(x="x" * 300_000),
    "depth of 10**6": model(tok2vec={"depth": 10**6}),
    "width of 2**31": model(hidden_width=2**31),
    "suggester of 10**9": ner(suggester={"max_size": 10**9}),
    "beam of 10**8": ner(beam_width=10**8),
    "beam of -10**8": ner(beam_width=-(10**8)),
    "batches of 10**12": nlp(batch_size=10**12),
    "batches of nothing": nlp(batch_size=0),
    "batches of text": nlp(batch_size="9"),
    "number of 4,200 digits": ner(x=10**4_200),
    "name of a function that hides": ner(name="other"),
    "pipeline twice": nlp(pipeline=["ner", "ner"]),
    "pipeline of nobody": nlp(pipeline=["nobody"]),
    "pipeline of a number": nlp(pipeline=5),
    "function as block": lambda config, marker: config["nlp"].update({"@misc": "a"}),
}

CASES: dict[str, Case] = {
    **{name: changed(change, "untrusted") for name, change in UNTRUSTED.items()},
    **{name: changed(change, "bad-config") for name, change in (UNUSABLE | OTHER_FILES).items()},
    **{
        f"number {value}": changed(ner(x=value), "bad-json")
        for value in (float("nan"), float("inf"), -float("inf"))
    },
    **{
        f"{name}, trusted": changed(change, "bad-config", trusting)
        for name, change in OTHER_FILES.items()
    },
    "names in blocks that only training reads": changed(elsewhere, LOADED),
    "state that does not fit the config": changed(model(hidden_width=9), "model-mismatch"),
    "other component than the state's": changed(ner(factory="tagger", model={
        "@architectures": "spacy.Tagger.v2", "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2", "width": 16, "depth": 1, "embed_size": 50,
            "window_size": 1, "maxout_pieces": 2, "subword_features": False,
            "pretrained_vectors": None}}), "bad-config"),
    **{
        f"config of {value!a:.20}": Case(
            lambda marker, value=value: v1("ner", "config.json", lambda raw: value),
            "bad-config bad-json",
        )
        for value in (b"[]", b"{}", b"5", b'{"nlp":1}', b"[" * 10**5, b'{"a":NaN}', b"\xff", b"")
    },
    **{
        f"meta data of {value!a:.20}": Case(
            lambda marker, value=value: v1("ner", "meta.json", lambda raw: value),
            "bad-meta bad-json",
        )
        for value in (b"[]", b"5", b'{"labels":5}', b"[" * 10**5)
    },
}  # fmt: skip
