"""Detect integer keys that make a Python dict extremely slow.

Python stores an integer at a position given by its low bits. If the position is taken, it tries a
dozen others, which depend on all bits, and then one after the other. Keys can be chosen so that all
of these are taken. With random 64-bit hashes, that almost never happens.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MANY: Final = 2_000
# In CPython, the hash of an integer is the integer modulo this. Each try shifts in five bits of it.
_MODULUS: Final = np.uint64(2**61 - 1)
_SHIFT: Final = np.uint64(5)
_N_TRIES: Final = 13


def are_slow_keys(keys: NDArray[np.uint64]) -> bool:
    """Return True if a dict with some keys would be far slower than usual.

    keys (NDArray): The keys, 64-bit numbers.
    RETURNS (bool): True if more keys than by chance find all their first positions taken.
    """
    if len(keys) <= MANY:
        return False
    hashes = keys % _MODULUS
    allowed = len(keys) // 200 + 50
    # A dict doubles its table as it grows. Keys could be slow only in a smaller table.
    bits = int(len(keys) * 3 // 2).bit_length()
    for size in range(max(11, bits - 2), bits + 1):
        mask = np.uint64(2**size - 1)
        some = hashes[: 2**size * 2 // 3]
        taken = np.zeros(2**size, dtype=bool)
        taken[some & mask] = True
        # The first key of each position finds it free.
        _, index = np.unique(some & mask, return_index=True)
        waiting = np.ones(len(some), dtype=bool)
        waiting[index] = False
        perturb, place = some[waiting], (some & mask)[waiting]
        for _ in range(_N_TRIES):
            perturb = perturb >> _SHIFT
            place = (place * _SHIFT + perturb + np.uint64(1)) & mask
            is_taken = taken[place]
            perturb, place = perturb[is_taken], place[is_taken]
        if len(place) > allowed:
            return True
    return False
