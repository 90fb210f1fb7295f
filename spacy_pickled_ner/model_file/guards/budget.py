"""How much work and memory all parts of one file may ask for together.

A file is small, and what it describes may be large: an operator of a pattern stands for hundreds of
tokens, a number for as many layers. A limit for each part alone lets a file repeat the part. So
each guard adds its share to the budget of the file, and the error names the number.

The limits are far beyond what people have. Each is worth less than half a second and 50 MB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ...errors import UnsafeFileError

LIMITS: Final = {
    "layers": 8_000,
    # Adding a move compares it with all before it.
    "moves": 20_000,
    # Only those that operators add to the tokens that stand in the file.
    "tokens of patterns": 200_000,
    # A tokenizer looks at the rest of a word again for each character that it takes off: here are
    # the squares of the lengths of words that are longer than any real one.
    "steps to tokenize its long words": 5_000_000,
}
LONG_WORD: Final = 32


def over_budget(what: str, number: int) -> UnsafeFileError:
    """Make the error for a file that asks for too much.

    what (str): One of `LIMITS`.
    number (int): How much the file asks for.
    RETURNS (UnsafeFileError): To be raised.
    """
    return UnsafeFileError(
        f"the model file asks for {number:,} {what}; the limit is {LIMITS[what]:,}",
        code="over-budget",
    )


class Budget:
    """Adds up what the components of one file ask for."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def affords(self, **shares: int) -> str | None:
        """Add the shares of one part if the file can afford all of them.

        shares (int): How much the part asks for, by the names of `LIMITS` with "_" for spaces.
        RETURNS (Optional[str]): What it asks too much of, in words; None if nothing was too much.
        """
        named = {name.replace("_", " "): number for name, number in shares.items()}
        for what, number in named.items():
            if self.spent[what] + number > LIMITS[what]:
                total = self.spent[what] + number
                return f"{total:,} {what}, where the limit is {LIMITS[what]:,}"
        self.spent.update(named)
        return None

    def spend(self, what: str, number: int) -> None:
        """Add the share of one part.

        what (str): One of `LIMITS`.
        number (int): How much it asks for.
        RAISES (UnsafeFileError): All parts together ask for too much ("over-budget").
        """
        self.spent[what] += number
        if self.spent[what] > LIMITS[what]:
            raise over_budget(what, self.spent[what])


def steps_to_tokenize(texts: Iterable[str]) -> int:
    """Estimate what long words cost a tokenizer.

    texts (Iterable[str]): The texts to tokenize.
    RETURNS (int): The squares of the lengths of all words longer than `LONG_WORD`, added up.
    """
    return sum(
        len(word) ** 2
        for text in texts
        if len(text) > LONG_WORD
        for word in text.split()
        if len(word) > LONG_WORD
    )
