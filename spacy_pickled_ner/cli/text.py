"""Show values from a file on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wasabi import msg

# Besides control characters: those that change the direction of text, or break lines.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def print_heading(text: str) -> None:
    """Print a heading. wasabi's own headings are always bold.

    text (str): The line.
    """
    if msg.show_color:
        msg.divider(text)
    else:
        print(f"\n=== {text} ===\n")


def shown(value: Any, limit: int = 300) -> str:
    """Turn a value from a file into one line of text that cannot control a terminal.

    value (Any): A value from the file.
    limit (int): Maximum number of characters.
    RETURNS (str): Printable text.
    """
    text = _UNSHOWABLE.sub(" ", str(value)).strip()
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shown_list(values: Any, limit: int = 6) -> str:
    """List some values, and their number if not all are shown.

    values (Any): A value from the file; shown as nothing if it is not a list.
    limit (int): Maximum number of values.
    RETURNS (str): Printable text.
    """
    if not isinstance(values, Iterable) or isinstance(values, (str, dict)):
        return ""
    items = [shown(value, 60) for value in values]
    more = f" … ({len(items)})" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more


def shown_size(n_bytes: int) -> str:
    """Format a size in bytes.

    n_bytes (int): The size in bytes.
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
