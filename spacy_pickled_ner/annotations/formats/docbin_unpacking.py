"""Bytes of a `.spacy` file → a DocBin, with memory limits that depend on the file's size.

spaCy decompresses without a limit, up to a thousandfold: a few megabytes could fill the memory.
Here, bytes, values, texts and tokens are counted before each step that could need much more.

Real files were measured for the limits: annotated texts are 4 to 15 times as large when they are
decompressed, and 50,000 short texts made from 20 templates 96 times (33 MB). A token takes 8 bytes
in a file, or 1 in such templates; a text takes 40 bytes or more, or 7.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import numpy as np
import srsly
from spacy.attrs import ORTH  # type: ignore[import-not-found]
from spacy.tokens import DocBin

from ...errors import AnnotationError
from ...msgpack import find_fault, gc_kept

_MEGABYTE: Final = 2**20
FREE_BYTES: Final = 64 * _MEGABYTE
MAX_RATIO: Final = 64
# A value takes up to 60 bytes in memory, a token 120, a text 5,000.
FREE_VALUES: Final = 1_000_000
BYTES_PER_VALUE: Final = 2
FREE_TEXTS: Final = 100_000
BYTES_PER_TEXT: Final = 16
FREE_TOKENS: Final = 2_000_000
BYTES_PER_TOKEN: Final = 1

_ADVICE: Final = "if the file is yours, split it, or store the texts as .jsonl"


def unpack_docbin(data: bytes, source: str) -> DocBin:
    """Read the bytes of a `.spacy` file.

    data (bytes): All of the file.
    source (str): Its name, for the error.
    RETURNS (DocBin): The DocBin.
    RAISES (AnnotationError): The file is beyond a limit.
    RAISES (Exception): The file is damaged.
    """
    size = len(data)
    max_values = FREE_VALUES + size // BYTES_PER_VALUE
    raw = _decompress(data, source)
    _check(raw, max_values, source)
    with gc_kept():
        message = srsly.msgpack_loads(raw)
    del raw
    tokens, spaces = message["tokens"], message["spaces"]
    if not isinstance(tokens, bytes) or not isinstance(spaces, bytes):
        raise ValueError("the tokens are not bytes")
    lengths = np.frombuffer(message["lengths"], dtype="int32")
    attrs = message["attrs"]
    for unit, count, limit in (
        ("texts", len(lengths), FREE_TEXTS + size // BYTES_PER_TEXT),
        ("tokens", len(spaces), FREE_TOKENS + size // BYTES_PER_TOKEN),
    ):
        if count > limit:
            raise AnnotationError(
                f"it claims {count:,} {unit}, but a file of {size:,} bytes can have at most "
                f"{limit:,}: {_ADVICE}",
                source=source,
            )
    if ORTH not in attrs or len(tokens) != len(spaces) * len(attrs) * 8:
        raise ValueError("the tokens are incomplete")
    if (lengths < 0).any() or int(lengths.sum(dtype="int64")) != len(spaces):
        raise ValueError("the lengths of the texts do not fit the tokens")
    docs = _fill(message, lengths)
    for packed in (*docs.span_groups, *docs.user_data):
        if packed:
            _check(packed, max_values, source)
    return docs


def _decompress(data: bytes, source: str) -> bytes:
    limit = FREE_BYTES + MAX_RATIO * len(data)
    # Count first, without storing: joining pieces would need twice the memory.
    stream, rest, n_bytes = zlib.decompressobj(), data, 0
    while not stream.eof and n_bytes <= limit:
        piece = stream.decompress(rest, _MEGABYTE)
        if not piece and not stream.unconsumed_tail:
            break
        n_bytes, rest = n_bytes + len(piece), stream.unconsumed_tail
    if n_bytes > limit:
        raise AnnotationError(
            f"its {len(data):,} bytes need more than {limit // _MEGABYTE:,} MB when decompressed, "
            f"which is beyond the limit ({FREE_BYTES // _MEGABYTE} MB and {MAX_RATIO} times its "
            f"size): {_ADVICE}",
            source=source,
        )
    return zlib.decompress(data, bufsize=max(n_bytes, 1))


def _check(raw: bytes, max_values: int, source: str) -> None:
    if fault := find_fault(raw, max_values=max_values):
        raise AnnotationError(f"damaged, or too large: {fault}; {_ADVICE}", source=source)


def _fill(message: dict[str, Any], lengths: np.ndarray[Any, Any]) -> DocBin:
    """Do what `DocBin.from_bytes` does with its decoded data."""
    n_texts, attrs = len(lengths), message["attrs"]
    docs: Any = DocBin()
    docs.attrs = attrs
    docs.strings = set(message["strings"])
    ends = np.cumsum(lengths)[:-1]
    tokens = np.frombuffer(message["tokens"], dtype="uint64").reshape((-1, len(attrs)))
    spaces = np.frombuffer(message["spaces"], dtype=bool).reshape((-1, 1))
    docs.tokens = np.split(tokens, ends) if n_texts else []
    docs.spaces = np.split(spaces, ends) if n_texts else []
    docs.cats = message["cats"]
    docs.flags = message.get("flags", [{}] * n_texts)
    docs.span_groups = message.get("span_groups", [b""] * n_texts)
    docs.user_data = message.get("user_data", [None] * n_texts)
    return docs  # type: ignore[no-any-return]
