"""The one way in which a guard says no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from ...errors import UnsafeFileError, UntrustedContentError


def refuse(what: str, reason: str, code: str) -> NoReturn:
    """Refuse a file.

    what (str): The part that is wrong; may come from the file, and is shown shortened and escaped.
    reason (str): Why, in words of ours.
    code (str): The machine-readable kind.
    RAISES (UnsafeFileError): Always.
    """
    shown = ascii(what)[1:-1][:120]
    raise UnsafeFileError(f"{shown} in the model file cannot be used: {reason}", code=code)


def need_trust(reason: str, names: Iterable[str]) -> NoReturn:
    """Refuse a file that the caller would have to trust.

    reason (str): What needs trust and why, in words of ours.
    names (Iterable[str]): The names to pass as `trusted`. They may come from the file.
    RAISES (UntrustedContentError): Always.
    """
    names = sorted(names)
    shown = ", ".join(map(ascii, names))
    raise UntrustedContentError(
        f"{reason}. If you trust whoever made the file, pass trusted=[{shown}]", names=names
    )


def is_int(value: object, low: int, high: int) -> bool:
    """Whether a value is an integer, and no bool, within bounds.

    value (object): The value.
    low (int): Smallest allowed.
    high (int): Largest allowed.
    RETURNS (bool): True if so.
    """
    return type(value) is int and low <= value <= high
