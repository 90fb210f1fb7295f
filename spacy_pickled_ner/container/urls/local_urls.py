"""URLs of local files, which are opened like paths, not with fsspec.

fsspec would open pipes and devices, and copy the file into memory. It also only knows local URLs in
lower case, and does not decode `%20`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

_LOCAL: Final = re.compile(r"(?:file|local):(//)?(.*)", re.I | re.S)
_HOST: Final = re.compile(r"localhost(?=/)", re.I)
_DRIVE: Final = re.compile(r"/[A-Za-z]:")


def local_path(file: str) -> Path | None:
    """Return the path of a URL of a local file.

    file (str): A URL such as `file:///tmp/model.pkl`, `local://model.pkl` or `file:model.pkl`; or
        anything else.
    RETURNS (Optional[Path]): The path, absolute or relative; None for anything else, or a path.
    """
    found = _LOCAL.fullmatch(file)
    if found is None or "::" in file:
        return None
    if not found[1] and os.path.lexists(file):
        return None  # a path that looks like a URL
    return _path(found[2])


def end_of_chain(url: str) -> tuple[str, Path] | None:
    """Find the local file at the end of a chain of file systems.

    url (str): A URL such as `simplecache::file:///tmp/a.pkl` or `zip://a.pkl::/tmp/a.zip`.
    RETURNS (Optional[Tuple[str, Path]]): The URL in fsspec's spelling, and the file; None if the
        chain does not end in a local file.
    """
    first, chained, last = url.rpartition("::")
    if not chained:
        return None
    found = _LOCAL.fullmatch(last)
    if found is None and "://" in last:
        return None
    path = Path(last) if found is None else _path(found[2])
    return f"{first}::file://{path.absolute().as_posix()}", path


def _path(text: str) -> Path:
    text = _HOST.sub("", text)
    if os.name == "nt" and _DRIVE.match(text):
        text = text[1:]
    # If a file with percent signs in its name exists, use it.
    return Path(text if "%" not in text or os.path.lexists(text) else unquote(text))
