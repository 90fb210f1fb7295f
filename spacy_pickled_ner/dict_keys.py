"""Tell whether integer keys would make a Python dict take forever.

Python looks for the place of an integer by its low bits, and tries a dozen more places, which all
its bits decide, before it walks on from place to place. Keys can be chosen so that all of these are
taken. Of honest 64-bit hashes, about none find them so.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MANY: Final = 2_000
# CPython's: a number is its own hash, modulo this, and each try shifts in five bits of it.
_MODULUS: Final = np.uint64(2**61 - 1)
_SHIFT: Final = np.uint64(5)
_N_TRIES: Final = 13


def are_slow_keys(keys: NDArray[np.uint64]) -> bool:
    """Find out whether a dict of some keys would be far slower than usual.

    keys (NDArray): The keys, 64-bit numbers.
    RETURNS (bool): True if more of them than by chance find all of their first places taken.
    """
    if len(keys) <= MANY:
        return False
    hashes = keys % _MODULUS
    allowed = len(keys) // 200 + 50
    # A dict doubles its table on the way. Keys could be slow in a smaller one only.
    bits = int(len(keys) * 3 // 2).bit_length()
    for size in range(max(11, bits - 2), bits + 1):
        mask = np.uint64(2**size - 1)
        some = hashes[: 2**size * 2 // 3]
        taken = np.zeros(2**size, dtype=bool)
        taken[some & mask] = True
        # Keys that are the first of their place find it free.
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
