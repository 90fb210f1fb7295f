"""The vocab of a `seed.v0` file, which spaCy decodes from one msgpack value."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np
from spacy.vectors import Vectors  # type: ignore[import-not-found]
from spacy.vocab import Vocab

from ....msgpack import EMPTY_MAP, decode_msgpack, decode_msgpack_map
from ..hashes import check_even_texts
from ..refuse import refuse
from ..settings import decode_json
from .lookups import check_lookups
from .vectors import check_vectors

_CODE: Final = "bad-vocab"
_ARRAY: Final = frozenset({b"nd", b"type", b"kind", b"shape", b"data"})
_FLOATS: Final = ("<f2", "<f4", "<f8")


def check_vocab_bytes(vocab: Vocab, data: bytes) -> None:
    """Check the input for `Vocab.from_bytes`.

    vocab (Vocab): The vocab that is going to read it.
    data (bytes): The msgpack of `Vocab.to_bytes`.
    RAISES (UnsafeFileError): It cannot be used ("bad-vocab", "bad-msgpack", "bad-lookups").
    """
    parts = decode_msgpack_map(data, "the vocab")
    if not parts.keys() <= {"strings", "vectors", "lookups"}:
        refuse("the vocab", "it has unknown parts", _CODE)
    if "strings" in parts:
        _check_strings(parts["strings"])
    if "vectors" in parts and type(vocab.vectors) is Vectors:
        _check_vectors(_bytes(parts["vectors"]))
    if "lookups" in parts:
        check_lookups("the vocab", _bytes(parts["lookups"]))
        decode_msgpack_map(parts["lookups"], "the vocab")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        refuse("the vocab", "one of its parts is not bytes", _CODE)
    return value


def _check_strings(value: object) -> None:
    strings = decode_json(value, "the vocab")
    if type(strings) is not list or not all(type(string) is str for string in strings):
        refuse("the vocab", "its strings are not a list of texts", _CODE)
    try:
        "".join(strings).encode()
    except UnicodeEncodeError:
        refuse("the vocab", "a string cannot be encoded", _CODE)
    check_even_texts("the vocab", strings)


def _check_vectors(data: bytes) -> None:
    parts = decode_msgpack_map(data, "the vectors")
    if not parts.keys() <= {"key2row", "vectors", "vectors.cfg"} or "vectors" not in parts:
        refuse("the vectors", "they are incomplete", _CODE)
    settings = decode_json(parts.get("vectors.cfg", '{"mode":"default"}'), "the vectors")
    rows = decode_msgpack(_bytes(parts.get("key2row", EMPTY_MAP)), "the vectors")
    if type(rows) is not dict:
        refuse("the vectors", "they have no keys", _CODE)
    if not all(type(n) is int for items in (rows.keys(), rows.values()) for n in items):
        refuse("the vectors", "they have keys or rows that are not numbers", _CODE)
    try:
        keys = np.fromiter(rows.keys(), dtype="<u8", count=len(rows))
        values = np.fromiter(rows.values(), dtype="<i4", count=len(rows))
    except (OverflowError, ValueError):
        refuse("the vectors", "they have keys or rows that are too large", _CODE)
    check_vectors(settings, _array(_bytes(parts["vectors"])), keys, values)


def _array(data: bytes) -> Any:
    """View an array that srsly packed, without srsly's decoding of its type."""
    packed = decode_msgpack(data, "the vectors")
    if type(packed) is not dict or packed.keys() != _ARRAY or packed[b"nd"] is not True:
        refuse("the vectors", "they are not a table", _CODE)
    dtype, shape, raw = packed[b"type"], packed[b"shape"], packed[b"data"]
    if dtype not in _FLOATS or packed[b"kind"] != b"" or type(raw) is not bytes:
        refuse("the vectors", "they are not a table of numbers", _CODE)
    if type(shape) is not list or not all(type(n) is int and 0 <= n <= 2**31 for n in shape):
        refuse("the vectors", "their table has an impossible shape", _CODE)
    if len(shape) != 2 or prod(shape) * np.dtype(dtype).itemsize != len(raw):
        refuse("the vectors", "their table has another size than its shape", _CODE)
    if not raw and max(shape) > 2**16:
        refuse("the vectors", "their table has an impossible shape", _CODE)
    return np.frombuffer(raw, dtype=dtype).reshape(shape)
