"""Regular expressions that Python's backtracking matcher may take forever on.

`(a+)+b` reads each further "a" in twice as many ways as before. An expression is refused if one of
its repeats can read the same text in two ways, or can read nothing again and again. It is also
refused if an upper bound on all other choices is too high. The rule needs no example of a slow
text. It errs on one side: it may refuse a harmless expression, but no exponential one passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .automaton import Automaton, Budget, HazardError
from .characters import part_of_python
from .ways import LENGTH, MAX_WAYS, count_ways

# In microseconds, roughly: at first, and for each character.
MAX_WORK: Final = 250_000
MAX_WORK_PER_CHARACTER: Final = 10
TOO_INVOLVED: Final = "it is too complex to check"
# An expression with more repeats, alternatives and options than this is always parsed.
_FEW_CHOICES: Final = 16


def hazard(patterns: Iterable[str], *, max_ways: int = MAX_WAYS) -> tuple[str, str] | None:
    """Look for a regular expression that may take forever on a short text.

    patterns (Iterable[str]): The expressions. Those that Python cannot compile are not looked at.
    max_ways (int): In how many ways an expression may read a text of `LENGTH` characters.
    RETURNS (Optional[Tuple[str, str]]): The first one, and the reason; None if there is none.
    """
    budget = Budget(MAX_WORK)
    for pattern in dict.fromkeys(patterns):
        budget.left += MAX_WORK_PER_CHARACTER * len(pattern)
        if _is_simple(pattern, max_ways):
            continue
        try:
            tree = part_of_python("parser").parse(pattern)
        except (re.error, RecursionError, OverflowError):
            # The caller compiles it at least as deep on the stack, which fails, too.
            continue
        except (ImportError, AttributeError, MemoryError):
            return pattern, TOO_INVOLVED
        try:
            ways = count_ways(Automaton(tree, tree.state.flags, budget))
        except HazardError as err:
            return pattern, str(err) or TOO_INVOLVED
        except (AttributeError, ImportError, LookupError, MemoryError, RecursionError, TypeError,
                ValueError):  # fmt: skip
            # This Python parses differently.
            return pattern, TOO_INVOLVED
        if ways > max_ways:
            return pattern, f"{LENGTH} characters can be read in {ways:,} ways"
    return None


def _is_simple(pattern: str, max_ways: int) -> bool:
    """Return True if there are obviously only a few ways, without parsing it."""
    n_repeats = sum(map(pattern.count, "*+{"))
    n_choices = sum(map(pattern.count, "|?"))
    if n_repeats + n_choices > _FEW_CHOICES or (n_repeats and "(" in pattern):
        return False
    return bool(LENGTH**n_repeats * 2**n_choices <= max_ways)
