"""How much work the regular expressions of a file may make when they are compiled.

What a pattern costs when it is *used* has no bound that a reader could compute: whoever lets
strangers' tokenizers or rulers loose on text needs a limit on time around it. What it costs to
compile has: its length, and its character classes of wide range, each of which Python spells out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .refuse import is_text, refuse

MAX_LENGTH: Final = 256 * 1024
MAX_TOTAL_LENGTH: Final = 2**20
MAX_WIDE_CLASSES: Final = 192
_WIDE_RANGE: Final = re.compile(r"-(?:[^\x00-\x7f]|\\[uUxN0-7])")


def excess(patterns: Iterable[object]) -> str | None:
    """Say what is excessive about some patterns, if anything is.

    patterns (Iterable[object]): The patterns; what is no text is not looked at.
    RETURNS (Optional[str]): The reason, in words; None if compiling them is cheap.
    """
    length = n_wide = 0
    for pattern in patterns:
        if not isinstance(pattern, str):
            continue
        if len(pattern) > MAX_LENGTH:
            return f"a regular expression of more than {MAX_LENGTH} characters"
        length += len(pattern)
        n_wide += min(pattern.count("["), sum(1 for _ in _WIDE_RANGE.finditer(pattern)))
    if length > MAX_TOTAL_LENGTH:
        return f"regular expressions of more than {MAX_TOTAL_LENGTH} characters"
    if n_wide > MAX_WIDE_CLASSES:
        return f"more than {MAX_WIDE_CLASSES} character classes of wide range"
    return None


def compile_checked(pattern: object, what: str, code: str) -> None:
    """Compile a pattern; Python keeps it, so that whoever compiles it next gets it for free.

    pattern (object): The pattern.
    what (str): Whose it is, for the error.
    code (str): Code of the error.
    RAISES (UnsafeFileError): It is no regular expression.
    """
    if not isinstance(pattern, str) or not is_text(pattern, len(pattern)):
        refuse(what, "a regular expression is no text", code)
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, MemoryError, IndexError) as err:
        refuse(what, f"a regular expression is not valid ({type(err).__name__})", code)
