"""Files that were written once stay loadable, and give the same pipeline for ever."""

from __future__ import annotations

import hashlib
import json

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.errors import UnsafeFileError

from .make_golden import FOLDER, KEY, describe, ed25519_key, make_pipeline

NAMES = sorted(path.name for path in FOLDER.glob("*.pkl"))
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def test_none_is_missing():
    assert [
        "model-v1-ed25519.pkl",
        "model-v1-signed.pkl",
        "model-v1.pkl",
        *(f"seed-protocol{n}.pkl" for n in (3, 4, 5)),
    ] == NAMES
    assert all((FOLDER / name).stat().st_size < 150_000 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_and_says_what_it_always_said(name):
    assert describe(spn.load(FOLDER / name)) == EXPECTED


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_inspected(name):
    found = spn.inspect(FOLDER / name)
    assert found["format"] == ("pickle.v1" if name.startswith("model-v1") else "seed.v0")
    assert found["labels"] == EXPECTED["labels"]
    assert found["untrusted"] == []


def test_the_files_are_the_ones_that_were_written():
    digests = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    for line in digests:
        digest, name = line.split()
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    assert [line.split()[1] for line in digests] == NAMES


def test_what_is_written_today_has_the_same_sections():
    written = spn.dumps(spn.load(FOLDER / "model-v1.pkl"))
    before, now = (spn.inspect(file)["sections"] for file in (FOLDER / "model-v1.pkl", written))
    hint = "the layout of v1 has changed: it needs a version of its own"
    assert [section["name"] for section in now] == [section["name"] for section in before], hint
    assert {s["name"]: s.get("dtype") for s in now} == {s["name"]: s.get("dtype") for s in before}


def test_the_script_still_makes_such_a_pipeline():
    made = describe(make_pipeline())
    assert made.pop("ents")
    assert made == {key: value for key, value in EXPECTED.items() if key != "ents"}


def test_signature_is_still_valid():
    path = FOLDER / "model-v1-signed.pkl"
    assert spn.inspect(path)["signature"] == "hmac-sha256"
    assert describe(spn.load(path, require_signature=KEY)) == EXPECTED
    with pytest.raises(UnsafeFileError) as error:
        spn.load(path, require_signature=KEY[::-1])
    assert error.value.code == "wrong-signature"
    with pytest.raises(UnsafeFileError) as error:
        spn.load(FOLDER / "model-v1.pkl", require_signature=KEY)
    assert error.value.code == "not-signed"


def test_signature_of_a_private_key_is_still_valid():
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    path, private = FOLDER / "model-v1-ed25519.pkl", ed25519_key()
    assert spn.inspect(path)["signature"] == "ed25519"
    assert describe(spn.load(path, require_signature=private.public_key())) == EXPECTED
    other = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    with pytest.raises(UnsafeFileError) as error:
        spn.load(path, require_signature=other)
    assert error.value.code == "wrong-signature"
    with pytest.raises(UnsafeFileError) as error:
        spn.load(FOLDER / "model-v1-signed.pkl", require_signature=private.public_key())
    assert error.value.code == "bad-signature"
