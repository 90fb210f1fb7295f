"""Reproducible runs inside somebody else's process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy
from thinc.api import fix_random_seed


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators that spaCy's training draws from, and put them back after.

    seed (int): The same seed, data and machine give the same weights.
    """
    python_state, numpy_state = random.getstate(), numpy.random.get_state()
    fix_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        numpy.random.set_state(numpy_state)
