"""Turn a caller's key into one of three canonical forms, or raise an error that explains why not.

The bytes of a secret and of a public key look alike, but anyone can know the public key: a file
"signed" with it as a secret proves nothing. So bytes with a key in a known form are that key.
32 bytes that can be a public key are refused, unless the caller says what they are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...errors import SettingsError

if TYPE_CHECKING:
    from .key_encodings import EncodedKey

# bytes: a secret, or a key in PEM, DER or OpenSSH form; a pair: the algorithm's name, and bytes or
# the path of their file; a key object; or the path of a file with bytes.
Key: TypeAlias = "bytes | tuple[str, bytes | os.PathLike[str]] | os.PathLike[str] | Any"
# The name of the argument says what the key is used for.
Use: TypeAlias = Literal["sign", "require_signature"]

HMAC: Final = "hmac-sha256"
ED25519: Final = "ed25519"
MIN_SECRET: Final = 16
# Larger than any key, so that a model file passed by mistake is not read.
_MAX_KEY_BYTES: Final = 64 * 1024
ALLOWED: Final = {
    use: (
        f"a secret of at least {MIN_SECRET} bytes, {kind} Ed25519 key (in PEM, DER or OpenSSH "
        'form, or from the package "cryptography"), ("ed25519", <its 32 raw bytes>), '
        '("hmac-sha256", <secret>), or the Path of a file with one of them (a str is not taken '
        "for either)"
    )
    for use, kind in (("sign", "a private"), ("require_signature", "a public (or private)"))
}
_SAY_WHICH: Final = (
    '("ed25519", key) or ("hmac-sha256", secret) to say which, because these 32 bytes could '
    "be an Ed25519 public key, which is not secret (on the command line: ed25519:FILE or "
    "hmac-sha256:FILE)"
)


def as_key(key: Key | None, use: Use) -> Key | None:
    """Check and normalize a caller's key.

    key (Optional[Key]): The key, or the path of its file.
    use (str): The argument: "sign" or "require_signature".
    RETURNS (Optional[Key]): `("hmac-sha256", secret)`, `("ed25519", bytes)` or a key object; None
        for None. It also accepts its own results.
    RAISES (SettingsError): It is not a key, or its file cannot be read.
    """
    if key is None:
        return None
    algorithm = None
    if isinstance(key, tuple):
        if len(key) != 2 or key[0] not in (HMAC, ED25519):
            raise SettingsError(use, "<pair>", ALLOWED[use])
        algorithm, key = key
    if isinstance(key, os.PathLike):
        key = read_key(key, use)
    if isinstance(key, (bytes, bytearray)):
        return _as_pair(algorithm, bytes(key), use)
    if algorithm is not None or not (hasattr(key, "sign") or hasattr(key, "verify")):
        raise SettingsError(use, f"<{type(key).__name__}>", ALLOWED[use])
    return key


def _as_pair(algorithm: str | None, data: bytes, use: Use) -> tuple[str, bytes]:
    # Imported here, because most files are loaded without a key.
    from .key_encodings import can_be_raw_key, find_keys, raw_keys

    if algorithm == ED25519 and len(data) == 32:
        return ED25519, data
    if found := find_keys(data):
        if algorithm == HMAC:
            raise SettingsError(use, f"<{found[0].name}>", "a secret, not such a key")
        return ED25519, _choose(found, use).data
    if algorithm == ED25519:
        if len(raw := raw_keys(data)) != 1:
            raise SettingsError(use, f"<{len(data)} bytes>", ALLOWED[use])
        return ED25519, raw[0]
    if len(data) < MIN_SECRET:
        raise SettingsError(use, f"<{len(data)} bytes>", ALLOWED[use])
    if algorithm is None and can_be_raw_key(data):
        raise SettingsError(use, f"<{len(data)} bytes>", _SAY_WHICH)
    return HMAC, data


def _choose(found: list[EncodedKey], use: Use) -> EncodedKey:
    """Choose the key for its use. A file can have both keys of a pair."""
    private = [key for key in found if key.is_private]
    if use == "sign" and not private and found[0].form != "other":
        raise SettingsError(use, f"<public key in {found[0].form} form>", ALLOWED[use])
    fitting = [key for key in found if key.is_private == (use == "sign")] or private or found
    if fitting[0].form == "other" or len({key.data for key in fitting}) > 1:
        name = fitting[0].name if fitting[0].form == "other" else "several keys"
        raise SettingsError(use, f"<{name}>", ALLOWED[use])
    return fitting[0]


def read_key(path: str | os.PathLike[str], setting: str = "key") -> bytes:
    """Read a key from a file.

    path (Union[str, Path]): The file. All its bytes are the secret, including a line break at the
        end, unless they contain a key in PEM, DER or OpenSSH form.
    setting (str): Name of the setting, for errors.
    RETURNS (bytes): The key.
    RAISES (SettingsError): The file cannot be read, or is too large for a key.
    """
    allowed = "a file with a secret or a key"
    try:
        with Path(path).open("rb") as file:
            key = file.read(_MAX_KEY_BYTES + 1)
    except (OSError, ValueError) as err:
        why = f"{allowed}; this one cannot be read: {getattr(err, 'strerror', None) or err}"
        raise SettingsError(setting, os.fspath(path), why) from err
    if len(key) > _MAX_KEY_BYTES:
        raise SettingsError(setting, os.fspath(path), allowed)
    return key


def is_public(key: Key) -> bool:
    """Return True if a key need not be kept secret.

    key (Key): The key, in a form that can be pickled.
    RETURNS (bool): True for a public key in PEM, DER or OpenSSH form, and for a pair of "ed25519"
        and raw bytes, which are a public key when a signature is checked.
    """
    from .key_encodings import find_keys, raw_keys

    algorithm, data = key if isinstance(key, tuple) and len(key) == 2 else (None, key)
    if not isinstance(data, (bytes, bytearray)) or algorithm not in (None, ED25519):
        return False
    found = find_keys(bytes(data))
    if algorithm == ED25519 and not found:
        return len(raw_keys(bytes(data))) == 1
    return bool(found) and not any(key.is_private or key.form == "other" for key in found)
