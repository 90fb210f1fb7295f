"""Keys for signatures: always out of a file, never off the command line, where others see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_key(path: Path | None, option: str) -> Any:
    """Read a key, if there is one to read.

    path (Optional[Path]): The file, as `model_file.keys.read_key` takes it. With "hmac-sha256:" or
        "ed25519:" before its name, all of it is a secret, or the raw bytes of a key.
    option (str): The option that names it, for errors.
    RETURNS (Optional[Key]): The key; None without a path.
    RAISES (SettingsError): It cannot be read, or is too large for a key.
    """
    if path is None:
        return None
    from ..model_file import keys

    algorithm, colon, name = str(path).partition(":")
    if colon and algorithm in (keys.HMAC, keys.ED25519):
        return algorithm, keys.read_key(name, option)
    return keys.read_key(path, option)
