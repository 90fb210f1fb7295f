"""The errors of guards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from ...errors import UnsafeFileError, UntrustedContentError


def refuse(what: str, reason: str, code: str) -> NoReturn:
    """Refuse a file.

    what (str): The wrong part. It may come from the file, and is shown shortened and escaped.
    reason (str): The reason, in our own words.
    code (str): The code of the error.
    RAISES (UnsafeFileError): Always.
    """
    shown = ascii(what)[1:-1][:120]
    raise UnsafeFileError(f"{shown} in the model file cannot be used: {reason}", code=code)


def need_trust(reason: str, names: Iterable[str]) -> NoReturn:
    """Refuse a file that needs the caller's trust.

    reason (str): What needs trust and why, in our own words.
    names (Iterable[str]): The names to pass as `trusted`. They may come from the file.
    RAISES (UntrustedContentError): Always.
    """
    names = sorted(names)
    shown = ", ".join(map(ascii, names))
    raise UntrustedContentError(
        f"{reason}. If you trust the author of the file, pass trusted=[{shown}]", names=names
    )


def is_int(value: object, low: int, high: int) -> bool:
    """Return True if a value is an integer within bounds, and not a bool.

    value (object): The value.
    low (int): Smallest allowed.
    high (int): Largest allowed.
    RETURNS (bool): True for such an integer.
    """
    return type(value) is int and low <= value <= high
