"""Integer keys that would make a dict take forever are told from hashes."""

from __future__ import annotations

import numpy as np
import pytest

from spacy_pickled_ner.dict_keys import MANY, are_slow_keys
from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.msgpack import decode_msgpack


@pytest.mark.parametrize("n", [MANY + 1, 3_500, 20_000, 43_690, 200_000])
@pytest.mark.parametrize("seed", range(5))
def test_hashes_are_quick(n, seed):
    rng = np.random.default_rng(seed)
    assert not are_slow_keys(rng.integers(0, 2**64 - 1, size=n, dtype=np.uint64))


@pytest.mark.parametrize("n", [MANY + 1, 20_000])
def test_numbers_in_a_row_are_quick(n):
    assert not are_slow_keys(np.arange(n, dtype=np.uint64))


def walk(size: int, n: int) -> list[int]:
    """The places that Python tries one after the other, for a key with no high bits."""
    places, place = [], 0
    for _ in range(n):
        places.append(place)
        place = (5 * place + 1) % size
    return places


@pytest.mark.parametrize("bits", [13, 16])
def test_keys_that_walk_along_taken_places_are_slow(bits):
    size = 2**bits
    run = walk(size, size // 2)
    walkers = [place + size for place in run[: size // 8]]
    keys = np.array([*run, *walkers], dtype=np.uint64)
    assert are_slow_keys(keys)


def test_maps_of_such_keys_are_not_decoded():
    import srsly

    run = walk(2**13, 2**12)
    keys = [*run, *(place + 2**13 for place in run[:1_000])]
    data = srsly.msgpack_dumps(dict.fromkeys(keys, 0))
    with pytest.raises(UnsafeFileError) as error:
        decode_msgpack(data, "it")
    assert error.value.code == "bad-msgpack"
