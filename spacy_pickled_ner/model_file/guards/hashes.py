"""Check that hashes spread evenly, like those of real texts.

spaCy keeps strings, words and entities in hash tables that look at one place after the other. Keys
that are made to share a few places turn each of n insertions into a search through n others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from spacy.strings import hash_string  # type: ignore[attr-defined]

from ...dict_keys import are_slow_keys
from .refuse import refuse

# Fewer cannot cost much.
MIN_KEYS: Final = 2_000
# How many keys fall into one bin of the table, on average and at most. Of random keys, more than
# four times the average occurs about never.
PER_BIN: Final = 64
MAX_PER_BIN: Final = 4 * PER_BIN


def check_even(what: str, hashes: Iterable[int]) -> None:
    """Check that keys spread over the hash table that they are about to be put into.

    what (str): The owner of the keys, for the error.
    hashes (Iterable[int]): The keys, 64-bit numbers. Equal ones count once.
    RAISES (UnsafeFileError): Too many share a place ("uneven-hashes").
    """
    keys = np.unique(np.fromiter(hashes, dtype=np.uint64))
    if len(keys) < MIN_KEYS:
        return
    if are_slow_keys(keys):
        refuse(what, "too many of its keys share a position in a dict", "uneven-hashes")
    # A table has room for twice as many keys, and a power of two of places.
    bits = int(2 * len(keys) - 1).bit_length()
    places = keys & np.uint64(2**bits - 1)
    n_bins = 2 ** max(0, (len(keys) // PER_BIN).bit_length() - 1)
    bins = (places >> np.uint64(bits - n_bins.bit_length() + 1)).astype(np.int64)
    if np.bincount(bins).max() > MAX_PER_BIN:
        refuse(what, "too many of its keys share a position in a hash table", "uneven-hashes")


def check_even_texts(what: str, texts: Iterable[str]) -> None:
    """Check that the hashes of some texts spread evenly.

    what (str): The owner of the texts, for the error.
    texts (Iterable[str]): The texts.
    RAISES (UnsafeFileError): They do not ("uneven-hashes").
    """
    check_even(what, map(hash_string, texts))
