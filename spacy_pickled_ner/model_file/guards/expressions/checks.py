"""Limit the work of the regular expressions of a file, when compiled and when used.

What a pattern costs to compile is bounded by its length, and by its character classes of wide
range, each of which Python spells out. What it costs to use is not, and loading a file can mean
using it: so a pattern that a short text may keep busy forever is excessive, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from ..refuse import refuse
from ..rules import is_text
from .backtracking import hazard

MAX_LENGTH: Final = 256 * 1024
MAX_TOTAL_LENGTH: Final = 2**20
MAX_WIDE_CLASSES: Final = 192
_WIDE_RANGE: Final = re.compile(r"-(?:[^\x00-\x7f]|\\[uUxN0-7])")


# What an alternative shares with the others: flags, and groups that are used again. Comments may
# hold anything.
_SHARED: Final = re.compile(r"\(\?[a-zA-Z]*[)x#]|\(\?-?[a-zA-Z]*-?x|\(\?#|\(\?P=|\(\?\(|\\[1-9]")
_STRUCTURE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<structure>[()|])", re.S)


def excess(patterns: Iterable[object], known: Collection[str] = ()) -> str | None:
    """Explain why some patterns are excessive.

    patterns (Iterable[object]): The patterns. Values that are not text are ignored.
    known (Collection[str]): Alternatives that are not checked.
    RETURNS (Optional[str]): The reason, in words; None if nothing is.
    """
    texts = [pattern for pattern in patterns if isinstance(pattern, str)]
    length = n_wide = 0
    for pattern in texts:
        if len(pattern) > MAX_LENGTH:
            return f"a regular expression of more than {MAX_LENGTH} characters"
        length += len(pattern)
        n_wide += min(pattern.count("["), sum(1 for _ in _WIDE_RANGE.finditer(pattern)))
    if length > MAX_TOTAL_LENGTH:
        return f"regular expressions of more than {MAX_TOTAL_LENGTH} characters"
    if n_wide > MAX_WIDE_CLASSES:
        return f"more than {MAX_WIDE_CLASSES} character classes of wide range"
    found = hazard(part for pattern in texts for part in alternatives(pattern) if part not in known)
    if found is None:
        return None
    pattern, reason = found
    return f"a regular expression ({pattern[:60]!a}) that may take forever: {reason}"


def alternatives(pattern: str) -> Iterator[str]:
    """Split a pattern into independent alternatives.

    pattern (str): The pattern.
    YIELDS (str): An alternative, or the whole pattern if they share anything.
    """
    ends = [] if _SHARED.search(pattern) else [*_ends(pattern)]
    for start, end in zip([-1, *ends], [*ends, len(pattern)], strict=True):
        yield pattern[start + 1 : end]


def _ends(pattern: str) -> Iterator[int]:
    depth = 0
    for found in _STRUCTURE.finditer(pattern):
        if found["structure"] == "|" and depth == 0:
            yield found.start()
        else:
            depth += {"(": 1, ")": -1}.get(found[0], 0)


def compile_checked(pattern: object, what: str, code: str) -> None:
    """Compile a pattern. Python caches it, so compiling it again is free.

    pattern (object): The pattern.
    what (str): The owner of the pattern, for the error.
    code (str): Code of the error.
    RAISES (UnsafeFileError): It is not a regular expression.
    """
    if not isinstance(pattern, str) or not is_text(pattern, len(pattern)):
        refuse(what, "a regular expression is not text", code)
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, MemoryError, IndexError) as err:
        refuse(what, f"a regular expression is not valid ({type(err).__name__})", code)
