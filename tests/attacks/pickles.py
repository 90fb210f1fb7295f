"""Stage one, the pickle: opcodes that run code, and plain ones that take memory, time or the stack.

Every payload has a valid header, or it would only show that the header is checked.
"""

from __future__ import annotations

import copyreg
import os
import pickle
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .case import Case, fixed

P2, P3, P4, P5 = (bytes([0x80, protocol]) for protocol in (2, 3, 4, 5))
FORBIDDEN = "forbidden-opcode"


def u16(n: int) -> bytes:
    return struct.pack("<H", n)


def u32(n: int) -> bytes:
    return struct.pack("<I", n)


def u64(n: int) -> bytes:
    return struct.pack("<Q", n)


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + u32(len(raw)) + raw


def short(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def calling(build: Callable[[str], bytes], expected: str = FORBIDDEN) -> Case:
    """A payload that makes the folder it is told, if anything runs it."""
    return Case(lambda marker: build(str(marker)), expected)


def frame(content: bytes, length: int | None = None) -> bytes:
    return b"\x95" + u64(len(content) if length is None else length) + content


def smuggled(path: str) -> bytes:
    """One long text and nothing more to a linear reader, code to CPython's reader of files.

    Where a frame ends inside an argument, the C reader drops the rest of the frame, takes the whole
    argument from behind it, and goes on that much later (python/cpython#154848).
    """
    code = short("os") + short("mkdir") + b"\x93" + text(path) + b"\x85R."
    size = 20_000
    start = b"X" + u32(size)
    dropped = b"x" * (16_384 - len(start))
    linear = b"x" * (size - len(dropped)) + b"."
    return P4 + frame(start + dropped) + linear + b"x" * (size - len(linear)) + code


def with_cached_extension(path: str) -> bytes:
    """Even an unpickler that forbids all globals calls what is in copyreg's cache."""
    if ("os", "mkdir") not in copyreg._extension_registry:  # type: ignore[attr-defined]
        copyreg.add_extension("os", "mkdir", 1234)
        copyreg._extension_cache[1234] = os.mkdir  # type: ignore[attr-defined]
    return P4 + b"\x83" + u16(1234) + text(path) + b"\x85R."


def map_of(keys: Iterable[int]) -> bytes:
    """A map written key by key: making one of keys that collide takes as long as reading it."""
    return P4 + b"}(" + b"".join(pickle.dumps(key, 2)[2:-1] + b"N" for key in keys) + b"u."


def billion_laughs(depth: int) -> bytes:
    out = P4 + b"]\x94"
    for level in range(depth):
        out += b"](" + (b"h" + bytes([level])) * 10 + b"e\x94"
    return out + b"."


RUNNING: dict[str, Case] = {
    "global, protocol 0": calling(
        lambda p: b"cos\nmkdir\n(V" + p.encode() + b"\ntR.", "unsupported-protocol"
    ),
    "global, protocol 2": calling(
        lambda p: P2 + b"cposix\nmkdir\n" + text(p) + b"\x85R.", "unsupported-protocol"
    ),
    "global, protocol 4": calling(lambda p: P4 + b"cposix\nmkdir\n" + text(p) + b"\x85R."),
    "stack global": calling(
        lambda p: P4 + short("os") + short("mkdir") + b"\x93" + text(p) + b"\x85R."
    ),
    "dotted stack global": calling(
        lambda p: P4 + short("pathlib") + short("os.mkdir") + b"\x93" + text(p) + b"\x85R."
    ),
    "names through the memo": calling(
        lambda p: (
            P4 + short("os") + b"\x940" + short("mkdir") + b"\x940h\x00h\x01\x93"
            + text(p) + b"\x85R."
        )
    ),
    "inst": calling(lambda p: P4 + b"(V" + p.encode() + b"\nios\nmkdir\n."),
    "obj": calling(lambda p: P4 + b"(cos\nmkdir\n" + text(p) + b"o."),
    "newobj": calling(
        lambda p: P4 + b"cnumpy\nmemmap\n(" + text(p) + short("u1") + short("w+") + b"t\x81."
    ),
    "newobj_ex": calling(
        lambda p: (
            P4 + b"cnumpy\nmemmap\n" + text(p) + b"\x85}" + short("mode") + short("w+")
            + b"s\x92."
        )
    ),
    "build on a class": fixed(P4 + b"cstring\nTemplate\nN}\x8c\x01a\x8c\x01bs\x86b.", FORBIDDEN),
    "ext1, ext2, ext4": fixed(P4 + b"\x82\xf0\x83\xf0\xf0\x84\xf0\xf0\x00\x70.", FORBIDDEN),
    "ext2": fixed(P4 + b"\x83\xf0\xf0.", FORBIDDEN),
    "ext4": fixed(P4 + b"\x84\xf0\xf0\x00\x70.", FORBIDDEN),
    "ext in the cache of copyreg": calling(with_cached_extension),
    "persistent id, text": fixed(P4 + b"Pabc\n.", FORBIDDEN),
    "persistent id, binary": fixed(P4 + b"NQ.", FORBIDDEN),
    "next buffer": fixed(P5 + b"\x97.", FORBIDDEN),
    "readonly buffer": fixed(P5 + b"]\x98.", FORBIDDEN),
    "code, then garbage": calling(
        lambda p: P4 + short("os") + short("mkdir") + b"\x93" + text(p) + b"\x85R\xff\xff"
    ),
    "code in a second pickle": calling(
        lambda p: pickle.dumps({}, 4) + P4 + b"cos\nmkdir\n" + text(p) + b"\x85R.", "trailing-data"
    ),
    "code in a frame after a long text": calling(smuggled, "bad-frame"),
    "code in a value that a naive reader unpickles again": calling(
        lambda p: pickle.dumps({"bytes_data": P4 + b"cos\nmkdir\n" + text(p) + b"\x85R."}, 4),
        "unknown-format",
    ),
    "code in all three values of the old format": calling(
        lambda p: pickle.dumps(
            {"bytes_data": P4 + b"cos\nmkdir\n" + text(p) + b"\x85R.", "lang": p, "pipeline": [p]},
            4,
        ),
        "bad-msgpack",
    ),
    "cloudpickle-like nested globals": calling(
        lambda p: (
            P4 + short("builtins") + short("getattr") + b"\x93" + short("os") + short("system")
            + b"\x86R" + text("mkdir " + p) + b"\x85R."
        )
    ),
    "module replaced": fixed(
        P4 + b"csys\nmodules\n" + short("os") + b"csubprocess\nrun\ns.", FORBIDDEN
    ),
}  # fmt: skip

TAKING: dict[str, Case] = {
    **{
        f"memo index {n}": fixed(P4 + b"}r" + u32(n) + b".", "bad-memo")
        for n in (1, 60_000_000, 2**32 - 1)
    },
    "memo index as text": fixed(P4 + b"}p60000000\n.", FORBIDDEN),
    "memo index beyond protocol 3": fixed(P3 + b"}q\x01.", "bad-memo"),
    **{
        f"bytes of {n}": fixed(P4 + b"\x8e" + u64(n) + b".", "truncated")
        for n in (1_500_000_000, 2**62, 2**63, 2**64 - 1)
    },
    "bytes of 4 GiB": fixed(P4 + b"B" + u32(2**32 - 1) + b"abc.", "truncated"),
    "bytearray of 1.5 GB": fixed(P5 + b"\x96" + u64(1_500_000_000) + b".", FORBIDDEN),
    "text of 1.5 GB": fixed(P4 + b"\x8d" + u64(1_500_000_000) + b".", "string-too-long"),
    "text of 4 GiB": fixed(P4 + b"X" + u32(2**32 - 1) + b".", "string-too-long"),
    "frame of 1.5 GB": fixed(P4 + frame(b"N.", 1_500_000_000), "truncated"),
    "frame of 2**63": fixed(P4 + frame(b"N.", 2**63), "truncated"),
    "frame of no length": fixed(P4 + frame(b"", 0) + b"N.", "bad-frame unknown-format"),
    "frame in a frame": fixed(P4 + frame(frame(b"N") + b"."), "bad-frame"),
    "frame in protocol 3": fixed(P3 + frame(b"N."), "bad-frame"),
    "frame that ends in an argument": fixed(P4 + frame(b"J\x01\0\0\0.", 3), "bad-frame"),
    "frame that ends after the end": fixed(P4 + frame(b"N."[:1] + b".N"), "bad-frame"),
    "negative long": fixed(P4 + b"\x8b\xff\xff\xff\xff.", FORBIDDEN),
    "long of 2 GiB": fixed(P4 + b"\x8b" + u32(2**31 - 1) + b".", FORBIDDEN),
    "long of 4 MB": fixed(P4 + b"\x8b" + u32(4_000_000) + b"\x7f" * 4_000_000 + b".", FORBIDDEN),
    "long of 255 bytes": fixed(P4 + b"\x8a\xff" + b"\x7f" * 255 + b".", "int-too-big"),
    "million sets": fixed(P4 + b"](" + b"\x8f" * 10**6 + b"e.", FORBIDDEN),
    "million lists": fixed(P4 + b"](" + b"]" * 10**6 + b"e.", "too-many-nodes"),
    "million dicts": fixed(P4 + b"](" + b"}" * 10**6 + b"e.", "too-many-nodes"),
    "million Nones": fixed(P4 + b"](" + b"N" * 10**6 + b"e.", "too-many-nodes"),
    "million marks": fixed(P4 + b"(" * 10**6, "too-deep"),
    "million memo entries": fixed(P4 + b"N" + b"\x94" * 10**6, "bad-memo"),
    "million empty groups": fixed(P4 + b"}" + b"(u" * 10**6 + b".", "too-many-opcodes"),
    "hash bomb by DUP": fixed(P4 + b"})" + b"2\x86" * 40 + b"Ns.", FORBIDDEN),
    "hash bomb by memo": fixed(
        P4 + b"})" + b"".join(b"\x94h%ch%c\x86" % (n, n) for n in range(45)) + b"Ns.", FORBIDDEN
    ),
    "keys that collide": Case(
        lambda marker: map_of(k * (2**61 - 1) for k in range(1, 30_000)), "int-too-big bad-key"
    ),
    "small keys that collide": Case(
        lambda marker: map_of(k << 40 for k in range(1, 30_000)), "bad-key"
    ),
    "long as text": fixed(P4 + b"L" + b"9" * 10**6 + b"L\n.", FORBIDDEN),
    "int as text": fixed(P4 + b"I" + b"9" * 10**6 + b"\n.", FORBIDDEN),
    "deep tuple as key": fixed(P4 + b"})" + b"\x85" * 10**6 + b"Ns.", FORBIDDEN),
    "deep tuple": fixed(P4 + b")" + b"\x85" * 10**6 + b".", FORBIDDEN),
    "deep list": fixed(P4 + b"]" * 10**5 + b"a" * (10**5 - 1) + b".", "too-deep too-many-nodes"),
    "deep list in the bounds of nodes": fixed(
        P4 + b"]" * 50_000 + b"a" * 49_999 + b".", "too-deep"
    ),
    "deep dict": fixed(P4 + (b"}" + short("a")) * 40_000 + b"N" + b"s" * 40_000 + b".", "too-deep"),
    "one too deep": fixed(P4 + b"]" * 33 + b"a" * 32 + b".", "too-deep"),
    "as deep as allowed": fixed(P4 + b"]" * 32 + b"a" * 31 + b".", "unknown-format"),
    "billion laughs": fixed(billion_laughs(9), "shared-container"),
    "list in itself": fixed(P4 + b"]\x94h\x00a.", "shared-container"),
    "dict in itself": fixed(P4 + b"}\x94" + short("a") + b"h\x00s.", "shared-container"),
    "list used twice": fixed(P4 + b"](]\x94h\x00e.", "shared-container"),
    "megabyte of text 90,000 times": fixed(
        P4 + b"](" + text("x" * 2**20) + b"\x94" + b"h\x00" * 90_000 + b"e.", "strings-too-long"
    ),
    "large bytes twice": fixed(
        P4 + b"](B" + u32(70_000) + b"x" * 70_000 + b"\x94h\x00e.", "shared-bytes"
    ),
    "small bytes 90,000 times": fixed(
        P4 + b"](B" + u32(65_536) + b"x" * 65_536 + b"\x94" + b"h\x00" * 90_000 + b"e.",
        "unknown-format",
    ),
    "20 MB of wide text": fixed(
        P4 + b"](" + text("x" * (2**20 - 4) + "\U0001f600") * 20 + b"e.", "strings-too-long"
    ),
}

MALFORMED: dict[str, Case] = {
    name: fixed(P4 + payload, expected)
    for name, payload, expected in [
        ("stop on nothing", b".", "bad-structure"),
        ("no stop", b"N", "truncated"),
        ("append to a number", b"K\x01Na.", "bad-structure"),
        ("odd number of keys and values", b"}(" + short("a") + b"u.", "bad-structure"),
        ("memo entry that is not there", b"h\x05.", "bad-memo"),
        ("pop a mark", b"(1.", FORBIDDEN),
        ("two objects", b"NN.", "bad-structure"),
        ("set item of a list", b"]" + short("a") + b"Ns.", "bad-structure"),
        ("append below the mark", b"](Na.", "bad-structure"),
        ("appends of nothing", b"(e.", "bad-structure"),
        ("protocol in the middle", P4 + b"N.", FORBIDDEN),
        ("junk behind the end", b"}.junk", "trailing-data"),
        ("lone surrogate", b"\x8c\x03\xed\xa0\x80.", "bad-utf8"),
        ("no UTF-8", b"\x8c\x02\xff\xfe.", "bad-utf8"),
        ("overlong UTF-8", b"\x8c\x02\xc0\x80.", "bad-utf8"),
        ("key twice", b"}(" + (short("a") + b"N") * 2 + b"u.", "duplicate-key"),
        ("key of a number", b"}K\x01Ns.", "bad-key"),
        ("key of None", b"}NNs.", "bad-key"),
        ("key of bytes", b"}C\x01aNs.", "bad-key"),
        ("tuple", b"NN\x86.", FORBIDDEN),
        ("set", b"\x8f.", FORBIDDEN),
        ("frozen set", b"(N\x91.", FORBIDDEN),
        ("number of nine bytes", b"\x8a\x09" + b"\x01" * 9 + b".", "int-too-big"),
        ("text of protocol 0", b"Vabc\n.", FORBIDDEN),
        ("bytes of Python 2", b"U\x03abc.", FORBIDDEN),
    ]
}


def other_protocols() -> Iterator[tuple[str, Case]]:
    for protocol in (0, 1, 2, 6, 255):
        yield (
            f"protocol {protocol}",
            fixed(bytes([0x80, protocol]) + b"N.", "unsupported-protocol"),
        )
    old = pickle.dumps({"b": b"\xff"}, 2)
    yield "bytes in protocol 2", fixed(old, "unsupported-protocol")


CASES: dict[str, Case] = {**RUNNING, **TAKING, **MALFORMED, **dict(other_protocols())}
assert all(isinstance(case.make(Path("x")), bytes) for case in MALFORMED.values())
