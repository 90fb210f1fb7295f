"""Every Ed25519 public key is told from most other bytes."""

from __future__ import annotations

import random

import pytest

from spacy_pickled_ner.container.signatures.ed25519_points import can_be_public_key

ORDER = 2**252 + 27742317777372353535851937790883648493


def test_every_public_key_is_one():
    keys = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    for _ in range(200):
        public = keys.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        assert can_be_public_key(public)


def test_one_in_sixteen_random_strings_is():
    draw = random.Random(0)
    found = sum(can_be_public_key(draw.randbytes(32)) for _ in range(2_000))
    assert 85 < found < 170


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 31,
        b"x" * 33,
        bytes(32),  # of order 4
        (2**255 - 20).to_bytes(32, "little"),  # of order 2
        (2**255 - 18).to_bytes(32, "little"),  # y is not reduced
        (1 + 2**255).to_bytes(32, "little"),  # x is 0 and "negative"
    ],
    ids=len,
)
def test_what_is_none(data):
    assert not can_be_public_key(data)
