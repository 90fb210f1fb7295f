"""Rules for single values in a file: type, range, length.

A rule is a test and its description. The tables in `schemas.py` give each argument of a function,
and each setting of a component, one rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from spacy.attrs import IDS  # type: ignore[import-not-found]

MAX_TEXT: Final = 4_096
MAX_LIST: Final = 1_000


@dataclass(frozen=True)
class Rule:
    """A rule for a value.

    accepts (Callable[[Any], bool]): Returns True if a value may be used.
    words (str): The allowed values, for the error.
    role (Optional[str]): If the value is a block that names a function: the role it must have.
    cost (int): How many layers one unit of the value builds; for a list, one item of it.
    trust (Optional[str]): If other values can be trusted: the kind of that trust.
    trustable (Callable[[Any], bool]): Returns True for the values that can be trusted.
    """

    accepts: Callable[[Any], bool]
    words: str
    role: str | None = None
    cost: int = 0
    trust: str | None = None
    trustable: Callable[[Any], bool] = lambda _: False

    def needs_trust(self, value: Any) -> bool:
        """Return True if a value needs the caller's trust.

        value (Any): The value.
        RETURNS (bool): False if it is allowed, or refused in any case.
        """
        return self.trust is not None and not self.accepts(value) and self.trustable(value)


def number(low: int, high: int, *, cost: int = 0) -> Rule:
    """Accept an integer.

    low (int): The smallest.
    high (int): The largest.
    cost (int): How many layers one unit builds.
    RETURNS (Rule): The rule.
    """
    return Rule(
        lambda value: type(value) is int and low <= value <= high,
        f"an integer from {low} to {high}",
        cost=cost,
    )


def real(low: float, high: float) -> Rule:
    """Accept a finite number.

    low (float): The smallest.
    high (float): The largest.
    RETURNS (Rule): The rule.
    """
    return Rule(
        lambda value: type(value) in (int, float) and math.isfinite(value) and low <= value <= high,
        f"a number from {low} to {high}",
    )


def flag() -> Rule:
    """Accept True and False. RETURNS (Rule): The rule."""
    return Rule(lambda value: type(value) is bool, "true or false")


def nothing() -> Rule:
    """Accept None alone. RETURNS (Rule): The rule."""
    return Rule(lambda value: value is None, "null")


def text(max_length: int = MAX_TEXT, pattern: str = r"[\s\S]*") -> Rule:
    """Accept text that can be encoded.

    max_length (int): The longest, in characters.
    pattern (str): A regular expression that the whole text must match.
    RETURNS (Rule): The rule.
    """
    matches = re.compile(pattern).fullmatch
    return Rule(
        lambda value: is_text(value, max_length) and matches(value) is not None,
        f"a text of at most {max_length} characters",
    )


def one_of(*values: str | None) -> Rule:
    """Accept some texts.

    values (Optional[str]): The texts.
    RETURNS (Rule): The rule.
    """
    return Rule(
        lambda value: (value is None or type(value) is str) and value in values,
        f"one of {', '.join(map(str, values))}",
    )


def each(rule: Rule, max_length: int = MAX_LIST, *, cost: int = 0) -> Rule:
    """Accept a list.

    rule (Rule): The rule for each item.
    max_length (int): The longest.
    cost (int): How many layers one item builds.
    RETURNS (Rule): The rule.
    """
    return Rule(
        lambda value: (
            type(value) in (list, tuple)
            and len(value) <= max_length
            and all(map(rule.accepts, value))
        ),
        f"a list of at most {max_length} values, each {rule.words}",
        cost=cost,
    )


def attribute(names: Collection[str] = ("TEXT", *IDS)) -> Rule:
    """Accept an attribute of a token, by its name or number.

    names (Collection[str]): The names, in upper case.
    RETURNS (Rule): The rule.
    """
    known = {*names, *(IDS[name] for name in names if name in IDS)}
    return Rule(
        lambda value: (
            (type(value) is str and value.upper() in known)
            or (type(value) is int and value in known)
        ),
        "an attribute of a token",
    )


def block(role: str) -> Rule:
    """Accept a block that names a function.

    role (str): The role that the function must have.
    RETURNS (Rule): The rule.
    """
    return Rule(lambda value: isinstance(value, dict), f"a block ({role})", role=role)


def optional(rule: Rule) -> Rule:
    """Accept None, too.

    rule (Rule): The rule for other values.
    RETURNS (Rule): The rule.
    """
    return replace(
        rule,
        accepts=lambda value: value is None or rule.accepts(value),
        words=f"{rule.words}, or null",
    )


def is_text(value: object, max_length: int) -> bool:
    """Return True for text of a bounded length that can be encoded.

    value (object): The value.
    max_length (int): The longest, in characters.
    RETURNS (bool): False for lone surrogates, too: no file can hold them.
    """
    if type(value) is not str or len(value) > max_length:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
