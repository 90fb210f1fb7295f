"""Decode msgpack from a file that may be hostile: first its structure, then the real decoder.

srsly's decoder allocates the size of a length field before it checks that the bytes exist. It
creates any number of empty containers, and turns some maps into arrays of any type that they name.
The walk compares every length with the remaining bytes, and limits depth and number of containers
by the size of the input. It is skipped if a count of bytes shows that neither can be a problem.
Decoding uses none of srsly's hooks, so arrays stay maps, as they are in the file.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import numpy as np
import srsly

from .dict_keys import MANY, are_slow_keys
from .errors import UnsafeFileError

# The msgpack of {}.
EMPTY_MAP: Final = b"\x80"
MAX_DEPTH: Final = 32
_ALL_BITS: Final = 2**64 - 1
MAX_BYTES: Final = 2**32
# An empty map takes one byte in a file and 64 in memory. Real data has at least a few bytes for
# each container, so a file with more containers is not real.
SPARE_CONTAINERS: Final = 100_000
BYTES_PER_CONTAINER: Final = 4
MAX_LONG_ARRAYS: Final = 8

_BAD: Final = 0
# The size in bytes of values with a fixed size, by first byte.
_FIXED: Final = [
    *([1] * 0x80),  # small integers
    *([_BAD] * 0x20),  # small maps and arrays
    *range(1, 0x21),  # short texts
    *(1, _BAD, 1, 1),  # nil, never used, false, true
    *([_BAD] * 6),  # bytes and extensions
    *(5, 9),  # floats
    *(2, 3, 5, 9, 2, 3, 5, 9),  # integers
    *([_BAD] * 12),  # fixed extensions, texts, arrays, maps
    *([1] * 0x20),  # small negative integers
]
# The width of the length field of texts and bytes, by first byte.
_SIZED: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}
_ARRAYS: Final = {0xDC: 2, 0xDD: 4}
_MAPS: Final = {0xDE: 2, 0xDF: 4}
_LONG: Final = {**_ARRAYS, **_MAPS}
_CONTAINERS: Final = bytes([*range(0x80, 0xA0), *_LONG])
# Integers, texts and bytes; bools, floats and nil are not useful as keys, and equal ones collide.
_KEYS: Final = frozenset(
    [*range(0x80), *range(0xA0, 0xC0), *range(0xCC, 0xD4), *range(0xE0, 0x100), *_SIZED]
)


@contextlib.contextmanager
def gc_kept() -> Iterator[None]:
    """Restore the state of the garbage collector: srsly's decoder does not after an error."""
    enabled = gc.isenabled()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Switch the garbage collector off, and restore its state afterwards."""
    with gc_kept():
        gc.disable()
        yield


def decode_msgpack(data: bytes | memoryview, what: str) -> Any:
    """Check msgpack and decode it.

    data (Union[bytes, memoryview]): The bytes.
    what (str): Name of the data, for the error.
    RETURNS (Any): The value, made of exact built-in types.
    RAISES (UnsafeFileError): It is malformed or beyond the bounds ("bad-msgpack").
    """
    raw = bytes(data)
    if not is_harmless(raw):
        walk_msgpack(raw, what)
    try:
        with gc_paused():
            # With a pairs hook of ours, srsly adds none of its own.
            return srsly.msgpack.unpackb(
                raw, raw=False, use_list=True, object_pairs_hook=_make_dict, ext_hook=_no_extension
            )
    except Exception as err:
        raise UnsafeFileError(
            f"{_shown(what)} in the model file cannot be decoded: {type(err).__name__}",
            code="bad-msgpack",
        ) from err


def decode_msgpack_map(data: bytes | memoryview, what: str) -> dict[str, Any]:
    """Check a msgpack map with text keys and decode it.

    data (Union[bytes, memoryview]): The bytes.
    what (str): Name of the data, for the error.
    RETURNS (Dict[str, Any]): The map.
    RAISES (UnsafeFileError): The data is something else ("bad-msgpack").
    """
    value = decode_msgpack(data, what)
    if type(value) is not dict or not all(type(key) is str for key in value):
        _refuse(what, "it is not a map with text keys")
    return value


def _shown(what: str) -> str:
    """Escape and shorten a name that may come from the file."""
    return ascii(what)[1:-1][:120]


def _refuse(what: str, reason: str) -> NoReturn:
    message = f"{_shown(what)} in the model file cannot be used: {reason}"
    raise UnsafeFileError(message, code="bad-msgpack")


def _make_dict(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Create a dict, unless its integer keys would make that extremely slow."""
    if len(pairs) > MANY and type(pairs[-1][0]) is int:
        keys = [key & _ALL_BITS for key, _ in pairs if type(key) is int]
        if are_slow_keys(np.array(keys, dtype=np.uint64)):
            raise ValueError("a map with keys that share hash positions")
    return dict(pairs)


def _no_extension(*_: object) -> NoReturn:
    raise ValueError("an extension is not plain data")


def is_harmless(data: bytes) -> bool:
    """Return True if byte counts alone show that decoding needs little more memory than the data.

    data (bytes): The bytes.
    RETURNS (bool): True if there are few possible containers and almost no possible long arrays,
        whose length the decoder trusts. False means unknown.
    """
    n_containers = len(data) - len(data.translate(None, _CONTAINERS))
    # The decoder itself refuses lengths beyond that of the data.
    long_array = b"\xdd" if len(data) >= 2**24 else b"\xdd\x00"
    return n_containers <= _container_budget(data) and data.count(long_array) <= MAX_LONG_ARRAYS


def _container_budget(data: bytes) -> int:
    return SPARE_CONTAINERS + len(data) // BYTES_PER_CONTAINER


def walk_msgpack(data: bytes, what: str) -> None:
    """Check the structure of msgpack without decoding any of it.

    data (bytes): The bytes.
    what (str): Name of the data, for the error.
    RAISES (UnsafeFileError): It is malformed or beyond the bounds ("bad-msgpack").
    """
    if fault := find_fault(data):
        _refuse(what, fault)


def find_fault(data: bytes, *, max_values: int = MAX_BYTES) -> str | None:
    """Find an error in the structure of msgpack without decoding it.

    data (bytes): The bytes.
    max_values (int): Maximum number of values in containers, including keys.
    RETURNS (Optional[str]): The error, in words; None if there is none.
    """
    end = len(data)
    if end > MAX_BYTES:
        return "it is too large"
    budget, values_left = _container_budget(data), max_values
    outer: list[tuple[int, bool]] = []
    position, left, in_map = 0, 1, False
    while True:
        while not left:
            if not outer:
                return None if position == end else "it is cut off, or something follows its end"
            left, in_map = outer.pop()
        if position >= end:
            return "it ends in the middle of a value"
        first = data[position]
        # If an even number of values remains in a map, the next one is a key.
        if in_map and not left & 1 and first not in _KEYS:
            return "a key that is not text, bytes or an integer"
        left -= 1
        if size := _FIXED[first]:
            position += size
            continue
        if width := _SIZED.get(first):
            start = position + 1 + width
            position = start + int.from_bytes(data[position + 1 : start], "big")
            continue
        if first < 0xA0:
            is_map, width = first < 0x90, 0
            n_values = (first & 0x0F) << is_map
        elif width := _LONG.get(first, 0):
            is_map = first in _MAPS
            n_values = int.from_bytes(data[position + 1 : position + 1 + width], "big") << is_map
        else:
            return "a type that is not plain data"
        position += 1 + width
        budget -= 1
        values_left -= n_values
        if n_values > end - position or budget < 0:
            return "it claims more values than it has bytes"
        if values_left < 0:
            return f"it has more than {max_values:,} values"
        if len(outer) >= MAX_DEPTH:
            return f"it is nested more than {MAX_DEPTH} deep"
        if n_values:
            outer.append((left, in_map))
            left, in_map = n_values, is_map
