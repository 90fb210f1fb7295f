"""A signature tells who made a file, and cannot be removed, replaced or talked out of."""

from __future__ import annotations

import pickle
import sys

import pytest
import spacy

from spacy_pickled_ner.container.sections import Section
from spacy_pickled_ner.errors import MissingExtraError, SettingsError, UnsafeFileError
from spacy_pickled_ner.model_file import dump, dumps, load, loads, verify
from spacy_pickled_ner.model_file.pickle_v1 import assemble

SECRET, OTHER = b"a secret of ours, long enough", b"a secret of theirs, long enough"
PEM = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"


@pytest.fixture(scope="module")
def blank():
    return spacy.blank("xx")


@pytest.fixture(scope="module")
def signed(blank):
    return dumps(blank, sign=SECRET)


def code_of(data: bytes, key=SECRET) -> str:
    with pytest.raises(UnsafeFileError) as error:
        loads(data, require_signature=key)
    with pytest.raises(UnsafeFileError):
        verify(data, require_signature=key)
    return error.value.code


def with_signature(data: bytes, signature: bytes) -> bytes:
    content = pickle.loads(data)
    manifest = content.pop("manifest")
    parts = [Section(k, v) for k, v in content.items() if k not in FIXED]
    return b"".join(assemble(manifest, parts, signature))


FIXED = ("format", "manifest_sha256", "signature")


def test_a_signed_file_loads_with_and_without_its_key(blank, signed, tmp_path):
    assert loads(signed).to_bytes() == blank.to_bytes()
    assert loads(signed, require_signature=SECRET).to_bytes() == blank.to_bytes()
    dump(blank, tmp_path / "model.pkl", sign=SECRET)
    assert (tmp_path / "model.pkl").read_bytes() == signed
    assert load(tmp_path, require_signature=SECRET).lang == "xx"


def test_what_verify_says(blank, signed):
    report = verify(signed, require_signature=SECRET)
    assert (report["signature"], report["signed"]) == ("hmac-sha256", True)
    assert (verify(signed)["signature"], verify(signed)["signed"]) == ("hmac-sha256", False)
    assert verify(dumps(blank))["signature"] is None


def test_anyone_can_still_read_a_signed_file_as_plain_data(signed):
    assert pickle.loads(signed)["signature"].startswith(b"hmac-sha256:")


def test_files_that_are_not_signed_as_required(blank, signed):
    plain = dumps(blank)
    signature = pickle.loads(signed)["signature"]
    assert code_of(plain) == "not-signed"
    assert code_of(with_signature(signed, b"")) == "not-signed"
    assert code_of(dumps(blank, format="seed")) == "not-signed"
    assert code_of(signed, OTHER) == "wrong-signature"
    assert code_of(dumps(spacy.blank("en"), sign=OTHER)) == "wrong-signature"
    assert code_of(with_signature(dumps(spacy.blank("en")), signature)) == "wrong-signature"
    altered = bytes([*signature[:-1], signature[-1] ^ 1])
    assert code_of(with_signature(signed, altered)) == "wrong-signature"


@pytest.mark.parametrize(
    "signature",
    [b"md5:" + b"x" * 16, b"hmac-sha256:", b"hmac-sha256:" + b"x" * 31, b"x" * 200, b":", b"\xff"],
    ids=repr,
)
def test_unknown_signatures_are_errors_even_if_none_is_required(signed, signature):
    data = with_signature(signed, signature)
    assert code_of(data) == "bad-signature"
    with pytest.raises(UnsafeFileError) as error:
        loads(data)
    assert error.value.code == "bad-signature"


def test_no_bit_of_a_signed_header_can_change(signed):
    data = bytearray(signed)
    for position in range(signed.index(b"manifest", signed.index(b"signature"))):
        for bit in range(8):
            data[position] ^= 1 << bit
            with pytest.raises(UnsafeFileError):
                verify(bytes(data))
            data[position] ^= 1 << bit


def test_the_algorithm_is_that_of_the_key(signed, monkeypatch):
    ed25519 = with_signature(signed, b"ed25519:" + b"x" * 64)
    assert code_of(ed25519) == "bad-signature"


@pytest.mark.parametrize("key", [b"", b"short", "text", 5, ("rsa", b"x" * 32)], ids=repr)
def test_what_is_no_key(blank, signed, key, monkeypatch):
    # Told without the extra.
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    for use in (loads, verify):
        with pytest.raises(SettingsError, match=r"^require_signature=.* a public \(or private\)"):
            use(signed, require_signature=key)
    with pytest.raises(SettingsError, match=r"^sign=.* a private Ed25519") as error:
        dumps(blank, sign=key)
    assert "public" not in str(error.value)


def test_a_path_is_that_of_a_key_file(blank, tmp_path):
    key, other, file = (tmp_path / name for name in ("key", "other", "model.pkl"))
    key.write_bytes(SECRET)
    other.write_bytes(OTHER)
    dump(blank, file, sign=key)
    assert load(file, require_signature=SECRET).lang == "xx"
    assert load(file, require_signature=key).lang == "xx"
    assert verify(file, require_signature=key)["signed"]
    with pytest.raises(UnsafeFileError, match="not made with this key"):
        load(file, require_signature=other)
    with pytest.raises(SettingsError, match=r"^sign='.*nothing'.* cannot be read: No such file"):
        dumps(blank, sign=tmp_path / "nothing")


def test_other_formats_cannot_be_signed(blank):
    with pytest.raises(SettingsError, match="has no signatures"):
        dumps(blank, format="seed", sign=SECRET)


def test_without_the_extra(blank, signed, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    with pytest.raises(MissingExtraError, match=r"spacy-pickled-ner\[signing\]"):
        loads(signed, require_signature=PEM)


class TestEd25519:
    @pytest.fixture(autouse=True)
    def keys(self):
        module = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
        self.private = module.Ed25519PrivateKey.generate()
        self.public = self.private.public_key()
        self.stranger = module.Ed25519PrivateKey.generate()

    def pems(self):
        from cryptography.hazmat.primitives import serialization as s

        private = self.private.private_bytes(
            s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
        )
        public = self.public.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
        return private, public

    def test_every_form_of_the_keys(self, blank):
        private, public = self.pems()
        raw_private = ("ed25519", self.private.private_bytes_raw())
        raw_public = ("ed25519", self.public.public_bytes_raw())
        for writer in (self.private, private, raw_private):
            data = dumps(blank, sign=writer)
            for reader in (self.public, public, raw_public, self.private, private):
                assert loads(data, require_signature=reader).lang == "xx"

    def test_keys_of_others(self, blank, signed):
        data = dumps(blank, sign=self.stranger)
        assert code_of(data, self.public) == "wrong-signature"
        assert code_of(signed, self.public) == "bad-signature"
        assert code_of(data, SECRET) == "bad-signature"

    def test_a_public_key_is_never_taken_for_a_secret(self, blank):
        _, public = self.pems()
        forged = dumps(blank, sign=b" " * 20 + SECRET)
        assert code_of(forged, public) == "bad-signature"
        with pytest.raises(SettingsError, match="a private Ed25519 key"):
            dumps(blank, sign=public)

    def test_unusable_pem(self, blank):
        with pytest.raises(SettingsError):
            dumps(blank, sign=b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
