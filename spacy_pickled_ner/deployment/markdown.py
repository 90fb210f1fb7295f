"""Escape text from strangers for Markdown, so that it stays text in any renderer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

# These need no escape inside a word or a number, and at the end of a word.
_HARMLESS: Final = re.compile(
    r"(?<=[^\W\d_])\.(?=\s|$)|(?<=\d)\.(?=\d)|(?<=\w)-(?=\w)|(?<=\w),(?=\s|\w|$)|(?<=\w)'(?=\w)"
    r"|(?<=[^\W_])_(?=[^\W_])"
)
_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")
# These join or separate letters of Persian and parts of emojis.
_JOINERS: Final = "\u200c\u200d"
_MAX_URL: Final = 300
_URL: Final = re.compile(
    r"https?://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](:\d{1,5})?"
    r"([/?#][A-Za-z0-9._~/?#@%+,=&:-]*)?",
    re.I,
)


def one_line(text: str) -> str:
    """Turn text into one line of printable characters.

    text (str): Any text.
    RETURNS (str): The text, with a space for each run of line breaks and unprintable characters.
    """
    printable = (char if char.isprintable() or char in _JOINERS else " " for char in text)
    return " ".join("".join(printable).split())


def escaped(text: str) -> str:
    """Escape text as Markdown without markup, HTML or links.

    text (str): Any text.
    RETURNS (str): One line of Markdown, also for tables.
    """
    line = one_line(text)
    harmless = {found.start() for found in _HARMLESS.finditer(line)}
    return _PUNCTUATION.sub(
        lambda found: found[0] if found.start() in harmless else f"&#{ord(found[0])};", line
    )


def plausible_url(url: object) -> str | None:
    """Check that a value is a plain URL of a web page.

    url (object): The value.
    RETURNS (Optional[str]): The URL; None if it is not http or https, or has a user, spaces, or
        special characters of Markdown or HTML.
    """
    if not isinstance(url, str) or len(url) > _MAX_URL or not _URL.fullmatch(url):
        return None
    return url


def link(text: str, url: object) -> str:
    """Create a link, or only its text if the URL is not plausible.

    text (str): Any text.
    url (object): The value for the URL.
    RETURNS (str): Markdown.
    """
    target = plausible_url(url)
    if target is None:
        return escaped(text)
    return f"[{escaped(text)}](<{target.replace('&', '&amp;')}>)"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Create a table.

    header (Sequence[str]): The names of the columns.
    rows (Iterable[Sequence[str]]): Cells, in Markdown.
    RETURNS (str): Markdown.
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
