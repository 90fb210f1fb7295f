"""Stage two: strings, vectors and lookups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import srsly

from .case import LOADED, Case
from .editing import JSON, seed, v1
from .states import BILLION_ROWS, load_and_run

VECTORS = ("vocab", "vectors")
ROWS = 8  # of the pipeline's table


def table(**changes: Any) -> bytes:
    array = {b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [2, 2], b"data": b"x" * 16}
    return bytes(srsly.msgpack_dumps({**array, **{k.encode(): v for k, v in changes.items()}}))


def of_seed() -> Iterator[tuple[str, Case]]:
    changes: list[tuple[str, tuple[Any, ...], Any, str]] = [
        ("strings in a map", ("vocab", "strings", JSON), {}, "bad-vocab"),
        ("numbers for strings", ("vocab", "strings", JSON), [1], "bad-vocab"),
        ("unsayable string", ("vocab", "strings"), '["\\ud800"]', "bad-vocab bad-json"),
        ("no strings", ("vocab", "strings"), "[", "bad-json"),
        ("10**9 empty rows", (*VECTORS, "vectors"), table(shape=[10**9, 0], data=b""), "bad-vocab"),
        ("negative shape", (*VECTORS, "vectors"), table(shape=[-1, 4]), "bad-vocab"),
        ("one dimension", (*VECTORS, "vectors"), table(shape=[4]), "bad-vocab"),
        ("larger than its bytes", (*VECTORS, "vectors"), table(shape=[20, 20]), "bad-vocab"),
        ("objects", (*VECTORS, "vectors"), table(type="|O"), "bad-vocab"),
        ("structure", (*VECTORS, "vectors"), table(type=[["a", "|O"]], kind=b"V"), "bad-vocab"),
        ("huge items", (*VECTORS, "vectors"), table(type="|V2147483647"), "bad-vocab"),
        ("big-endian", (*VECTORS, "vectors"), table(type=">f4"), "bad-vocab"),
        ("map of a type", (*VECTORS, "vectors"), table(type={"a": 1}), "bad-vocab"),
        ("no array", (*VECTORS, "vectors"), srsly.msgpack_dumps([1]), "bad-vocab"),
        ("negative row", (*VECTORS, "key2row"), srsly.msgpack_dumps({5: -5}), "bad-vocab"),
        ("far row", (*VECTORS, "key2row"), srsly.msgpack_dumps({5: 10**12}), "bad-vocab"),
        ("row behind the end", (*VECTORS, "key2row"), srsly.msgpack_dumps({5: ROWS}), "bad-vocab"),
        ("row of text", (*VECTORS, "key2row"), srsly.msgpack_dumps({5: "x"}), "bad-vocab"),
        ("key of text", (*VECTORS, "key2row"), srsly.msgpack_dumps({"x": 1}), "bad-vocab"),
        ("rows in an array", (*VECTORS, "key2row"), srsly.msgpack_dumps(BILLION_ROWS), "bad-vocab"),
        ("unknown kind", (*VECTORS, "vectors.cfg", JSON), {"mode": "x"}, "bad-vocab"),
        ("lookups in an array", ("vocab", "lookups"), LOOKUPS, "bad-lookups"),
        ("lookups of a number", ("vocab", "lookups"), b"\x05", "bad-msgpack bad-lookups"),
        ("vocab of a number", ("vocab",), b"\x05", "bad-msgpack"),
    ]
    for name, path, value, expected in changes:
        yield (
            f"{name} (seed)",
            Case(
                lambda _, path=path, value=value: seed(
                    "static_vectors", *path, change=lambda old: value
                ),
                expected,
                load_and_run,
            ),
        )


# A table that is searched where it lies is checked where it is looked at, if it is looked at.
AT_USE = f"bad-vocab {LOADED}"


def backwards(offsets: Any) -> Any:
    middle = offsets[1:-1][::-1]
    return np.concatenate([offsets[:1], middle, offsets[-1:]])


def far(offsets: Any) -> Any:
    return np.concatenate([offsets[:1], offsets[1:-1] * 0 + 2**31, offsets[-1:]])


LOOKUPS = srsly.msgpack_dumps({"lexeme_norm": BILLION_ROWS})
FLORET = {"maxn": 4 * 10**9, "minn": 0, "hash_count": 0, "attr": -1, "bow": 5, "mode": "default"}


def floret() -> Iterator[tuple[str, Case]]:
    for key, value in FLORET.items():

        def change(settings: Any, key: str = key, value: Any = value) -> Any:
            return {**settings, key: value}

        yield (
            f"floret {key} (v1)",
            Case(
                lambda _, change=change: v1("floret", "vocab/vectors.json", change, JSON),
                "bad-vocab",
                load_and_run,
            ),
        )
        yield (
            f"floret {key} (seed)",
            Case(
                lambda _, change=change: seed(
                    "floret", *VECTORS, "vectors.cfg", JSON, change=change
                ),
                "bad-vocab",
                load_and_run,
            ),
        )


def sections() -> Iterator[tuple[str, Case]]:
    changes: list[tuple[str, str, Callable[[Any], Any], str]] = [
        ("strings cut off", "vocab/strings", lambda a: a[:-1], "bad-vocab"),
        ("no strings", "vocab/strings", lambda a: a[:0], "bad-vocab"),
        ("strings of floats", "vocab/strings", lambda a: a.astype("f4"), "bad-vocab"),
        ("strings that are none", "vocab/strings", lambda a: a * 0 + 255, AT_USE),
        ("strings that go back", "vocab/strings/offsets", lambda a: backwards(a), AT_USE),
        ("strings far away", "vocab/strings/offsets", lambda a: far(a), AT_USE),
        ("fewer strings", "vocab/strings/offsets", lambda a: a[1:], "bad-vocab"),
        ("wrong hashes", "vocab/strings/hashes", lambda a: a + np.uint64(1), AT_USE),
        ("unsorted hashes", "vocab/strings/hashes", lambda a: a[::-1].copy(), AT_USE),
        ("hashes of strings far away", "vocab/strings/order", lambda a: a + 10**9, AT_USE),
        ("all hashes of one string", "vocab/strings/order", lambda a: a * 0, AT_USE),
        ("fewer hashes", "vocab/strings/hashes", lambda a: a[1:], "bad-vocab"),
        ("rows far away", "vocab/vectors/rows", lambda a: a + 10**9, "bad-vocab"),
        ("rows below zero", "vocab/vectors/rows", lambda a: a - 100, "bad-vocab"),
        ("fewer rows", "vocab/vectors/rows", lambda a: a[1:], "bad-vocab"),
        ("unsorted keys", "vocab/vectors/keys", lambda a: a[::-1].copy(), AT_USE),
        ("keys twice", "vocab/vectors/keys", lambda a: a * 0, AT_USE),
        ("order far away", "vocab/vectors/order", lambda a: a + 10**9, AT_USE),
        ("order of one", "vocab/vectors/order", lambda a: a * 0, AT_USE),
        ("vectors of one dimension", "vocab/vectors/data", lambda a: a.reshape(-1), "bad-vocab"),
        ("vectors of integers", "vocab/vectors/data", lambda a: a.astype("i4"), "bad-vocab"),
        ("no vectors", "vocab/vectors/data", lambda a: a[:0], "bad-vocab"),
        ("fewer vectors", "vocab/vectors/data", lambda a: a[:1], "bad-vocab"),
        ("vectors without width", "vocab/vectors/data", lambda a: a[:, :0], "bad-vocab"),
        ("vectors that are no number", "vocab/vectors/data", lambda a: a * np.nan, LOADED),
        ("lookups in an array", "vocab/lookups", lambda raw: LOOKUPS, "bad-lookups"),
        ("lookups of a number", "vocab/lookups", lambda raw: b"\x05", "bad-msgpack bad-lookups"),
    ]
    for name, section, change, expected in changes:
        yield (
            f"{name} (v1)",
            Case(
                lambda _, section=section, change=change: v1("static_vectors", section, change),
                expected,
                load_and_run,
            ),
        )


CASES: dict[str, Case] = {**dict(of_seed()), **dict(floret()), **dict(sections())}
