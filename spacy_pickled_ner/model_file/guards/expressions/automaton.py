"""The automaton of a regular expression: which items can follow which, and in how many ways.

The automaton reads every text that the expression reads, in at least as many ways. Anchors and
lookarounds are taken to match, atomic groups are usual groups, and a reference to a group reads any
text that is as long as the group can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .characters import characters_read, part_of_python

# Repeats of more times than this are taken for endless ones.
MAX_COPIES: Final = 64
END: Final = 0
_ITEMS: Final = ("LITERAL", "NOT_LITERAL", "IN", "ANY")
_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_LOOKS: Final = ("ASSERT", "ASSERT_NOT")
_WORK_PER_PLACE: Final = 8
_Key = tuple[str, int, int]


class HazardError(Exception):
    """An expression may take forever, or is too complex to check."""


class Budget:
    """The work that checking expressions may take.

    left (int): In microseconds, roughly.
    """

    def __init__(self, left: int):
        self.left = left

    def spend(self, n: int = 1) -> None:
        """Note that work was done.

        n (int): How much.
        RAISES (HazardError): It was too much.
        """
        self.left -= n
        if self.left < 0:
            raise HazardError


class Automaton:
    """Positions that each read a character, and places from which some of them can be next.

    Both are numbered from the end of the expression on. A position is also the place before it.

    start (int): The place before everything.
    reads (Dict[int, FrozenSet[str]]): The characters that each position reads.
    after (Dict[int, int]): The place behind each position.
    loops (Dict[int, range]): Positions of each endless repeat that is not within another, by the
        first number.
    looks (List[Automaton]): The lookarounds, each an automaton of its own.
    """

    def __init__(self, tree: Any, flags: int, budget: Budget):
        self.budget = budget
        self.after: dict[int, int] = {}
        self.loops: dict[int, range] = {}
        self.looks: list[Automaton] = []
        self._keys: dict[int, _Key] = {}
        self._items: dict[_Key, tuple[Any, Any, int]] = {}
        self._choices: dict[int, list[int]] = {}
        self._following: dict[int, dict[int, int] | None] = {}
        self._in_loop = False
        self._group_widths = tree.state.groupwidths
        self.n = END
        self.start = self._sequence(tree, END, flags)
        sets = characters_read(self._items, budget.spend)
        self.reads = {position: sets[key] for position, key in self._keys.items()}

    def following(self, place: int) -> dict[int, int]:
        """Which positions can be next, and in how many ways.

        place (int): From where.
        RETURNS (Dict[int, int]): The number of ways to each.
        RAISES (HazardError): A repeat leads from there to there.
        """
        if place not in self._choices:
            return {place: 1}
        if place not in self._following:
            self._following[place] = None
            found: dict[int, int] = {}
            for target in self._choices[place]:
                following = self.following(target)
                self.budget.spend(len(following))
                for position, n in following.items():
                    found[position] = found.get(position, 0) + n
            self._following[place] = found
        known = self._following[place]
        if known is None:
            raise HazardError("one of its repeats can read nothing again and again")
        return known

    def _new(self) -> int:
        self.budget.spend(_WORK_PER_PLACE)
        self.n += 1
        return self.n

    def _choice(self, *targets: int) -> int:
        place = self._new()
        self._choices[place] = [*targets]
        return place

    def _sequence(self, items: Iterable[Any], after: int, flags: int) -> int:
        for op, value in reversed([*items]):
            after = self._item(op, value, after, flags)
        return after

    def _item(self, op: Any, value: Any, after: int, flags: int) -> int:
        """Put an item before a place, and return the place before the item."""
        kind = str(op)
        if kind in _ITEMS:
            position = self._new()
            self.after[position] = after
            # Copies of an item share their characters.
            key = (kind, value if isinstance(value, int) else id(value), flags)
            self._keys[position], self._items[key] = key, (op, value, flags)
            return position
        if kind in ("BRANCH", "GROUPREF_EXISTS"):
            branches = value[1] if kind == "BRANCH" else value[1:]
            return self._choice(*[self._sequence(part or [], after, flags) for part in branches])
        if kind == "SUBPATTERN":
            return self._sequence(value[3], after, (flags | value[1]) & ~value[2])
        if kind == "ATOMIC_GROUP":
            return self._sequence(value, after, flags)
        if kind in _REPEATS:
            low, high, body = value
            return self._repeat(low, high, body, after, flags)
        if kind == "GROUPREF":
            low, high = self._group_widths[value]
            anything = [(part_of_python("constants").ANY, None)]
            return self._repeat(low, high, anything, after, flags | re.S)
        if kind in _LOOKS:
            self.looks.append(Automaton(value[1], flags, self.budget))
        elif kind not in ("AT", "FAILURE"):
            raise HazardError
        return after

    def _repeat(self, low: Any, high: Any, body: Any, after: int, flags: int) -> int:
        low, high = int(low), int(high)
        if high > MAX_COPIES:
            low = min(low, MAX_COPIES if high >= part_of_python("constants").MAXREPEAT else 1)
            loop, is_inner = self._choice(after), self._in_loop
            self._in_loop = True
            first = self._sequence(body, loop, flags)
            self._in_loop = is_inner
            self._choices[loop].append(first)
            if not is_inner:
                self.loops[loop] = range(loop, self.n + 1)
            # A way that begins inside of the loop has gone through it once.
            after, low = (first, low - 1) if low else (loop, 0)
            high = low
        last = after
        for _ in range(high - low):
            after = self._choice(self._sequence(body, after, flags), last)
        for _ in range(low):
            self.budget.spend()
            after = self._sequence(body, after, flags)
        return after
