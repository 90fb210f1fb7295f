"""How values that come out of a file are shown on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wasabi import msg

# Besides control characters: what turns the direction of text, or breaks lines on some terminals.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def print_heading(text: str) -> None:
    """Print a line between two parts of what a command says; wasabi's own is always bold.

    text (str): The line.
    """
    if msg.show_color:
        msg.divider(text)
    else:
        print(f"\n=== {text} ===\n")


def shown(value: Any, limit: int = 300) -> str:
    """Turn anything out of a file into one line of text that cannot control a terminal.

    value (Any): What stands in the file.
    limit (int): Characters at most.
    RETURNS (str): Printable text.
    """
    text = _UNSHOWABLE.sub(" ", str(value)).strip()
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shown_list(values: Any, limit: int = 6) -> str:
    """List the first of some values, and say how many there are.

    values (Any): What stands in the file; shown as nothing if it is no list.
    limit (int): Values at most.
    RETURNS (str): Printable text.
    """
    if not isinstance(values, Iterable) or isinstance(values, (str, dict)):
        return ""
    items = [shown(value, 60) for value in values]
    more = f" … ({len(items)})" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more


def shown_size(n_bytes: int) -> str:
    """Write a size in bytes as people do.

    n_bytes (int): Bytes.
    RETURNS (str): E.g. "12.3 MB".
    """
    if n_bytes < 1000:
        return f"{n_bytes} B"
    size = float(n_bytes)
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"
