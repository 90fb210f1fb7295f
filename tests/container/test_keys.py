"""A public key in any form is never a secret, and is itself where it can be read."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
import spacy

from spacy_pickled_ner.container.signatures.ed25519_points import can_be_public_key
from spacy_pickled_ner.container.signatures.key_encodings import find_keys
from spacy_pickled_ner.container.signatures.keys import as_key, is_public
from spacy_pickled_ner.errors import SettingsError, UnsafeFileError
from spacy_pickled_ner.model_file import dumps, loads

ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
encodings = pytest.importorskip("cryptography.hazmat.primitives.serialization")

PRIVATE = ed25519.Ed25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key()
RAW = PUBLIC.public_bytes_raw()
# A random secret that cannot be a public key, and one that could be.
SECRET, UNLUCKY = (
    next(s for s in map(random.Random(0).randbytes, [32] * 500) if can_be_public_key(s) is unlucky)
    for unlucky in (False, True)
)


def public_as(form: str, of=PUBLIC) -> bytes:
    encoding = getattr(encodings.Encoding, form)
    kind = "OpenSSH" if form == "OpenSSH" else "SubjectPublicKeyInfo"
    return of.public_bytes(encoding, getattr(encodings.PublicFormat, kind))


def private_as(form: str, kind: str = "PKCS8") -> bytes:
    return PRIVATE.private_bytes(
        getattr(encodings.Encoding, form),
        getattr(encodings.PrivateFormat, kind),
        encodings.NoEncryption(),
    )


PEM, DER, SSH = public_as("PEM"), public_as("DER"), public_as("OpenSSH")
SSH_BINARY = base64.b64decode(SSH.split()[1])
BOM = b"\xef\xbb\xbf"
PUBLIC_FORMS = {
    "PEM": PEM,
    "PEM behind a mark": BOM + PEM,
    "PEM behind comments": b"# the key of\n# the editors\n" + PEM + b"\nend\n",
    "PEM with Windows line ends": PEM.replace(b"\n", b"\r\n"),
    "PEM with indented lines": PEM.replace(b"\n", b"\n  "),
    "PEM in one line": PEM.replace(b"\n", b""),
    "PEM in UTF-16": PEM.decode().encode("utf-16"),
    "PEM in UTF-16, other end first": PEM.decode().encode("utf-16-be"),
    "DER": DER,
    "DER and a line break": DER + b"\n",
    "DER behind something": b"key: " + DER,
    "DER in base64": base64.b64encode(DER),
    "DER in hex": DER.hex().encode() + b"\n",
    "OpenSSH": SSH,
    "OpenSSH with a comment": SSH + b" ada@example.com\n",
    "OpenSSH behind options": b'from="10.0.0.1" ' + SSH,
    "OpenSSH behind a mark": BOM + b"# ours\n" + SSH,
    "OpenSSH in UTF-16": SSH.decode().encode("utf-16"),
    "OpenSSH, only the base64": SSH.split()[1],
    "OpenSSH, binary": SSH_BINARY,
}
PRIVATE_FORMS = {
    "PEM": private_as("PEM"),
    "PEM behind a mark": BOM + private_as("PEM"),
    "PEM in UTF-16": private_as("PEM").decode().encode("utf-16"),
    "PEM of both": PEM + private_as("PEM"),
    "DER": private_as("DER"),
    "DER in base64": base64.b64encode(private_as("DER")),
    "OpenSSH": private_as("PEM", "OpenSSH"),
}


def others() -> dict[str, bytes]:
    x509 = pytest.importorskip("cryptography.x509")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    curves = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    x25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.x25519")
    import datetime

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ada")])
    day = datetime.datetime(2024, 1, 1)
    builder = x509.CertificateBuilder(name, name, PUBLIC, 1, day, day)
    certificate = builder.sign(PRIVATE, None)
    of_rsa = rsa.generate_private_key(65537, 2048).public_key()
    of_curve = curves.generate_private_key(curves.SECP256R1()).public_key()
    of_x25519 = x25519.X25519PrivateKey.generate().public_key()
    assert hashes
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(RAW).decode().strip("=")}
    rsa_pkcs1 = of_rsa.public_bytes(encodings.Encoding.DER, encodings.PublicFormat.PKCS1)
    minisign = base64.b64encode(b"Ed" + b"12345678" + RAW)
    return {
        "certificate in PEM": certificate.public_bytes(encodings.Encoding.PEM),
        "certificate in DER": certificate.public_bytes(encodings.Encoding.DER),
        "RSA in PEM": public_as("PEM", of_rsa),
        "RSA in DER": public_as("DER", of_rsa),
        "RSA in PKCS #1": rsa_pkcs1,
        "RSA in DER behind something": b"key: " + public_as("DER", of_rsa),
        "RSA in OpenSSH": public_as("OpenSSH", of_rsa),
        "RSA in binary OpenSSH": base64.b64decode(public_as("OpenSSH", of_rsa).split()[1]),
        "curve in PEM": public_as("PEM", of_curve),
        "curve in OpenSSH": public_as("OpenSSH", of_curve),
        "X25519 in DER": public_as("DER", of_x25519),
        "X25519 in base64": base64.b64encode(public_as("DER", of_x25519)),
        "JWK": json.dumps(jwk).encode(),
        "JWK in a set": json.dumps({"keys": [jwk]}, indent=1).encode("utf-16"),
        "PGP": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEY\n=abcd\n-----END PGP",
        "SSH2": b'---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\nAAAA\n---- END SSH2',
        "half a PEM": PEM[:60],
        "damaged PEM": PEM.replace(b"MCow", b"MC-w"),
        "minisign": b"untrusted comment: minisign public key 1\n" + minisign,
        "minisign, one line": minisign,
        "two keys": PEM + public_as("PEM", ed25519.Ed25519PrivateKey.generate().public_key()),
        "PEM with a password": PRIVATE.private_bytes(
            encodings.Encoding.PEM,
            encodings.PrivateFormat.PKCS8,
            encodings.BestAvailableEncryption(b"password"),
        ),
    }


OTHERS = others()


@pytest.fixture(scope="module")
def blank():
    return spacy.blank("xx")


@pytest.fixture(scope="module")
def signed(blank):
    return dumps(blank, sign=PRIVATE)


@pytest.mark.parametrize("form", PUBLIC_FORMS)
def test_public_keys(form, blank, signed, tmp_path):
    key = PUBLIC_FORMS[form]
    assert loads(signed, require_signature=key).lang == "xx"
    assert loads(signed, require_signature=("ed25519", key)).lang == "xx"
    (tmp_path / "key").write_bytes(key)
    assert loads(signed, require_signature=tmp_path / "key").lang == "xx"
    assert is_public(key)
    for wrong in (key, ("ed25519", key), ("hmac-sha256", key), tmp_path / "key"):
        with pytest.raises(SettingsError, match=r"^sign="):
            dumps(blank, sign=wrong)
    with pytest.raises(SettingsError, match=r"^sign='<public key in .* form>'"):
        dumps(blank, sign=key)


@pytest.mark.parametrize("form", PRIVATE_FORMS)
def test_private_keys(form, blank):
    key = PRIVATE_FORMS[form]
    assert not is_public(key)
    data = dumps(blank, sign=key)
    assert loads(data, require_signature=PUBLIC).lang == "xx"
    assert loads(data, require_signature=key).lang == "xx"


@pytest.mark.parametrize("form", OTHERS)
def test_other_keys_are_no_secrets(form, blank, signed):
    for key in (OTHERS[form], ("hmac-sha256", OTHERS[form]), ("ed25519", OTHERS[form])):
        with pytest.raises(SettingsError) as error:
            loads(signed, require_signature=key)
        assert "secret" in str(error.value)
        with pytest.raises(SettingsError):
            dumps(blank, sign=key)


RAW_FORMS = {
    "raw": RAW,
    "raw and a line break": RAW + b"\n",
    "hex": RAW.hex().encode(),
    "hex with colons": RAW.hex(":").upper().encode(),
    "hex of a program": b"0x" + RAW.hex().encode(),
    "base64": base64.b64encode(RAW),
    "base64url": b" " + base64.urlsafe_b64encode(RAW).rstrip(b"=") + b"\r\n",
    "base64 in UTF-16": base64.b64encode(RAW).decode().encode("utf-16"),
    "hex with a name": b"ours: " + RAW.hex().encode(),
}


@pytest.mark.parametrize("form", RAW_FORMS)
def test_raw_public_keys_need_a_pair(form, blank, signed, tmp_path):
    key = RAW_FORMS[form]
    (tmp_path / "key").write_bytes(key)
    for bare in (key, bytearray(key), tmp_path / "key"):
        for use in (lambda k: loads(signed, require_signature=k), lambda k: dumps(blank, sign=k)):
            with pytest.raises(SettingsError, match="could be an Ed25519 public key") as error:
                use(bare)
            assert '("hmac-sha256", secret)' in str(error.value)
    for pair in (("ed25519", key), ("ed25519", tmp_path / "key")):
        assert loads(signed, require_signature=pair).lang == "xx"
    assert is_public(("ed25519", key))
    assert not is_public(key)


@pytest.mark.parametrize("secret", [UNLUCKY, UNLUCKY.hex().encode(), base64.b64encode(UNLUCKY)])
def test_a_pair_says_that_it_is_a_secret(secret, blank, tmp_path):
    (tmp_path / "key").write_bytes(secret)
    pairs = [("hmac-sha256", secret), ("hmac-sha256", tmp_path / "key")]
    for writer in pairs:
        data = dumps(blank, sign=writer)
        for reader in pairs:
            assert loads(data, require_signature=reader).lang == "xx"
        with pytest.raises(UnsafeFileError, match="not made with this key"):
            loads(data, require_signature=SECRET)
    assert not is_public(pairs[0])


@pytest.mark.parametrize("secret", [SECRET, SECRET.hex().encode(), base64.b64encode(SECRET)])
def test_secrets_of_32_bytes_are_mostly_good(secret, blank):
    data = dumps(blank, sign=secret)
    assert loads(data, require_signature=("hmac-sha256", secret)).lang == "xx"


def test_random_secrets_are_no_keys():
    draw = random.Random(1)
    for size in (16, 31, 35, 40, 48, 64, 100) * 300:
        secret = draw.randbytes(size)
        for data in (secret, base64.b64encode(secret), secret.hex().encode()):
            assert find_keys(data) == []
            assert as_key(data, "sign") == ("hmac-sha256", data)


@pytest.mark.parametrize(
    "pair",
    [
        ("hmac-sha256", b"short"),
        ("hmac-sha256", "a text, which is no secret"),
        ("hmac-sha256", PUBLIC),
        ("hmac-sha256", Path("/nowhere/at all")),
        ("hmac-sha256", Path("a\0b")),
        ("ed25519", b"x" * 31),
        ("ed25519", PUBLIC),
        ("ed25519", "text"),
        ("ed25519", b"x" * 20_000),
        ("hmac", SECRET),
        ("hmac-sha256",),
        (),
        ([], SECRET),
    ],
)
def test_pairs_that_are_none(pair, blank, signed):
    with pytest.raises(SettingsError, match=r"^require_signature="):
        loads(signed, require_signature=pair)
    with pytest.raises(SettingsError, match=r"^sign="):
        dumps(blank, sign=pair)


def test_what_as_key_returns_it_also_takes():
    for key in (PEM, DER, SSH, SECRET, ("hmac-sha256", UNLUCKY), ("ed25519", RAW), PUBLIC):
        found = as_key(key, "require_signature")
        assert as_key(found, "require_signature") == found
