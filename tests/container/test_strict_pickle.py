"""The strict reader reads what CPython reads, if it is plain data, and nothing else."""

from __future__ import annotations

import pickle
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_pickled_ner.container.strict_pickle import MAX_DEPTH, read_plain_pickle
from spacy_pickled_ner.errors import UnsafeFileError

P3, P4, P5 = b"\x80\x03", b"\x80\x04", b"\x80\x05"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | texts
    | st.binary(max_size=300)
)
plain_data = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


def read(data: bytes):
    return read_plain_pickle(memoryview(data))


def to_bytes(value):
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list):
        return [to_bytes(item) for item in value]
    if isinstance(value, dict):
        return {key: to_bytes(item) for key, item in value.items()}
    return value


def code_of(data: bytes) -> str:
    with pytest.raises(UnsafeFileError) as error:
        read(data)
    assert error.value.offset is not None
    assert 0 <= error.value.offset <= len(data)
    assert str(error.value).isprintable()
    return error.value.code


@given(plain_data, st.sampled_from([3, 4, 5]))
@settings(max_examples=200, deadline=None)
def test_reads_what_pickle_writes(value, protocol):
    assert to_bytes(read(pickle.dumps(value, protocol))) == value


@given(plain_data, st.data())
@settings(max_examples=200, deadline=None)
def test_agrees_with_pickle_on_damaged_data(value, data):
    raw = bytearray(pickle.dumps(value, 4))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        ours = to_bytes(read(bytes(raw)))
    except UnsafeFileError:
        return
    assert repr(ours) == repr(pickle.loads(bytes(raw)))


def test_bytes_are_views_of_the_input():
    data = pickle.dumps({"a": b"x" * 1000}, 4)
    view = read(data)["a"]
    assert view.obj is data


def test_every_prefix_is_refused():
    data = pickle.dumps({"a": [1, 2.5, None, True], "b": b"xyz", "c": {"d": "e"}}, 4)
    for end in range(len(data)):
        with pytest.raises(UnsafeFileError) as error:
            read(data[:end])
        assert error.value.code in ("truncated", "not-a-pickle"), end


def deep(n: int) -> bytes:
    return P4 + b"]" * n + b"a" * (n - 1) + b"."


def test_depth_is_bounded():
    assert read(deep(MAX_DEPTH)) is not None
    assert code_of(deep(MAX_DEPTH + 1)) == "too-deep"


REFUSED = {
    "global": (P4 + b"cos\nsystem\n.", "forbidden-opcode"),
    "stack global": (P4 + b"\x8c\x02os\x8c\x06system\x93.", "forbidden-opcode"),
    "inst": (P4 + b"(V1\nios\nsystem\n.", "forbidden-opcode"),
    "ext": (P4 + b"\x82\xf0.", "forbidden-opcode"),
    "persistent id": (P4 + b"Pabc\n.", "forbidden-opcode"),
    "out-of-band buffer": (P5 + b"\x97.", "forbidden-opcode"),
    "tuple": (P4 + b").", "forbidden-opcode"),
    "set": (P4 + b"\x8f.", "forbidden-opcode"),
    "dup": (P4 + b"N2.", "forbidden-opcode"),
    "pop": (P4 + b"NN0.", "forbidden-opcode"),
    "long text int": (P4 + b"L1L\n.", "forbidden-opcode"),
    "protocol 2 bytes": (pickle.dumps({"b": b"\xff"}, 2), "unsupported-protocol"),
    "protocol 6": (b"\x80\x06N.", "unsupported-protocol"),
    "protocol inside": (P4 + P4 + b"N.", "forbidden-opcode"),
    "huge memo index": (P4 + b"}r" + struct.pack("<I", 60_000_000) + b".", "bad-memo"),
    "missing memo entry": (P4 + b"h\x05.", "bad-memo"),
    "memoize in protocol 3": (P3 + b"N\x94.", "bad-memo"),
    "huge bytes": (P4 + b"\x8e" + struct.pack("<Q", 2**62) + b".", "truncated"),
    "huge text": (P4 + b"\x8d" + struct.pack("<Q", 2**40) + b".", "string-too-long"),
    "huge frame": (P4 + b"\x95" + struct.pack("<Q", 2**63) + b"N.", "truncated"),
    "frame in protocol 3": (P3 + b"\x95" + struct.pack("<Q", 2) + b"N.", "bad-frame"),
    "frame in frame": (
        P4 + b"\x95" + struct.pack("<Q", 11) + b"\x95" + struct.pack("<Q", 2) + b"N.",
        "bad-frame",
    ),
    "opcode over the frame's end": (
        P4 + b"\x95" + struct.pack("<Q", 3) + b"J\x01\0\0\0.",
        "bad-frame",
    ),
    "stop before the frame's end": (P4 + b"\x95" + struct.pack("<Q", 3) + b"N.N", "bad-frame"),
    "million lists": (P4 + b"](" + b"]" * 10**6 + b"e.", "too-many-nodes"),
    "million marks": (P4 + b"(" * 10**6, "too-deep"),
    "million memo entries": (P4 + b"N" + b"\x94" * 10**6 + b".", "bad-memo"),
    "million no-ops": (P4 + b"}" + b"(u" * 10**6 + b".", "too-many-opcodes"),
    "billion laughs": (P4 + b"]\x94(" + b"]\x94(h\x00h\x00e" + b"e.", "shared-container"),
    "cycle": (P4 + b"]\x94h\x00a.", "shared-container"),
    "text repeated": (
        P4 + b"](X" + struct.pack("<I", 2**20) + b"x" * 2**20 + b"\x94" + b"h\x00" * 90 + b"e.",
        "strings-too-long",
    ),
    "large bytes repeated": (
        P4 + b"](B" + struct.pack("<I", 70_000) + b"x" * 70_000 + b"\x94h\x00e.",
        "shared-bytes",
    ),
    "nine-byte int": (P4 + b"\x8a\x09" + b"\x01" * 9 + b".", "int-too-big"),
    "stop on nothing": (P4 + b".", "bad-structure"),
    "two values": (P4 + b"NN.", "bad-structure"),
    "open mark": (P4 + b"N(.", "bad-structure"),
    "append to int": (P4 + b"K\x01Na.", "bad-structure"),
    "setitem on list": (P4 + b"]\x8c\x01aNs.", "bad-structure"),
    "odd setitems": (P4 + b"}(\x8c\x01au.", "bad-structure"),
    "append below mark": (P4 + b"](Na.", "bad-structure"),
    "mark without owner": (P4 + b"(u.", "bad-structure"),
    "appends without mark": (P4 + b"]e.", "bad-structure"),
    "int key": (P4 + b"}K\x01Ns.", "bad-key"),
    "duplicate key": (P4 + b"}(\x8c\x01aN\x8c\x01aNu.", "duplicate-key"),
    "lone surrogate": (P4 + b"\x8c\x03\xed\xa0\x80.", "bad-utf8"),
    "trailing byte": (P4 + b"N.N", "trailing-data"),
    "second pickle": (pickle.dumps({}, 4) + P4 + b"N.", "trailing-data"),
    "not a pickle": (b"hello", "not-a-pickle"),
    "empty": (b"", "truncated"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    data, code = REFUSED[name]
    assert code_of(data) == code
