"""Keys for signatures: always out of a file, never off the command line, where others see them."""

from __future__ import annotations

from pathlib import Path

# More than any key; a model file given by mistake is not read whole.
MAX_KEY_BYTES = 64 * 1024


def read_key(path: Path | None) -> bytes | None:
    """Read a key.

    path (Optional[Path]): The file. All of its bytes are the secret, a line break at the end too,
        unless it is a key in PEM.
    RETURNS (Optional[bytes]): The key; None without a path.
    RAISES (SettingsError): It is too large for a key.
    """
    from ..errors import SettingsError

    if path is None:
        return None
    with path.open("rb") as file:
        key = file.read(MAX_KEY_BYTES + 1)
    if len(key) > MAX_KEY_BYTES:
        raise SettingsError("key", str(path), "a file with a secret, or with a key in PEM")
    return key
