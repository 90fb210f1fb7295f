"""Keys for signatures: always out of a file, never off the command line, where others see them."""

from __future__ import annotations

from pathlib import Path


def read_key(path: Path | None, option: str) -> bytes | None:
    """Read a key, if there is one to read.

    path (Optional[Path]): The file, as `model_file.signing.read_key` takes it.
    option (str): The option that names it, for errors.
    RETURNS (Optional[bytes]): The key; None without a path.
    RAISES (SettingsError): It cannot be read, or is too large for a key.
    """
    from ..model_file import signing

    return None if path is None else signing.read_key(path, option)
