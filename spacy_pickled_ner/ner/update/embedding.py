"""Hash embeddings of a batch: features are read once a text, vectors computed once a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from spacy.tokens import Doc

from .layers import Backprop, MaxoutBlock, dropout_mask
from .structure import Array
from .tables import Table

# Odd 64-bit constants (from splitmix64 and murmur) that tell the columns of a key apart.
MIX = numpy.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xFF51AFD7ED558CCD],
    dtype=numpy.uint64,
)
HASHES = 4


@dataclass(frozen=True)
class TokenFeatures:
    """The features of the tokens of one text.

    keys (Ints1d): A 64-bit key of each token. Tokens with equal features have equal keys.
    rows (Ints2d): (tokens, 4 * tables) int32, the rows of each table to sum.
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


class Embedding:
    """Tables whose rows are summed, concatenated, and mixed: `spacy.MultiHashEmbed.v2`.

    tables (Sequence[Table]): In the order of the features.
    mixer (MaxoutBlock): The next layer.
    """

    def __init__(self, tables: Sequence[Table], mixer: MaxoutBlock):
        self.tables, self.mixer = tables, mixer

    def forward(
        self, features: Sequence[TokenFeatures], rate: float
    ) -> tuple[Array, Array, Backprop]:
        """Embed the tokens of some texts.

        rate (float): Dropout of the tables' columns.
        RETURNS (Tuple[Floats2d, Ints1d, Callable]): (different tokens, width), without the mixer's
            dropout; the index into them for each token; d(embedded) → None, which adds to the
            gradients.
        """
        keys = numpy.concatenate([part.keys for part in features])
        _, first, which = numpy.unique(keys, return_index=True, return_inverse=True)
        rows = numpy.concatenate([part.rows for part in features]).take(first, axis=0)
        summed = []
        for i, table in enumerate(self.tables):
            summed.append(table.look_up(_columns(rows, i)))
        inputs = numpy.hstack(summed)
        mask = dropout_mask((inputs.shape[1],), rate)
        if mask is not None:
            inputs *= mask
        embedded, backprop_mixer = self.mixer.forward(inputs)

        def backprop(d_embedded: Array) -> None:
            d_inputs = backprop_mixer(d_embedded)
            if mask is not None:
                d_inputs *= mask
            for i, d_summed in enumerate(numpy.hsplit(d_inputs, len(self.tables))):
                self.tables[i].add_gradient(_columns(rows, i), numpy.ascontiguousarray(d_summed))

        return embedded, which, backprop


def _columns(rows: Array, table: int) -> Array:
    return numpy.ascontiguousarray(rows[:, table * HASHES : (table + 1) * HASHES])
