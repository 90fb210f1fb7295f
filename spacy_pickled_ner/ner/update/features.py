"""The hashed features of a text's tokens, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from spacy.tokens import Doc

from .structure import Array

# Odd 64-bit constants (from splitmix64 and murmur) that tell the columns of a key apart.
MIX = numpy.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xFF51AFD7ED558CCD],
    dtype=numpy.uint64,
)
HASHES = 4


@dataclass(frozen=True)
class TokenFeatures:
    """What the embedding layer needs to know about the tokens of one text.

    keys (Ints1d): A 64-bit key of each token; two tokens with the same features have the same.
    rows (Ints2d): (tokens, 4 * tables) int32, which rows of each table are summed.
    """

    keys: Array
    rows: Array


class FeatureReader:
    """Reads features off Docs.

    columns (Sequence): Attributes, one for each table.
    seeds, sizes (Sequence[int]): Seed of the hash and number of rows of each table.
    """

    def __init__(
        self, ops: Any, columns: Sequence[Any], seeds: Sequence[int], sizes: Sequence[int]
    ):
        self.ops, self.columns, self.seeds, self.sizes = ops, list(columns), seeds, sizes
        self.key = (*columns, *seeds, *sizes)

    def read(self, doc: Doc) -> TokenFeatures:
        """Read one Doc."""
        values = doc.to_array(self.columns).reshape(len(doc), -1).astype(numpy.uint64)
        rows = [
            self.ops.hash(numpy.ascontiguousarray(values[:, i]), seed) % size
            for i, (seed, size) in enumerate(zip(self.seeds, self.sizes, strict=True))
        ]
        return TokenFeatures(_mix(values), numpy.hstack(rows).astype(numpy.int32))


def _mix(values: Any) -> Any:
    keys = numpy.zeros(len(values), dtype=numpy.uint64)
    for column in range(values.shape[1]):
        keys ^= values[:, column]
        keys *= MIX[column % len(MIX)]
        keys ^= keys >> numpy.uint64(32)
    return keys
