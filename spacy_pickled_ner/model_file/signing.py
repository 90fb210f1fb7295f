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
from typing import Any, Final, Literal, TypeAlias

from ..errors import MissingExtraError, SettingsError, UnsafeFileError

# bytes: a secret, or a key in PEM; a pair: "ed25519" and its 32 raw bytes; a key object; or the
# path of a file with a secret or PEM.
Key: TypeAlias = "bytes | tuple[str, bytes] | os.PathLike[str] | Any"
# The argument that a key is given as says what it is for.
Use: TypeAlias = Literal["sign", "require_signature"]

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
_ALLOWED: Final = {
    use: (
        f"a secret of at least {_MIN_SECRET} bytes, {kind} Ed25519 key in PEM or from the package "
        '"cryptography", ("ed25519", <its 32 raw bytes>), or the Path of a file with a secret or '
        "PEM (a str is not taken for either)"
    )
    for use, kind in (("sign", "a private"), ("require_signature", "a public (or private)"))
}


def as_key(key: Key | None, use: Use) -> Key | None:
    """Take what a caller gave as a key, and say at once if it can be none.

    key (Optional[Key]): The key, or the path of its file.
    use (str): The argument: "sign" or "require_signature".
    RETURNS (Optional[Key]): The key itself; None for None.
    RAISES (SettingsError): It is no key, or its file cannot be read.
    """
    if isinstance(key, os.PathLike):
        key = read_key(key, use)
    if key is None or _is_secret(key, use) or isinstance(key, (bytes, bytearray)):
        return key
    if isinstance(key, tuple):
        if len(key) != 2 or key[0] != ED25519 or len(key[1]) != 32:
            raise SettingsError(use, "<pair>", _ALLOWED[use])
    elif not (hasattr(key, "sign") or hasattr(key, "verify")):
        raise SettingsError(use, f"<{type(key).__name__}>", _ALLOWED[use])
    return key


def read_key(path: str | os.PathLike[str], setting: str = "key") -> bytes:
    """Read a key out of a file.

    path (Union[str, Path]): The file. All of its bytes are the secret, a line break at the end too,
        unless it is a key in PEM.
    setting (str): What the path was given as, for errors.
    RETURNS (bytes): The key.
    RAISES (SettingsError): It cannot be read, or is too large for a key.
    """
    allowed = "a file with a secret, or with a key in PEM"
    try:
        with Path(path).open("rb") as file:
            key = file.read(_MAX_KEY_BYTES + 1)
    except OSError as err:
        why = f"{allowed}; this one cannot be read: {err.strerror or err}"
        raise SettingsError(setting, os.fspath(path), why) from err
    if len(key) > _MAX_KEY_BYTES:
        raise SettingsError(setting, os.fspath(path), allowed)
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
    if _is_secret(key, "sign"):
        return _join(HMAC, _hmac(key, manifest))
    private = _ed25519(key, "sign")
    if not hasattr(private, "sign"):
        raise SettingsError("sign", "<public key>", _ALLOWED["sign"])
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
    expected = HMAC if _is_secret(key, "require_signature") else ED25519
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


def _is_secret(key: Key, use: Use) -> bool:
    # A public key in PEM must never be taken for a secret: everybody has it.
    if not isinstance(key, (bytes, bytearray)) or key.lstrip().startswith(_PEM):
        return False
    if len(key) < _MIN_SECRET:
        raise SettingsError(use, f"<{len(key)} bytes>", _ALLOWED[use])
    return True


def _hmac(key: Any, manifest: bytes) -> bytes:
    return hmac.digest(key, _DOMAIN + manifest, hashlib.sha256)


def _verifier(key: Key) -> Callable[[bytes, bytes], bool]:
    if _is_secret(key, "require_signature"):
        return lambda manifest, value: hmac.compare_digest(_hmac(key, manifest), value)
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
            raise SettingsError(use, "<PEM>", _ALLOWED[use]) from err
        key = read
    elif isinstance(key, tuple):
        cls = keys.Ed25519PrivateKey if use == "sign" else keys.Ed25519PublicKey
        make = "from_private_bytes" if use == "sign" else "from_public_bytes"
        return getattr(cls, make)(bytes(key[1]))
    if not isinstance(key, classes):
        raise SettingsError(use, f"<{type(key).__name__}>", _ALLOWED[use])
    return key
