"""Limits for the work and memory of all parts of a file together.

A small file can describe something large: an operator of a pattern can mean hundreds of tokens, a
number can mean as many layers. With a limit for each part, a file could repeat the part. So each
guard adds its share to the budget of the file. The error has the number.

The limits are far beyond real pipelines. Each allows less than half a second and 50 MB.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from ...errors import UnsafeFileError

LIMITS: Final = {
    "layers": 8_000,
    # Compiled code multiplies it with the tokens of a batch, in 32 bits.
    "numbers for a token of a parser": 2**14,
    # Adding a move compares it with all before it.
    "moves": 20_000,
    # Only tokens that operators add to those in the file.
    "tokens of patterns": 200_000,
    # See `guards.patterns`.
    "ways to match its patterns": 2**17,
    # About a second.
    "steps to tokenize its texts": 2 * 10**8,
}
# Characters that a tokenizer takes off a word in real texts, e.g. `("(word).",`.
FREE_AFFIXES: Final = 4
# Words that are not longer are not counted with a language's own expressions.
FREE_CHARACTERS: Final = 16
# What it costs to look at a character with a language's own expressions, in steps of an expression.
STEPS_PER_CHARACTER: Final = 60
# The power of a text's length that expressions of a file's own can take: those that read 100
# characters in at most 100**2 ways, and others. See `expressions.backtracking`.
MANY_WAYS: Final = 100**2
DEGREE: Final = 3.0
STEEP_DEGREE: Final = 4.5
_AFFIX: Final[Callable[[str], Any]] = re.compile(r"[\W_]*").match


def over_budget(what: str, number: int) -> UnsafeFileError:
    """Create the error for a file that needs too much.

    what (str): One of `LIMITS`.
    number (int): How much the file needs.
    RETURNS (UnsafeFileError): To be raised.
    """
    return UnsafeFileError(
        f"the model file needs {number:,} {what}; the limit is {LIMITS[what]:,}",
        code="over-budget",
    )


def beyond(what: str, number: int, limit: int | None = None) -> str | None:
    """Explain if a number is beyond a limit.

    what (str): The counted things.
    number (int): The number.
    limit (Optional[int]): The limit; by default that of `LIMITS`.
    RETURNS (Optional[str]): Both numbers, in words; None if it is within the limit.
    """
    limit = LIMITS[what] if limit is None else limit
    return f"{number:,} {what}, where the limit is {limit:,}" if number > limit else None


class Budget:
    """Adds up what the components of a file need.

    lang (str): Language of the pipeline, one of spaCy's or trusted.
    find_degree (Callable[[], float]): Finds the power of a text's length that the tokenizer's own
        expressions can take; 0 if it has none. Called only for rulers with phrases.
    """

    def __init__(self, *, lang: str = "xx", find_degree: Callable[[], float] = lambda: 0.0) -> None:
        self.lang = lang
        self.spent: Counter[str] = Counter()
        self._find_degree = find_degree

    @cached_property
    def degree(self) -> float:
        """RETURNS (float): The power that the tokenizer's own expressions can take."""
        return self._find_degree()

    def affords(self, shares: Mapping[str, int]) -> str | None:
        """Add the shares of one part if the file can afford all of them.

        shares (Mapping[str, int]): How much the part needs, by the names of `LIMITS`.
        RETURNS (Optional[str]): The exceeded limit, in words; None if there is none.
        """
        for what, number in shares.items():
            if reason := beyond(what, self.spent[what] + number):
                return reason
        self.spent.update(shares)
        return None

    def spend(self, what: str, number: int) -> None:
        """Add the share of one part.

        what (str): One of `LIMITS`.
        number (int): How much it needs.
        RAISES (UnsafeFileError): All parts together need too much ("over-budget").
        """
        self.spent[what] += number
        if self.spent[what] > LIMITS[what]:
            raise over_budget(what, self.spent[what])


def steps_to_tokenize(texts: Iterable[str], degree: float) -> int:
    """Estimate the additional work of a tokenizer for the words of some texts.

    A tokenizer looks at the rest of a word again for each character that it takes off. Those of
    spaCy's languages take off what is not a letter or digit; others can take off anything.

    texts (Iterable[str]): The texts to tokenize.
    degree (float): The power of a word's length that expressions of the file can take; 0 for those
        of the language.
    RETURNS (int): Steps of expressions.
    """
    if degree:
        return int(sum(len(word) ** degree for text in texts for word in text.split()))
    n_steps = 0
    for text in texts:
        if len(text) > FREE_CHARACTERS:
            for word in text.split():
                ends = _AFFIX(word).end() + _AFFIX(word[::-1]).end()
                n_steps += max(0, min(ends, len(word)) - FREE_AFFIXES) * len(word)
    return n_steps * STEPS_PER_CHARACTER
