"""What one item of a regular expression matches: a character, a class, a dot."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final

IGNORECASE: Final = 2
DOTALL: Final = 16
ASCII: Final = 256
_LAST: Final = 0x10FFFF
# Some of each category, to be found whatever else an expression is about.
_COMMON: Final = "a0 _-.\nZé\u4e00!"
_MAX_EXAMPLES: Final = 64


class CharacterSet:
    """The characters that one item matches.

    items (Sequence[Tuple[str, Any]]): Kinds and arguments, as Python's parser gives them.
    flags (int): The flags that hold for it.
    """

    def __init__(self, items: Sequence[tuple[str, Any]], flags: int):
        self._negated = items[:1] == [("NEGATE", None)]
        self._ignore_case = bool(flags & IGNORECASE)
        self._ascii = bool(flags & ASCII)
        self._categories = [str(value) for kind, value in items if kind == "CATEGORY"]
        ranges = [(n, n) for kind, n in items if kind == "LITERAL"]
        ranges += [value for kind, value in items if kind == "RANGE"]
        self._ranges: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if self._ranges and low <= self._ranges[-1][1]:
                low, high = self._ranges[-1][0], max(high, self._ranges.pop()[1])
            self._ranges.append((low, high))
        self._known: dict[str, bool] = {}

    @classmethod
    def any(cls, flags: int) -> CharacterSet:
        """What a dot matches.

        flags (int): The flags that hold for it.
        RETURNS (CharacterSet): All characters, but for the end of a line.
        """
        end_of_line = [] if flags & DOTALL else [("LITERAL", ord("\n"))]
        return cls([("NEGATE", None), *end_of_line], 0)

    def __contains__(self, char: str) -> bool:  # noqa: D105
        if char not in self._known:
            chars = {char, char.lower(), char.upper()} if self._ignore_case else {char}
            self._known[char] = any(map(self._has, chars)) is not self._negated
        return self._known[char]

    def _has(self, char: str) -> bool:
        if len(char) > 1:  # what "ß" is in upper case
            return False
        code = ord(char)
        place = bisect_right(self._ranges, (code, _LAST)) - 1
        if place >= 0 and self._ranges[place][1] >= code:
            return True
        return any(is_in_category(char, name, self._ascii) for name in self._categories)

    def examples(self) -> Iterator[str]:
        """Characters at which sets begin and end to differ.

        YIELDS (str): A character, in the set or just beside it.
        """
        ends = {n for low, high in self._ranges for n in (low, high, low - 1, high + 1)}
        codes = sorted(n for n in ends if 0 <= n <= _LAST and not 0xD800 <= n < 0xE000)
        yield from map(chr, codes[:: len(codes) // _MAX_EXAMPLES + 1])


def is_in_category(char: str, name: str, ascii_only: bool) -> bool:
    """Whether a character is in a category such as that of words.

    char (str): The character.
    name (str): The category, as Python's parser calls it.
    ascii_only (bool): Whether only ASCII counts.
    RETURNS (bool): True if so.
    """
    negated, kind = "_NOT_" in name, name.rpartition("_")[2]
    known = char.isascii() or not ascii_only
    if kind == "DIGIT":
        found = known and char.isdecimal()
    elif kind == "SPACE":
        found = known and char.isspace()
    else:
        found = known and (char.isalnum() or char == "_")
    return found is not negated


def representatives(sets: Sequence[CharacterSet]) -> list[str]:
    """Choose characters, one of each kind that some sets tell apart.

    sets (Sequence[CharacterSet]): The sets.
    RETURNS (List[str]): The characters; of very large sets, only some ends are looked at.
    """
    kinds: dict[bytes, str] = {}
    seen = set()
    for char in (*_COMMON, *(char for item in sets for char in item.examples())):
        if char not in seen:
            seen.add(char)
            kinds.setdefault(bytes(char in item for item in sets), char)
    return list(kinds.values())
