"""Keys for signatures: always out of a file, never off the command line, where others see them."""

from __future__ import annotations

from pathlib import Path


def read_key(path: Path | None) -> bytes | None:
    """Read a key, if there is one to read.

    path (Optional[Path]): The file, as `model_file.signing.read_key` takes it.
    RETURNS (Optional[bytes]): The key; None without a path.
    RAISES (SettingsError): It is too large for a key.
    """
    from ..model_file import signing

    return None if path is None else signing.read_key(path)
