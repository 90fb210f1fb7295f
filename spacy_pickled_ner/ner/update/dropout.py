"""Dropout masks, drawn from 16 random bits a cell where thinc takes 64."""

from __future__ import annotations

import numpy

from .structure import Array

LEVELS = 1 << 16


def dropout_mask(shape: tuple[int, ...], rate: float) -> Array | None:
    """Draw a mask: 0 with the probability of the rate, else what keeps the expected sum the same.

    Draws from numpy's global generator, which `fix_random_seed` seeds.

    shape (Tuple[int, ...]): Its shape.
    rate (float): From 0 to below 1; rounded to 1/65,536.
    RETURNS (Optional[FloatsXd]): float32; None where nothing is dropped.
    """
    dropped = round(rate * LEVELS)
    if not dropped:
        return None
    size = int(numpy.prod(shape))
    bits = numpy.frombuffer(numpy.random.bytes(2 * size), dtype=numpy.uint16)
    mask = (bits >= dropped).astype(numpy.float32)
    mask *= numpy.float32(LEVELS / (LEVELS - dropped))
    return mask.reshape(shape)
