"""Show URLs and errors of file systems without passwords, tokens and signatures.

In a well-formed URL, the position of secrets is clear. But a password with `/`, `?`, `#` or `@`
makes it ambiguous, and a file name with `@` looks like a password. So only unambiguous URLs are
shown; of others, only the scheme.
"""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import unquote

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.I)
_LINK: Final = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.I)
# Links of a chain that have no user or password: archives and caches, in front of a URL.
_WRAPPERS: Final = frozenset(
    {"zip", "tar", "libarchive", "dir", "file", "local"}
    | {"simplecache", "filecache", "blockcache", "cached"}
)
_HOST: Final = re.compile(r"[\w.-]*(:\d{1,5})?")
# What may follow an "@" in a path: a version, which is no address of a host.
_VERSION: Final = re.compile(r"v?\d+(\.\d+){0,2}([-+.]?(a|b|rc|dev|alpha|beta|post)\.?\d*)?", re.I)
# `hf://user/repo@revision/…`; and a container of Azure, where others have a user.
_REPOSITORY: Final = re.compile(r"((datasets|spaces)/)?[\w.-]+/[\w.-]+(@[\w.-]+)?(/[^@:]*)?")
_CONTAINER: Final = re.compile(
    r"[a-z0-9$-]{3,63}@[a-z0-9]{3,24}\.(dfs|blob)\.core\.[a-z.]+(/[^@:]*)?"
)
_AZURE: Final = frozenset({"abfs", "abfss", "az", "wasb", "wasbs"})
_LOCAL: Final = frozenset({"file", "local"})
_UNSHOWN: Final = re.compile(r"[?#;]")
_IN_TEXT: Final = re.compile(r"[a-z][a-z0-9+.-]*(?:::[a-z][a-z0-9+.-]*)*://[^\s'\"<>]*", re.I)
# What may be a URL, or a part of one in another spelling.
_REPEATS: Final = re.compile(r"[@?#%\\]|://")
_BORDERS: Final = re.compile(r"[:/?#@&=;]")
_MIN_WORD: Final = 4
_MIN_PART: Final = 3


def shown_url(url: str) -> str:
    """Remove passwords and signatures from a URL, for messages and logs.

    url (str): A URL, or a path, which is not changed.
    RETURNS (str): The URL without user, query and fragment; `scheme://…` if more may be secret.
    """
    scheme = _SCHEME.match(url)
    if scheme is None or "://" not in url:
        return url
    hidden = f"{scheme[0]}://…"
    links = url.split("::")
    if not url.isprintable():
        return hidden
    shown = []
    for number, link in enumerate(links, start=1):
        is_last = number == len(links)
        text = _shown_link(link)
        if text is None or not (is_last or text.partition("://")[0].lower() in _WRAPPERS):
            return hidden
        shown.append(text)
    return "::".join(shown)


def shown_error(err: BaseException, url: str) -> str:
    """Return the text of an error, unless it may contain a secret.

    err (BaseException): An error of a file system.
    url (str): The URL.
    RETURNS (str): Its text, or the name of its type.
    """
    text, name = str(err).strip(), type(err).__name__
    # The server may have redirected to a signed URL.
    text = _IN_TEXT.sub(lambda match: shown_url(match[0]), text)
    shown = shown_url(url)
    if not text or not text.isprintable():
        return name
    if shown != url and (_REPEATS.search(text) or _has_piece(text, url, shown)):
        return name
    return text[:300]


def _shown_link(link: str) -> str | None:
    """Show one link of a chain; None if the secret part is unclear."""
    if _SCHEME.fullmatch(link) or link.startswith("/") or not link:
        return link
    found = _LINK.fullmatch(link)
    if found is None:
        return None
    scheme, rest = found[1].lower(), found[2]
    if scheme in _LOCAL and rest.startswith("/"):
        return link
    kept, cut = _split(rest)
    shown = _shown_rest(scheme, kept)
    if shown is None or "@" in _decoded(cut):
        return None
    # Encoded or not, it has to be the same.
    plain = _decoded(shown)
    if plain != shown and (_split(plain)[1] or _shown_rest(scheme, plain) != plain):
        return None
    return f"{found[1]}://{shown}"


def _split(text: str) -> tuple[str, str]:
    cut = _UNSHOWN.search(text)
    return (text, "") if cut is None else (text[: cut.start()], text[cut.start() :])


def _shown_rest(scheme: str, rest: str) -> str | None:
    if scheme == "hf" and _REPOSITORY.fullmatch(rest):
        return rest
    if scheme in _AZURE and _CONTAINER.fullmatch(rest):
        return rest
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if not _HOST.fullmatch(host) or (at and not host):
        return None
    behind = [part.partition("/")[0] for part in path.split("@")[1:]]
    if not all(_VERSION.fullmatch(part) for part in behind) or (behind and (user or ":" in host)):
        return None
    return host + slash + path


def _decoded(text: str) -> str:
    for _ in range(3):
        text = unquote(text)
    return text


def _has_piece(text: str, url: str, shown: str) -> bool:
    """Return the hidden parts of a URL, in all spellings of messages."""
    user = url.partition("://")[2].rpartition("@")[0]
    basic = base64.b64encode(user.encode("utf-8", "replace")).decode()
    whole = f"{url} {_decoded(url)} {basic}"
    if (_words(whole) - _words(shown)) & _words(text):
        return True
    parts = {*_BORDERS.split(whole)} - {*_BORDERS.split(shown)}
    return any(len(part) >= _MIN_PART and part in text for part in parts)


def _words(text: str) -> set[str]:
    words = re.split(r"[\W_]+", text.lower())
    return {word for word in words if len(word) >= _MIN_WORD}
