"""Make regular expressions fast to compile, for Western European text.

The character classes of a tokenizer list letters of all scripts, a thousand ranges each, and Python
spells every one of them out: that is most of what compiling a tokenizer's expressions takes. On a
text of the 251 characters of Windows-1252 (English with its curly quotes and dashes, German,
French, Spanish, …) an expression finds the same without the rest of its classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_CODEC: Final = "cp1252"
_BYTES: Final = bytes(byte for byte in range(256) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
_CHARACTERS: Final = frozenset(_BYTES.decode(_CODEC))
_END_OF_LATIN1: Final = "\xff"
_HIGH: Final = sorted(char for char in _CHARACTERS if char > _END_OF_LATIN1)
# Stands for the members of a class that lost all of them.
_NO_CHARACTER: Final = "\x81"

# An escape, a whole class, or a group other than a plain one or one that looks around: flags and
# references change what the rest of an expression means.
_TOKEN: Final = re.compile(
    r"\\.|(?P<cls>\[(?:\^|(?!\^))(?:\]|[^\]\\]|\\.)[^\]\\]*(?:\\.[^\]\\]*)*\])"
    r"|(?P<other>\(\?(?!:|=|!|<=|<!))",
    re.S,
)
_CHAR: Final = r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)|[^\\]"
_MEMBER: Final = re.compile(rf"({_CHAR})(?:-({_CHAR}))?", re.S)
# Escapes that are spelled with more characters than `_CHAR` knows of.
_LONG_ESCAPE: Final = re.compile(r"\\[0-9N]")
# Most of the members that are left out, found all at once: those that neither begin nor end a
# range, and the ranges beyond the last character of all.
_FAR: Final = re.compile(
    r"(?<![\\-])(?:"
    rf"(?:[^\x00-\x7f{''.join(sorted(_CHARACTERS - {chr(n) for n in range(128)}))}]"
    rf"|\\u(?!00|{'|'.join(f'(?i:{ord(char):04x})' for char in _HIGH)})[0-9a-fA-F]{{4}})(?!-)"
    r"|(?:[\u2123-\U0010ffff]|\\u(?:2[2-9a-fA-F]|[3-9a-fA-F].)..)-(?:[^\\]|\\u....))"
)


def is_western(text: str) -> bool:
    """Return True if the expressions made here support all characters of a text.

    text (str): The text.
    RETURNS (bool): True for such an integer.
    """
    try:
        text.encode(_CODEC)
    except UnicodeEncodeError:
        return False
    return True


def western_pattern(pattern: str) -> str:
    """Remove the parts of a regular expression that cannot match in a text that `is_western`.

    pattern (str): The expression, as Python's `re` reads it.
    RETURNS (str): One that matches the same in such texts; the expression itself if it sets flags
        or uses other extensions, which could give its classes another meaning.
    """
    parts: list[str] = []
    position = 0
    for token in _TOKEN.finditer(pattern):
        if token["other"]:
            return pattern
        if token["cls"]:
            parts += (pattern[position : token.start()], _western_class(token["cls"]))
            position = token.end()
    return "".join((*parts, pattern[position:]))


@lru_cache(maxsize=64)
def _western_class(spelled: str) -> str:
    start = 2 if spelled[1] == "^" else 1
    members = spelled[start:-1]
    if _LONG_ESCAPE.search(members):
        return spelled
    kept = dict.fromkeys(_members(_FAR.sub("", members)))
    return f"{spelled[:start]}{''.join(kept) or _NO_CHARACTER}]"


def _members(members: str) -> Iterator[str]:
    for first, last in _MEMBER.findall(members):
        start = _character(first)
        if last:
            yield from _range(first, last)
        elif start is None:
            yield first  # a category such as \w or \d
        elif start in _CHARACTERS:
            yield _spell(start)


def _range(first: str, last: str) -> Iterator[str]:
    start, end = _character(first), _character(last)
    if start is None or end is None or end < start:
        yield f"{first}-{last}"  # no range: Python will say so
        return
    if start <= _END_OF_LATIN1:
        yield f"{_spell(start)}-{_spell(min(end, _END_OF_LATIN1))}"
    if end > _END_OF_LATIN1:
        yield from (char for char in _HIGH if start <= char <= end)


def _character(spelled: str) -> str | None:
    """Return the character of a member of a class, or None if it means several characters."""
    if len(spelled) == 1:
        return spelled
    if len(spelled) > 2:
        return chr(int(spelled[2:], 16))
    return None if spelled[1].isalnum() else spelled[1]


def _spell(char: str) -> str:
    return char if char.isalnum() else f"\\{char}"
