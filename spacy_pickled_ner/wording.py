"""Numbers in sentences."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    count (int): The number.
    noun (str): The noun, in the singular.
    RETURNS (str): E.g. "1 text", "2 entities".
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"
