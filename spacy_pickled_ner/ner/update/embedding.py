"""Hash embeddings of a batch: each different token is computed once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from .dropout import dropout_mask
from .features import HASHES, TokenFeatures
from .layers import Backprop, MaxoutBlock
from .structure import Array
from .tables import Table


class Embedding:
    """Tables whose rows are summed, concatenated, and mixed: `spacy.MultiHashEmbed.v2`.

    tables (Sequence[Table]): In the order of the features.
    mixer (MaxoutBlock): What follows them.
    """

    def __init__(self, tables: Sequence[Table], mixer: MaxoutBlock):
        self.tables, self.mixer = tables, mixer

    def forward(
        self, features: Sequence[TokenFeatures], rate: float
    ) -> tuple[Array, Array, Backprop]:
        """Embed the tokens of some texts.

        rate (float): Dropout of the tables' columns.
        RETURNS (Tuple[Floats2d, Ints1d, Callable]): (different tokens, width), without the mixer's
            dropout; which of them each token is; d(embedded) → None, which adds to the gradients.
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
