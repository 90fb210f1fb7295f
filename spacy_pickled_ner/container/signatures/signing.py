"""Sign files, and check signatures.

Digests only detect damage: anyone who changes a file can compute new digests. The signature is over
the manifest, which has the digests of everything else. The file stores it beside the manifest, as
the name of the algorithm, a colon, and its bytes. The reader's key decides the algorithm, never the
file. The reader also decides if a signature is required: without its signature, a file is still
valid, but readers who require one refuse it.

`hmac-sha256` needs a shared secret. `ed25519` needs the extra "signing" and a pair of keys; only
the writer has the private key.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from ...errors import MissingExtraError, SettingsError, UnsafeFileError
from .keys import ALLOWED, ED25519, HMAC, Key, Use, as_key

__all__ = ["Key", "as_key", "check_signature", "sign_manifest", "split_signature"]

# A prefix, so that a signature cannot be valid for other data under the same key.
_DOMAIN: Final = b"spacy-pickled-ner/pickle.v1/manifest\0"
_SIZES: Final = {HMAC: 32, ED25519: 64}
_MAX_SIGNATURE: Final = 128


def sign_manifest(manifest: bytes, key: Key) -> bytes:
    """Sign a manifest.

    manifest (bytes): The manifest.
    key (Key): The secret, or the private key.
    RETURNS (bytes): The signature for the file.
    RAISES (SettingsError): The key is invalid.
    RAISES (MissingExtraError): The key needs an extra that is not installed.
    """
    key = as_key(key, "sign")
    if (secret := _secret_of(key)) is not None:
        return _join(HMAC, _hmac(secret, manifest))
    private = _ed25519(key, "sign")
    if not hasattr(private, "sign"):
        raise SettingsError("sign", "<public key>", ALLOWED["sign"])
    return _join(ED25519, private.sign(_DOMAIN + manifest))


def check_signature(
    manifest: bytes | memoryview, signature: bytes | memoryview | None, key: Key
) -> None:
    """Check the signature of a manifest.

    manifest (Union[bytes, memoryview]): The manifest.
    signature (Union[bytes, memoryview, None]): The signature in the file.
    key (Key): The secret, or the public (or private) key of the expected signer.
    RAISES (UnsafeFileError): There is no signature ("not-signed"), its algorithm is unknown or is
        not that of the key ("bad-signature"), or it is from another key ("wrong-signature").
    RAISES (SettingsError): The key is invalid.
    RAISES (MissingExtraError): The key needs an extra that is not installed.
    """
    key = as_key(key, "require_signature")
    verify = _verifier(key)
    expected = HMAC if _secret_of(key) is not None else ED25519
    if signature is None:
        raise UnsafeFileError(
            "the model file is not signed, and a signature is required", code="not-signed"
        )
    algorithm, value = split_signature(signature)
    if algorithm != expected:
        raise UnsafeFileError(
            f"the model file is signed with {algorithm}, but the key is for {expected}",
            code="bad-signature",
        )
    if not verify(bytes(manifest), value):
        raise UnsafeFileError(
            "the signature of the model file was not made with this key for this file",
            code="wrong-signature",
        )


def split_signature(signature: bytes | memoryview) -> tuple[str, bytes]:
    """Split a signature.

    signature (Union[bytes, memoryview]): The signature in the file.
    RETURNS (Tuple[str, bytes]): Algorithm and value.
    RAISES (UnsafeFileError): It is invalid, or its algorithm is unknown ("bad-signature").
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


def _secret_of(key: Key) -> bytes | None:
    return key[1] if isinstance(key, tuple) and key[0] == HMAC else None


def _hmac(key: bytes, manifest: bytes) -> bytes:
    return hmac.digest(key, _DOMAIN + manifest, hashlib.sha256)


def _verifier(key: Key) -> Callable[[bytes, bytes], bool]:
    if (secret := _secret_of(key)) is not None:
        return lambda manifest, value: hmac.compare_digest(_hmac(secret, manifest), value)
    public = _ed25519(key, "require_signature")
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


def _ed25519(key: Key, use: Use) -> Any:
    """Turn a key into a key object. Its use decides how raw bytes are read."""
    try:
        keys = import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
        encodings = import_module("cryptography.hazmat.primitives.serialization")
    except ImportError:
        raise MissingExtraError("an Ed25519 signature", extra="signing") from None
    if isinstance(key, tuple):
        data = key[1]
        if len(data) == 32:
            cls = keys.Ed25519PrivateKey if use == "sign" else keys.Ed25519PublicKey
            make = "from_private_bytes" if use == "sign" else "from_public_bytes"
            return getattr(cls, make)(data)
        key = _decode(data, encodings)
        if key is None:
            raise SettingsError(
                use, "<not an Ed25519 key, or damaged, or with a password>", ALLOWED[use]
            )
    if not isinstance(key, (keys.Ed25519PrivateKey, keys.Ed25519PublicKey)):
        raise SettingsError(use, f"<{type(key).__name__}>", ALLOWED[use])
    return key


def _decode(data: bytes, encodings: Any) -> Any:
    """Read a key from `as_key`, in any form."""
    readers: tuple[Callable[[], Any], ...] = (
        lambda: encodings.load_pem_private_key(data, None),
        lambda: encodings.load_ssh_private_key(data, None),
        lambda: encodings.load_pem_public_key(data),
        lambda: encodings.load_der_private_key(data, None),
        lambda: encodings.load_der_public_key(data),
        lambda: encodings.load_ssh_public_key(data),
    )
    for reader in readers:
        # Each loader raises different errors for other forms.
        with contextlib.suppress(Exception):
            return reader()
    return None
