"""Find regular expressions that take forever on some short text.

`(a+)+b` tries two ways for each further "a" of a text without "b". An expression is refused only
with a text in hand that proves it: one of which Python's matcher would have to try millions of
ways. That text is searched for in two ways: where a loop can be gone through in two ways by the
same characters, these are repeated; and from the start of the expression and of each loop, those
characters are appended which leave most ways open.

Whoever hides it well enough can write an expression for which no such text is found. What is found
is all that people usually write, by mistake or on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log2
from typing import Any, Final

from .automaton import Automaton, Budget, TooLargeError, UnknownError
from .builder import MAX_COPIES, automaton, parse
from .texts import GROWN, candidates

MAX_STEPS: Final = 10_000_000
# In moves between the states of automata: at first, and for each character.
MAX_WORK: Final = 250_000
MAX_WORK_PER_CHARACTER: Final = 25
# As powers of two.
_FEW_WAYS: Final = 16.0
_MANY_WAYS: Final = log2(MAX_STEPS)


def explosive(patterns: Iterable[str]) -> tuple[str, str] | None:
    """Look for a regular expression with a text on which it takes forever.

    patterns (Iterable[str]): The expressions. Invalid ones are not looked at.
    RETURNS (Optional[Tuple[str, str]]): The expression and the text. The text is empty if the
        expressions up to this one are too involved to tell. None if there is none, or if this
        Python parses expressions in an unknown way.
    """
    budget = Budget(MAX_WORK)
    for pattern in dict.fromkeys(patterns):
        budget.spend(-MAX_WORK_PER_CHARACTER * len(pattern))
        if _is_simple(pattern):
            continue
        try:
            text = _explosive_text(pattern, budget)
        except TooLargeError:
            text = ""
        except (UnknownError, re.error, RecursionError, OverflowError, MemoryError):
            text = None
        if text is not None:
            return pattern, text
    return None


def _is_simple(pattern: str) -> bool:
    """Whether there are obviously no more than a few ways, without even parsing it."""
    n_loops = sum(map(pattern.count, "*+{"))
    n_choices = sum(map(pattern.count, "|?"))
    if "(" not in pattern:
        return n_loops * log2(GROWN) + n_choices <= _FEW_WAYS
    return n_loops == 0 and n_choices <= _FEW_WAYS


def _explosive_text(pattern: str, budget: Budget) -> str | None:
    tree = parse(pattern)
    if _ways(tree, within_loops=True) <= _FEW_WAYS:
        return None
    loops_only = _ways(tree, within_loops=False) <= _MANY_WAYS
    exact = automaton(tree, budget, atomic=True)
    rough = automaton(tree, budget, atomic=False) if _keeps_groups(exact) else exact
    for source, target in [(rough, exact), *((inner, inner) for inner in rough.inner)]:
        for text in candidates(source, loops_only=loops_only):
            if target.steps(text, MAX_STEPS) > MAX_STEPS:
                return text
    return None


def _keeps_groups(found: Automaton) -> bool:
    return any(part.groups for part in (found, *found.inner))


def _ways(items: Iterable[Any], *, within_loops: bool) -> float:
    """About how many ways a text can leave open at most, as a power of two.

    Where no loop can be gone through in two ways, what is chosen within one does not add up.
    """
    total = 0.0
    for op, value in items:
        kind = str(op)
        if kind == "BRANCH":
            total += log2(len(value[1]))
            total += max(_ways(branch, within_loops=within_loops) for branch in value[1])
        elif kind == "SUBPATTERN":
            total += _ways(value[3], within_loops=within_loops)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            total += _ways(value[1], within_loops=within_loops)
        elif kind == "ATOMIC_GROUP":
            total += _ways(value, within_loops=within_loops)
        elif kind.endswith("_REPEAT"):
            low, high, body = value
            endless = int(high) - int(low) > MAX_COPIES
            high = min(int(high), GROWN)
            total += log2(max(high - int(low), 0) + 1)
            times = high if within_loops or not endless else 1
            total += times * (_ways(body, within_loops=within_loops) + (not body.getwidth()[0]))
        elif kind == "GROUPREF_EXISTS":
            branches = [branch for branch in value[1:] if branch]
            total += 1 + sum(_ways(branch, within_loops=within_loops) for branch in branches)
        elif kind == "GROUPREF":
            total += log2(GROWN)
    return total
