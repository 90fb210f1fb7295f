"""Decode msgpack that comes from a file."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Any

import srsly

from ..errors import UnsafeFileError


@contextlib.contextmanager
def gc_kept() -> Iterator[None]:
    """Leave the garbage collector as it was: srsly's decoder forgets to when its input is bad."""
    enabled = gc.isenabled()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def decode_map(data: bytes | memoryview, what: str) -> dict[str, Any]:
    """Decode a msgpack map with text keys.

    data (Union[bytes, memoryview]): The msgpack bytes.
    what (str): What it is, for the error.
    RETURNS (Dict[str, Any]): The map.
    RAISES (UnsafeFileError): It is anything else ("bad-msgpack").
    """
    try:
        with gc_kept():
            value = srsly.msgpack_loads(bytes(data))
    except Exception as err:
        raise UnsafeFileError(
            f"{what} in the model file cannot be decoded: {type(err).__name__}",
            code="bad-msgpack",
        ) from err
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise UnsafeFileError(f"{what} in the model file is not a map", code="bad-msgpack")
    return value
