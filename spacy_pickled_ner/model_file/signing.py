"""Say who made a file, to whoever has the right key.

Digests find damage; a stranger who changes a file computes them anew. A signature is made over the
manifest, which holds the digests of everything else, and stands in the file beside it, as the name
of the algorithm, a colon, and its bytes. Which algorithm counts is decided by the reader's key and
never by the file, and whether one is needed by the reader too: taking a signature off gives a file
that is valid, and still refused by everyone who asks for one.

`hmac-sha256` needs a secret that both sides share. `ed25519` needs a pair of keys, of which only
the writer has the private one, and the extra "signing".
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

from ..errors import MissingExtraError, SettingsError, UnsafeFileError

# bytes: a secret, or a key in PEM; a pair: "ed25519" and its 32 raw bytes; or a key object.
Key: TypeAlias = "bytes | tuple[str, bytes] | Any"

HMAC: Final = "hmac-sha256"
ED25519: Final = "ed25519"
# What keeps a signature of ours from being one of something else under the same key.
_DOMAIN: Final = b"spacy-pickled-ner/pickle.v1/manifest\0"
_SIZES: Final = {HMAC: 32, ED25519: 64}
_MIN_SECRET: Final = 16
_MAX_SIGNATURE: Final = 128
_PEM: Final = b"-----BEGIN "
# More than any key; a model file given by mistake is not read whole.
_MAX_KEY_BYTES: Final = 64 * 1024
_ALLOWED: Final = (
    f"a secret of at least {_MIN_SECRET} bytes, a private or public Ed25519 key in PEM or from the "
    'package "cryptography", or ("ed25519", <32 raw bytes>)'
)


def read_key(path: str | os.PathLike[str]) -> bytes:
    """Read a key out of a file.

    path (Union[str, Path]): The file. All of its bytes are the secret, a line break at the end too,
        unless it is a key in PEM.
    RETURNS (bytes): The key.
    RAISES (SettingsError): It is too large for a key.
    RAISES (OSError): It cannot be read.
    """
    with Path(path).open("rb") as file:
        key = file.read(_MAX_KEY_BYTES + 1)
    if len(key) > _MAX_KEY_BYTES:
        raise SettingsError("key", str(path), "a file with a secret, or with a key in PEM")
    return key


def is_public(key: Key) -> bool:
    """Whether a key may be shown around.

    key (Key): The key, in a form that can be pickled.
    RETURNS (bool): True for a public key in PEM, or a pair of "ed25519" and raw bytes, which
        whoever checks a signature gives for a public key.
    """
    if isinstance(key, tuple):
        return True
    return isinstance(key, bytes) and key.lstrip().startswith(_PEM) and b"PRIVATE" not in key


def sign_manifest(manifest: bytes, key: Key) -> bytes:
    """Sign a manifest.

    manifest (bytes): The manifest.
    key (Key): The secret, or the private key.
    RETURNS (bytes): What to put into the file.
    RAISES (SettingsError): It is no such key.
    RAISES (MissingExtraError): The key needs an extra that is not installed.
    """
    if _is_secret(key):
        return _join(HMAC, _hmac(key, manifest))
    private = _ed25519(key, "private")
    if not hasattr(private, "sign"):
        raise SettingsError("sign", "<key>", f"a private key: {_ALLOWED}")
    return _join(ED25519, private.sign(_DOMAIN + manifest))


def check_signature(
    manifest: bytes | memoryview, signature: bytes | memoryview | None, key: Key
) -> None:
    """Check the signature of a manifest.

    manifest (Union[bytes, memoryview]): The manifest.
    signature (Union[bytes, memoryview, None]): What the file has as its signature.
    key (Key): The secret, or the public (or private) key of who must have signed.
    RAISES (UnsafeFileError): There is none ("not-signed"), it is of another algorithm than the key
        or of an unknown one ("bad-signature"), or not by this key ("wrong-signature").
    RAISES (SettingsError): It is no such key.
    RAISES (MissingExtraError): The key needs an extra that is not installed.
    """
    verify = _verifier(key)
    expected = HMAC if _is_secret(key) else ED25519
    if signature is None:
        raise UnsafeFileError(
            "the model file is not signed, and a signature is required", code="not-signed"
        )
    algorithm, value = split_signature(signature)
    if algorithm != expected:
        raise UnsafeFileError(
            f"the model file is signed with {algorithm}, and the key given is for {expected}",
            code="bad-signature",
        )
    if not verify(bytes(manifest), value):
        raise UnsafeFileError(
            "the signature of the model file was not made with this key for this file",
            code="wrong-signature",
        )


def split_signature(signature: bytes | memoryview) -> tuple[str, bytes]:
    """Take a signature apart.

    signature (Union[bytes, memoryview]): What the file has as its signature.
    RETURNS (Tuple[str, bytes]): Algorithm and value.
    RAISES (UnsafeFileError): It is none, or of an unknown algorithm ("bad-signature").
    """
    name, _, value = bytes(signature[:_MAX_SIGNATURE]).partition(b":")
    algorithm = name.decode("ascii", "replace")
    if len(signature) > _MAX_SIGNATURE or _SIZES.get(algorithm) != len(value):
        raise UnsafeFileError(
            f"the model file has a signature of an unknown kind ({ascii(algorithm)[1:-1][:40]})",
            code="bad-signature",
        )
    return algorithm, value


def _join(algorithm: str, value: bytes) -> bytes:
    return algorithm.encode() + b":" + value


def _is_secret(key: Key) -> bool:
    # A public key in PEM must never be taken for a secret: everybody has it.
    if not isinstance(key, (bytes, bytearray)) or key.lstrip().startswith(_PEM):
        return False
    if len(key) < _MIN_SECRET:
        raise SettingsError("key", f"<{len(key)} bytes>", _ALLOWED)
    return True


def _hmac(key: Any, manifest: bytes) -> bytes:
    return hmac.digest(key, _DOMAIN + manifest, hashlib.sha256)


def _verifier(key: Key) -> Callable[[bytes, bytes], bool]:
    if _is_secret(key):
        return lambda manifest, value: hmac.compare_digest(_hmac(key, manifest), value)
    public = _ed25519(key, "public")
    if not hasattr(public, "verify"):
        public = public.public_key()

    def verify(manifest: bytes, value: bytes) -> bool:
        try:
            public.verify(value, _DOMAIN + manifest)
        except _invalid_signature():
            return False
        return True

    return verify


def _invalid_signature() -> type[Exception]:
    error: type[Exception] = import_module("cryptography.exceptions").InvalidSignature
    return error


def _ed25519(key: Key, kind: str) -> Any:
    """Turn what a caller has into a key object; what it is for decides how raw bytes are read."""
    try:
        keys = import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
        pem = import_module("cryptography.hazmat.primitives.serialization")
    except ImportError:
        raise MissingExtraError("an Ed25519 signature", extra="signing") from None
    classes = (keys.Ed25519PrivateKey, keys.Ed25519PublicKey)
    if isinstance(key, (bytes, bytearray)):
        try:
            read = (
                pem.load_pem_private_key(bytes(key), None)
                if b"PRIVATE KEY" in key
                else pem.load_pem_public_key(bytes(key))
            )
        except (ValueError, TypeError) as err:
            raise SettingsError("key", "<PEM>", _ALLOWED) from err
        key = read
    elif isinstance(key, tuple):
        if len(key) != 2 or key[0] != ED25519 or len(key[1]) != 32:
            raise SettingsError("key", "<pair>", _ALLOWED)
        cls = keys.Ed25519PrivateKey if kind == "private" else keys.Ed25519PublicKey
        make = "from_private_bytes" if kind == "private" else "from_public_bytes"
        return getattr(cls, make)(bytes(key[1]))
    if not isinstance(key, classes):
        raise SettingsError("key", f"<{type(key).__name__}>", _ALLOWED)
    return key
