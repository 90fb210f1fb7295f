"""URLs that are names of local files: they are opened like paths, and not through fsspec.

fsspec would open a pipe or a device, and copy the file into memory. It also knows local URLs only
in lower case, and takes `%20` for three characters.
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
    """Find the path that a URL is, if all of it is the name of a local file.

    file (str): A URL such as `file:///tmp/model.pkl`, `local://model.pkl` or `file:model.pkl`; or
        anything else.
    RETURNS (Optional[Path]): The path, absolute or relative; None for anything else, or a path.
    """
    found = _LOCAL.fullmatch(file)
    if found is None or "::" in file:
        return None
    if not found[1] and os.path.lexists(file):
        return None  # a path whose first letters look like a scheme
    return _path(found[2])


def end_of_chain(url: str) -> tuple[str, Path] | None:
    """Find the local file at the end of a chain of file systems.

    url (str): A URL such as `simplecache::file:///tmp/a.pkl` or `zip://a.pkl::/tmp/a.zip`.
    RETURNS (Optional[Tuple[str, Path]]): The URL with that file as fsspec reads it, and the file;
        None if the URL ends elsewhere.
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
    # A name that is there with its percent signs is meant as it is.
    return Path(text if "%" not in text or os.path.lexists(text) else unquote(text))
