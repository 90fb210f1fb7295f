"""Stage two: the states of components and tokenizer, changed where compiled code believes them."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import srsly
from spacy.attrs import HEAD

from spacy_pickled_ner.model_file import get_untrusted, loads

from .case import LOADED, Case
from .editing import JSON, MSGPACK, Change, both, replaced, v1

TEXT = "Ada met the old engineers of Acme in Paris. " * 3


def load_and_run(data: bytes) -> None:
    """What loads must also run: that is when a lie in a file would crash."""
    nlp = loads(data)
    nlp(TEXT)


def to(value: Any) -> Change:
    return lambda old: value


def without(*keys: Any) -> Change:
    return lambda old: {key: value for key, value in old.items() if key not in keys}


def plus(**changes: Any) -> Change:
    return lambda old: {**old, **changes}


def each(name: str, component: str, *path: Any, **attacks: tuple[Change, str]) -> dict[str, Case]:
    """Several changes at the same place, each in either format."""
    return {
        f"{component}: {attack} ({kind})": Case(make, expected, load_and_run)
        for attack, (change, expected) in attacks.items()
        for kind, make in both(name, component, *path, change=change).items()
    }


MOVES = ("moves", "moves", JSON)
BEGIN, INSIDE, LAST, UNIT, OUT = "12345"


def ner_moves() -> dict[str, tuple[Change, str]]:
    return {
        "no moves": (to({}), "bad-moves"),
        "list of moves": (to([]), "bad-moves"),
        "number for moves": (to(5), "bad-moves"),
        "one move": (to({"1": {"PER": 1}}), "bad-moves"),
        "negative frequency alone": (to({"1": {"PER": -5}}), "bad-moves"),
        "only moves for nothing": (to({"0": {}}), "bad-moves"),
        "no move for outside": (without(OUT), "bad-moves"),
        "no end for a label": (lambda m: {**m, LAST: dict(list(m[LAST].items())[1:])}, "bad-moves"),
        "begin without inside": (lambda m: {**m, BEGIN: {**m[BEGIN], "NEW": 1}}, "bad-moves"),
        "one more label": (
            lambda m: {**m, **{a: {**m[a], "NEW": 1} for a in (BEGIN, INSIDE, LAST, UNIT)}},
            "bad-moves",
        ),
        "one label fewer": (
            lambda m: {**m, **{a: dict(list(m[a].items())[:-1]) for a in (BEGIN, INSIDE, LAST)}},
            "bad-moves",
        ),
        "unknown action": (plus(**{"99": {"X": 1}}), "bad-moves"),
        "negative action": (plus(**{"-1": {"X": 1}}), "bad-moves"),
        "200,000 labels": (plus(**{BEGIN: {str(n): 1 for n in range(200_000)}}), "over-budget"),
        "huge frequency": (lambda m: {**m, BEGIN: dict.fromkeys(m[BEGIN], 2**62)}, "bad-moves"),
        "frequency of a text": (lambda m: {**m, BEGIN: dict.fromkeys(m[BEGIN], "1")}, "bad-moves"),
        "frequency of a float": (lambda m: {**m, BEGIN: dict.fromkeys(m[BEGIN], 1.5)}, "bad-moves"),
        "frequencies in a list": (lambda m: {**m, BEGIN: list(m[BEGIN])}, "bad-moves"),
        "negative frequencies as of added labels": (
            lambda m: {**m, **{a: {**m[a], "ORG": -1} for a in (BEGIN, INSIDE, LAST, UNIT)}},
            LOADED,
        ),
    }


def parser_moves() -> dict[str, tuple[Change, str]]:
    return {
        "no moves": (to({}), "bad-moves"),
        "only left": (to({"2": {"dep": 1}}), "bad-moves"),
        "no shift": (without("0"), "bad-moves"),
        "no reduce": (without("1"), "bad-moves"),
        "no break": (without("4"), "bad-moves"),
        "unknown action": (plus(**{"5": {"": 1}}), "bad-moves cannot-build"),
        "one more label": (lambda m: {**m, "2": {**m["2"], "new": 1}}, "bad-moves"),
    }


def settings() -> dict[str, tuple[Change, str]]:
    return {
        "beam of 10**8": (plus(beam_width=10**8), "bad-settings"),
        "beam of 0": (plus(beam_width=0), "bad-settings"),
        "beam of -1": (plus(beam_width=-1), "bad-settings"),
        "beam of a text": (plus(beam_width="9"), "bad-settings"),
        "beam of True": (plus(beam_width=True), "bad-settings"),
        "no beam": (plus(beam_width=None), "bad-settings"),
        "list of settings": (to([]), "bad-settings"),
        "million settings": (to({str(n): n for n in range(10**6)}), "bad-settings"),
        "deep setting": (plus(x=[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]), "bad-settings"),
        "endless density": (plus(beam_density=math.inf), "bad-settings bad-json"),
        "number that is none": (plus(beam_density=math.nan), "bad-settings bad-json"),
    }


def labels() -> dict[str, tuple[Change, str]]:
    return {
        "one label more": (lambda old: [*old, "NEW"], "bad-labels"),
        "one label fewer": (lambda old: old[1:], "bad-labels"),
        "no labels": (to([]), "bad-labels"),
        "a label twice": (lambda old: [*old[1:], old[1]], "bad-labels"),
        "numbers for labels": (lambda old: [*range(len(old))], "bad-labels"),
        "map of labels": (lambda old: dict.fromkeys(old, 1), "bad-labels"),
        "text for labels": (to("abc"), "bad-labels bad-settings"),
        "long label": (lambda old: ["x" * 10**6, *old[1:]], "bad-labels"),
        "unsayable label": (lambda old: ["\ud800", *old[1:]], "bad-labels bad-json"),
    }


def tree(prefix: int, suffix: int = 2**32 - 1, length: int = 0) -> dict[str, int]:
    return {
        "prefix_len": length,
        "suffix_len": length,
        "prefix_tree": prefix,
        "suffix_tree": suffix,
    }


def trees() -> dict[str, tuple[Change, str]]:
    return {
        "tree of itself": (lambda old: [tree(0, 0), *old[1:]], "bad-trees"),
        "tree of the next": (lambda old: [tree(1), tree(0), *old[2:]], "bad-trees"),
        "tree beyond the end": (lambda old: [*old[:-1], tree(len(old))], "bad-trees"),
        "tree far beyond the end": (lambda old: [*old[:-1], tree(2**31)], "bad-trees"),
        "negative tree": (lambda old: [*old[:-1], tree(-1)], "bad-trees"),
        "true tree": (lambda old: [*old[:-1], {**tree(0), "prefix_tree": True}], "bad-trees"),
        "lengths that overflow": (
            lambda old: [*old[:-1], {**tree(2**32 - 1), "prefix_len": 2**31, "suffix_len": 2**31}],
            "bad-trees",
        ),
        "chain of 100,000": (
            lambda old: [*old, *(tree(len(old) - 1 + n) for n in range(100_000))],
            "bad-trees",
        ),
        "each twice the last, 60 times": (
            lambda old: [*old, *(tree(len(old) - 1 + n, len(old) - 1 + n) for n in range(60))],
            "bad-trees",
        ),
        "neither kind": (lambda old: [{"orig": 1}, *old[1:]], "bad-trees"),
        "both kinds": (lambda old: [{**tree(0), "orig": 1, "subst": 2}, *old[1:]], "bad-trees"),
        "no trees": (to([]), "bad-trees"),
        "number for trees": (to(5), "bad-trees"),
        "numbers for trees": (to([1, 2]), "bad-trees"),
    }


def knowledge_base(part: str) -> dict[str, tuple[Change, str]]:
    code = "bad-knowledge-base"
    many = [[n + 10, 1.0, 0] for n in range(300_000)]
    return {
        "header": {
            "no entities in the header": (lambda h: [0, *h[1:]], code),
            "10**9 entities": (lambda h: [10**9, *h[1:]], code),
            "10**9 aliases": (lambda h: [h[0], 10**9, h[2]], code),
            "fewer aliases": (lambda h: [h[0], 0, h[2]], code),
            "negative entities": (lambda h: [-1, *h[1:]], code),
            "wide vectors": (lambda h: [*h[:2], 10**9], code),
            "other width": (lambda h: [*h[:2], 4], code),
            "no header": (to([]), code),
        },
        "entries": {
            "300,000 entries": (to(many), code),
            "vector beyond the end": (lambda e: [[*e[0][:2], 10**6], *e[1:]], code),
            "negative vector": (lambda e: [[*e[0][:2], -1], *e[1:]], code),
            "entity twice": (lambda e: [e[0], e[0]], code),
            "entity of text": (lambda e: [["a", 1.0, 0], *e[1:]], code),
            "map of entries": (to({}), code),
        },
        "entity_vectors": {
            "no vectors": (to([]), code),
            "short vectors": (lambda v: [row[:1] for row in v], code),
            "vectors of text": (lambda v: [["a", "b", "c"] for _ in v], code),
        },
    }[part]  # type: ignore[return-value]


def aliases() -> dict[str, tuple[Change, str]]:
    code = "bad-knowledge-base"

    def changed(place: int, change: Change) -> Change:
        def apply(parts: list[str]) -> list[str]:
            parts = [*parts]
            parts[place] = srsly.json_dumps(change(srsly.json_loads(parts[place])))
            return parts

        return apply

    return {
        "alias beyond the end": (changed(1, lambda t: [[10**6, 1]]), code),
        "negative alias": (changed(1, lambda t: [[-1, 1]]), code),
        "alias of nothing": (changed(1, lambda t: [[0, 1]]), code),
        "more aliases": (changed(0, lambda t: [*t, [5, 2]]), code),
        "other probabilities": (changed(2, lambda t: [[0.1]]), code),
        "probabilities of text": (changed(2, lambda t: [["a", "b"]]), code),
        "two parts": (lambda parts: parts[:2], code),
    }


def pattern(*tokens: Any) -> dict[str, Any]:
    return {"label": "X", "pattern": list(tokens)}


def ruler_patterns() -> dict[str, tuple[Change, str]]:
    star = {"OP": "*"}
    wide = "[\u0001-\uffff]" * 1_000
    return {
        "no regular expression": (to([pattern({"TEXT": {"REGEX": "("}})]), "bad-patterns"),
        "number for an expression": (to([pattern({"TEXT": {"REGEX": 5}})]), "bad-patterns"),
        **{
            f"hanging expression {hanging[:30]}": (
                to([pattern({"TEXT": {"REGEX": hanging}})]),
                "untrusted",
            )
            for hanging in (HANGING[0], HANGING[-1])
        },
        "hanging expression in a list": (
            to([pattern({"TEXT": {"NOT_IN": ["x"], "REGEX": {"IN": ["a", "(a|aa)+$"]}}})]),
            "untrusted",
        ),
        "no regular expression in a list": (
            to([pattern({"TEXT": {"REGEX": {"NOT_IN": ["("]}}})]),
            "bad-patterns",
        ),
        "number in a list of expressions": (
            to([pattern({"TEXT": {"REGEX": {"IN": ["a", 5]}}})]),
            "bad-patterns",
        ),
        "long expression in a list": (
            to([pattern({"TEXT": {"REGEX": {"IN": ["a|" * 10**6]}}})]),
            "untrusted",
        ),
        "thousands of nested loops": (
            to([pattern({"TEXT": {"REGEX": nested_loops(n)}}) for n in range(300)]),
            "untrusted",
        ),
        "deep expression": (
            to([pattern({"TEXT": {"REGEX": "(" * 50_000 + ")" * 50_000}})]),
            "bad-patterns",
        ),
        "wide expression": (to([pattern({"TEXT": {"REGEX": wide}})]), "untrusted"),
        "long expression": (to([pattern({"TEXT": {"REGEX": "a|" * 10**6}})]), "untrusted"),
        "expressions by the thousand": (
            to([pattern({"TEXT": {"REGEX": f"{n}" * 20_000}}) for n in range(50)]),
            "untrusted",
        ),
        "100,000 times": (to([pattern({"LOWER": "a", "OP": "{1,100000}"})]), "untrusted"),
        "10**9 times": (to([pattern({"LOWER": "a", "OP": "{999999999}"})]), "untrusted"),
        "10**12 times": (to([pattern({"LOWER": "a", "OP": "{1,999999999999}"})]), "bad-patterns"),
        "twelve stars": (to([pattern(*[star] * 12, {"TEXT": "x"})]), "untrusted"),
        "unknown operator": (to([pattern({"OP": "**"})]), "bad-patterns"),
        "operator of a number": (to([pattern({"OP": 5})]), "bad-patterns"),
        "no tokens": (to([pattern()]), "bad-patterns"),
        "number for tokens": (to([{"label": "X", "pattern": 5}]), "bad-patterns"),
        "tokens of numbers": (to([pattern(1, 2)]), "bad-patterns"),
        "number for a label": (to([{"label": 5, "pattern": "x"}]), "bad-patterns"),
        "no label": (to([{"pattern": "x"}]), "bad-patterns"),
        "phrase of a megabyte": (to([{"label": "X", "pattern": "x " * 10**6}]), "bad-patterns"),
        "map of patterns": (to({}), "bad-patterns"),
        "number for patterns": (to(5), "bad-patterns"),
        "patterns of numbers": (to([1]), "bad-patterns"),
        "nested deep": (to([pattern({"TEXT": nested(20)})]), "bad-patterns"),
        "usual": (
            to([pattern({"TEXT": {"REGEX": "^[Aa]d.$"}}, {"OP": "?"}, {"LOWER": {"IN": ["met"]}})]),
            LOADED,
        ),
    }


def nested_loops(n: int) -> str:
    return "(?:" + "|".join(f"(?:{n}x{i})+" for i in range(30)) + ")*y"


def nested(depth: int) -> Any:
    return {"REGEX": nested(depth - 1)} if depth else "x"


def attribute_patterns() -> dict[str, tuple[Change, str]]:
    rule = {"patterns": [[{"LOWER": "met"}]], "attrs": {"LEMMA": "meet"}, "index": 0}
    return {
        "unknown part": (to([{**rule, "self": 1}]), "bad-patterns"),
        "far token": (to([{**rule, "index": 10**9}]), "bad-patterns"),
        "100,000 times": (
            to([{**rule, "patterns": [[{"LOWER": "a", "OP": "{100000}"}]]}]),
            "untrusted",
        ),
        "list of attributes": (to([{**rule, "attrs": [1]}]), "bad-patterns"),
        "no tokens": (to([{**rule, "patterns": [[]]}]), "bad-patterns"),
        "rule of a number": (to([5]), "bad-patterns"),
        **{
            f"changes the head, by {key!a}": (
                to([{**rule, "attrs": {"DEP": "x", key: 10**6}}]),
                "bad-patterns",
            )
            for key in ("HEAD", "head", HEAD, str(HEAD))
        },
        "usual": (
            to([{**rule, "attrs": {"MORPH": "Number=Sing", "TAG": "NN", "_": {}}}]),
            LOADED,
        ),
    }


# Each takes ages on a short text.
HANGING = (
    "^(a+)+$",
    "(a|a)*b",
    "(?:a|ab|b)*c",
    "((a*)*)*b",
    "(.*)*x",
    "(a?){40}a{40}",
    "a?" * 40 + "a" * 40,
    "(?:a{1,60}){1,60}b",
    r"^(\w+\s?)*$",
    "a*a*a*a*a*a*a*a*b",
    "x(?=(a|a)+b)",
    "(?!(a|a)+b)a",
    "(?P<x>(a|b|ab)+)(?P=x)c",
    "(?i:(?:ab|A[A-B])+)c",
    "ok|fine|(?:(?:a|aa)+)$|done",
    "[ab]{3}" + "c" * 100 + "(?:.|\n|x)*y",
    "(?:|){40}x",
)


def hanging() -> Iterator[tuple[str, Case]]:
    """Patterns that loading would use, each with a text on which it hangs."""
    texts = ["a" * 39, "a" * 60, "ab" * 30, "x" + "a" * 60, "aba" + "c" * 100 + "x" * 60]
    rules = {text: [{65: text}] for text in texts}
    names = ("prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match")
    for name, pattern in zip(cycle(names), HANGING, strict=False):
        change = plus(**{name: pattern, "exceptions": rules})
        make = both("bare", "tokenizer", MSGPACK, change=change)
        title = f"tokenizer: {name} hangs, {pattern[:30]}"
        yield f"{title} (eager)", Case(make["v1"], "untrusted", load_eagerly)
        yield f"{title} (seed)", Case(make["seed"], "untrusted", load_and_run)
    yield "tokenizer: a look at one that hangs", Case(make["v1"], LOADED, get_untrusted)


def load_eagerly(data: bytes) -> None:
    loads(data, eager=True)


def hanging_phrases() -> bytes:
    """A ruler whose phrases are cut into words by a tokenizer that hangs on them."""
    content = pickle.loads(v1("bare", "tokenizer", plus(prefix_search="^(a|a)*b"), MSGPACK))
    patterns = [{"label": "X", "pattern": "a" * 60}]
    state = srsly.msgpack_loads(bytes(content["pipe/entity_ruler/state"]))
    state = srsly.msgpack_dumps({**state, "patterns": patterns})
    names = {"tokenizer": bytes(content["tokenizer"]), "pipe/entity_ruler/state": state}
    return replaced("bare", names)


def tokenizer() -> dict[str, tuple[Change, str]]:
    code = "bad-tokenizer"
    return {
        "no expression": (plus(prefix_search="("), code),
        "expression of a number": (plus(prefix_search=5), code),
        "expression of a list": (plus(infix_finditer=["a"]), code),
        "2 MB of alternatives": (plus(suffix_search="a|" * 10**6 + "b"), "untrusted"),
        "1,000 wide classes": (plus(url_match="(?i)" + "[\u0001-\uffff]" * 1_000), "untrusted"),
        "deep expression": (plus(token_match="(" * 100_000 + ")" * 100_000), code),
        "rules of a list": (plus(exceptions=[1]), code),
        "rule of a number": (plus(exceptions={"a": 5}), code),
        "rule of numbers": (plus(exceptions={"a": [5]}), code),
        "rule for a number": (plus(exceptions={5: []}), code),
        "rule of a megabyte": (plus(exceptions={"a" * 10**6: [{65: "a" * 10**6}]}), code),
        "rule that sets a tag": (plus(exceptions={"a": [{65: "a", 75: "NN"}]}), code),
        "rule with other text": (plus(exceptions={"a": [{65: "b"}]}), "cannot-build"),
        "unknown part": (plus(extra=1), code),
        "number for a switch": (plus(faster_heuristics=5), code),
        "usual": (plus(infix_finditer="[-~]", exceptions={"Ada": [{65: "A"}, {65: "da"}]}), LOADED),
        "none at all": (
            to(dict.fromkeys(("prefix_search", "suffix_search", "infix_finditer"))),
            LOADED,
        ),
    }


def chinese() -> dict[str, tuple[Change, str]]:
    path = srsly.msgpack_dumps(["/dev/zero", False, [], []])
    return {
        "pkuseg model": (plus(pkuseg_features=b"x", pkuseg_weights=b"PK\x03\x04"), "untrusted"),
        "dictionary in a file": (plus(pkuseg_processors=path), "untrusted"),
        "model of text": (plus(pkuseg_features="x"), "untrusted"),
        "other segmenter": (plus(cfg='{"segmenter":"jieba"}'), "bad-tokenizer"),
        "segmenter of a list": (plus(cfg='{"segmenter":[1]}'), "bad-tokenizer"),
        "list of settings": (plus(cfg="[]"), "bad-tokenizer"),
        "long settings": (plus(cfg='{"segmenter":"' + "x" * 10**6 + '"}'), "bad-settings"),
        "number for settings": (plus(cfg=5), "bad-json"),
        "unknown part": (plus(extra=1), "bad-tokenizer"),
        "unchanged": (plus(), LOADED),
    }


def small() -> Iterator[tuple[str, Case]]:
    yield from each(
        "bare",
        "sentencizer",
        MSGPACK,
        **{
            "number for punctuation": (plus(punct_chars=5), "bad-settings"),
            "numbers for punctuation": (plus(punct_chars=[5]), "bad-settings"),
        },
    ).items()
    yield from each(
        "beam",
        "token_splitter",
        "cfg",
        JSON,
        negative=(plus(split_length=-1), "bad-settings"),
        text=(plus(min_length="x"), "bad-settings"),
    ).items()
    yield from each(
        "bare",
        "lemmatizer",
        MSGPACK,
        **{
            "number for tables": (plus(lookups=5), "bad-lookups"),
            "table that is an array": (plus(lookups=BILLION_ROWS_TABLE), "bad-lookups"),
            "tables that are no map": (plus(lookups=b"\x05"), "bad-msgpack"),
        },
    ).items()


BILLION_ROWS = {b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [10**9, 0], b"data": b""}
BILLION_ROWS_TABLE = srsly.msgpack_dumps({"lemma_lookup": BILLION_ROWS})

BROKEN = {
    "claims 2**32 - 1 values": b"\xdd\xff\xff\xff\xff",
    "claims 2**32 - 1 pairs": b"\xdf\xff\xff\xff\xff",
    "claims 2**32 - 1 bytes": b"\xc6\xff\xff\xff\xff",
    "claims on every level": b"\xdd\x00\x0f\xff\xff" * 100_000 + b"\x00" * 500_000,
    "33 levels": b"\x91" * 33 + b"\xc0",
    "100,000 levels": b"\x91" * 100_000 + b"\xc0",
    "million empty maps": b"\xdd\x00\x0f\x42\x40" + b"\x80" * 10**6,
    "million empty lists": b"\xdd\x00\x0f\x42\x40" + b"\x90" * 10**6,
    "extension": b"\xc7\x01\x05a",
    "fixed extension": b"\xd4\x05a",
    "timestamp": b"\xd6\xff\0\0\0\0",
    "unused byte": b"\xc1",
    "key of a float": b"\x81\xcb" + b"\0" * 8 + b"\xc0",
    "key of a list": b"\x81\x90\xc0",
    "key of None": b"\x81\xc0\xc0",
    "text that is none": b"\x81\xa1\xff\xc0",
    "something behind the end": b"\x80\x80",
    "nothing": b"",
    "number": b"\x05",
    "list": b"\x90",
}


def broken_msgpack() -> Iterator[tuple[str, Case]]:
    for name, data in BROKEN.items():
        for component in ("tokenizer", "ner"):
            for kind, make in both("ner", component, change=to(data)).items():
                yield (
                    f"msgpack of {component}: {name} ({kind})",
                    Case(make, "bad-msgpack", load_and_run),
                )
    for missing in ("pipe/ner/state", "tokenizer", "pipe/ner/model.json", "vocab/lookups"):
        yield (
            f"without {missing}",
            Case(
                lambda marker, missing=missing: v1("ner", missing, to(None)),
                "missing-section",
            ),
        )


CASES: dict[str, Case] = {
    **each("ner", "ner", *MOVES, **ner_moves()),
    **{f"beam, {k}": c for k, c in each("beam", "beam_ner", *MOVES, **ner_moves()).items()},
    **each("parser", "parser", *MOVES, **parser_moves()),
    **each("ner", "ner", "cfg", JSON, **settings()),
    **each("tagger", "tagger", "cfg", JSON, "labels", **labels()),
    **each("textcat", "textcat", "cfg", JSON, "labels", **labels()),
    **each("spancat", "spancat", "cfg", JSON, "labels", **labels()),
    **each(
        "morphologizer",
        "morphologizer",
        "cfg",
        JSON,
        **{
            "part of speech 9999": (
                lambda s: {**s, "labels_pos": dict.fromkeys(s["labels_pos"], 9999)},
                "bad-labels",
            ),
            "labels for parts of speech only": (plus(labels_morph={}), "bad-labels"),
            "numbers for morphology": (
                lambda s: {**s, "labels_morph": dict.fromkeys(s["labels_morph"], 7)},
                "bad-labels",
            ),
        },
    ),
    **each("trainable_lemmatizer", "trainable_lemmatizer", "trees", "trees", **trees()),
    **each(
        "trainable_lemmatizer",
        "trainable_lemmatizer",
        "cfg",
        JSON,
        "labels",
        **{
            "label that is no tree": (lambda old: [10**6, *old[1:]], "bad-trees"),
            "negative label": (lambda old: [-1, *old[1:]], "bad-labels"),
            "label of text": (lambda old: ["a", *old[1:]], "bad-labels"),
            "one label more": (lambda old: [*old, 0], "bad-labels"),
        },
    ),
    **each("linker", "entity_linker", "kb", "header", JSON, **knowledge_base("header")),
    **each("linker", "entity_linker", "kb", "entries", JSON, **knowledge_base("entries")),
    **each(
        "linker", "entity_linker", "kb", "entity_vectors", JSON, **knowledge_base("entity_vectors")
    ),
    **each("linker", "entity_linker", "kb", "aliases", JSON, **aliases()),
    **each(
        "linker",
        "entity_linker",
        "kb",
        MSGPACK,
        **{f"without {key}": (without(key), "bad-knowledge-base") for key in ("header", "entries")},
    ),
    **each("bare", "entity_ruler", "patterns", **ruler_patterns()),
    **each("bare", "span_ruler", "patterns", JSON, **ruler_patterns()),
    **each("bare", "attribute_ruler", "patterns", **{
        name: (lambda old, change=change: srsly.msgpack_dumps(change(old)), expected)
        for name, (change, expected) in attribute_patterns().items()
    }),
    **each("bare", "tokenizer", MSGPACK, **tokenizer()),
    **{
        f"chinese {name}": case
        for name, case in each("chinese", "tokenizer", MSGPACK, **chinese()).items()
    },
    **dict(hanging()),
    "ruler: phrases for a tokenizer that hangs": Case(
        lambda marker: hanging_phrases(), "untrusted", load_and_run
    ),
    **dict(small()),
    **dict(broken_msgpack()),
}  # fmt: skip
