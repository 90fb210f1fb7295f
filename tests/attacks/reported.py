"""Files that searches by independent forgers found: they ran code, crashed, or never ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .case import Case
from .editing import JSON, Change, v1
from .states import each, load_and_run, plus, to

DOTTED = (
    "tensor.ctypes._ctypes._os.sys.path",
    "tensor.ctypes._ctypes._os.environ",
    "vocab.strings.__class__.add",
    "__class__",
    "user_data",
    "_._extensions",
)


def config(name: str, change: Callable[[dict[str, Any]], object], expected: str) -> Case:
    """A case whose config is changed in place."""

    def apply(raw: bytes) -> bytes:
        found = json.loads(bytes(raw))
        change(found)
        return json.dumps(found).encode()

    return Case(lambda marker: v1(name, "config.json", apply), expected, load_and_run)


def component(pipeline: str, name: str, expected: str, **settings: Any) -> Case:
    return config(pipeline, lambda c: c["components"][name].update(settings), expected)


def model(change: Callable[[dict[str, Any]], dict[str, Any]], expected: str = "untrusted") -> Case:
    """A case whose NER has another model."""

    def apply(found: dict[str, Any]) -> None:
        block = found["components"]["ner"]
        block["model"] = change(block["model"])

    return config("ner", apply, expected)


def layer(name: str, *layers: Any, **arguments: Any) -> dict[str, Any]:
    positional = {"*": dict(zip("abcdefghij", layers, strict=False))} if layers else {}
    return {"@layers": name, **arguments, **positional}


def patterns(n: int, pattern: Any) -> tuple[Change, str]:
    return to([{"label": "A", "pattern": pattern}] * n), "untrusted"


TOK2VEC_BEHIND_A_LAYER = {
    "a layer before a parser": model(lambda old: layer("chain.v1", layer("Dropout.v1"), old)),
    "a sparse layer of no length": model(
        lambda old: old | {"tok2vec": layer("SparseLinear.v1", length=0)}
    ),
    "a sparse layer of no length in version 2": model(
        lambda old: old | {"tok2vec": layer("SparseLinear.v2", length=0)}
    ),
    "layers behind n-grams": model(
        lambda old: layer(
            "chain.v1",
            layer("spacy.extract_ngrams.v1", ngram_size=1),
            layer("with_getitem.v1", idx=2, layer=layer("add.v1", *[layer("Dropout.v1")] * 9)),
        )
    ),
    "a tagger's model in an NER": model(
        lambda old: {"@architectures": "spacy.Tagger.v2", "tok2vec": old["tok2vec"], "nO": None}
    ),
    "a parser's model as its own tok2vec": model(lambda old: old | {"tok2vec": old}),
}

CASES: dict[str, Case] = {
    **TOK2VEC_BEHIND_A_LAYER,
    **{
        f"cleaner of {name} in the config": component(
            "beam", "doc_cleaner", "untrusted", attrs={name: None}
        )
        for name in DOTTED
    },
    **each(
        "beam",
        "doc_cleaner",
        "cfg",
        JSON,
        "attrs",
        **{f"cleaner of {name}": (to({name: ["/tmp/x"]}), "untrusted") for name in DOTTED},
    ),
    **each(
        "beam",
        "token_splitter",
        "cfg",
        JSON,
        **{
            "every token split": (plus(min_length=1, split_length=1), "untrusted"),
            "text as length": (plus(min_length="1"), "bad-settings"),
        },
    ),
    **each("beam", "beam_ner", "cfg", JSON, **{"beam of 256": (plus(beam_width=256), "untrusted")}),
    "beam of 256 in the config": component("beam", "beam_ner", "untrusted", beam_width=256),
    **each(
        "bare",
        "entity_ruler",
        "patterns",
        **{
            "3,000 patterns of 512 tokens": patterns(3_000, [{"LOWER": "x", "OP": "{512}"}]),
            "eight open operators": patterns(1, [{"LOWER": "old", "OP": "*"}] * 8),
            "forty options": patterns(1, [{"IS_ALPHA": True, "OP": "?"}] * 40),
            "sixty pairs of ranges": patterns(60, [{"IS_ALPHA": True, "OP": "{0,127}"}] * 2),
            "a key twice": (
                to([{"label": "A", "pattern": [{"LOWER": "a", "lower": "b"}]}]),
                "bad-patterns",
            ),
            "phrases that tokenizers look at again and again": patterns(20, "$" * 2_000),
        },
    ),
    **{
        f"config key {key!a}": config(
            "ner", lambda c, key=key: c.update({key: {"x": 1}}), "bad-config"
        )
        for key in ("nlp.after_creation", "x]\n[nlp.after_creation", "a=b", "#a", " a", "a\r")
    },
    **{
        f"config text {text!a}": config(
            "ner", lambda c, text=text: c.update({"zz": {"x": text}}), "bad-config"
        )
        for text in ("__SECTION__:paths.evil", "${nlp.lang}\r[nlp.x]", "$${nlp.lang}")
    },
    "variables that spell a function": config(
        "ner",
        lambda c: (
            c.update({"zz": {"a": '{"@readers":"x",', "b": '"path":"y"}'}}),
            c["components"]["ner"].update(incorrect_spans_key="${zz.a}${zz.b}"),
        ),
        "bad-config",
    ),
    "huge batches": config("ner", lambda c: c["nlp"].update(batch_size=430_000), "untrusted"),
    "a setting of [nlp] that there is not": config(
        "ner", lambda c: c["nlp"].update(other=1), "bad-config"
    ),
    "sixty-four tok2vecs of a thousand layers": config(
        "ner",
        lambda c: c["components"].update(
            {
                f"n{n}": {
                    "factory": "tok2vec",
                    "model": {
                        "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 32,
                        "embed_size": 8, "window_size": 1, "maxout_pieces": 2,
                        "subword_features": True, "pretrained_vectors": None,
                    },
                }
                for n in range(60)
            }
        ),
        "over-budget",
    ),
    "spans of up to 256 tokens": component(
        "spancat",
        "spancat",
        "untrusted",
        suggester={"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": 256},
    ),
    **each(
        "trainable_lemmatizer",
        "trainable_lemmatizer",
        "trees",
        "trees",
        **{
            "trees that double a text twelve times": (
                lambda old: [
                    *old,
                    {"orig": 0, "subst": 1},
                    *(
                        {
                            "prefix_len": 0,
                            "suffix_len": 0,
                            "prefix_tree": len(old) + n,
                            "suffix_tree": len(old) + n,
                        }
                        for n in range(12)
                    ),
                ],
                "bad-trees",
            )
        },
    ),
}  # fmt: skip
