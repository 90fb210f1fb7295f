"""The automaton of a regular expression: which character can follow which, and in how many ways.

A backtracking matcher, as Python's is, tries one way after the other. So what a text costs is the
number of ways through the automaton that the text leaves open, and `steps` counts them without
going any of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .character_set import ASCII, CharacterSet, is_in_category

MULTILINE: Final = 8
END: Final = 0


class TooLargeError(Exception):
    """An expression has more states, or more ways between them, than is worth looking at."""


class Budget:
    """How much work looking at expressions may make.

    left (int): In moves between states, roughly.
    """

    def __init__(self, left: int):
        self.left = left

    def spend(self, n: int = 1) -> None:
        """Note that work was done.

        n (int): How much.
        RAISES (TooLargeError): It was too much.
        """
        self.left -= n
        if self.left < 0:
            raise TooLargeError


class UnknownError(Exception):
    """Python parses expressions in a way that is not known here."""


@dataclass(frozen=True, eq=False)
class Condition:
    """What must hold at a place for a way to be open.

    place (str): A kind of place, such as the end of a line; empty for a look around.
    flags (int): The flags that hold for it.
    look (Optional[Automaton]): What must or must not stand there.
    width (Optional[int]): How far behind it begins; None if it begins there.
    negated (bool): Whether it must not.
    """

    place: str = ""
    flags: int = 0
    look: Automaton | None = None
    width: int | None = None
    negated: bool = False

    def holds(self, text: str, i: int) -> bool:
        """Whether it holds; what follows the text is taken to be whatever makes a match fail."""
        if self.look is not None:
            start = i if self.width is None else i - self.width
            stop = None if self.width is None else i
            found = start >= 0 and self.look.matches(text, start, stop)
            return found is not self.negated and (i < len(text) or self.width is not None)
        before, after = text[i - 1 : i], text[i : i + 1]
        multiline = bool(self.flags & MULTILINE)
        if self.place in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return i == 0 or (multiline and self.place == "AT_BEGINNING" and before == "\n")
        if self.place in ("AT_END", "AT_END_STRING"):
            return multiline and self.place == "AT_END" and after == "\n"
        words = [
            bool(char) and is_in_category(char, "WORD", bool(self.flags & ASCII))
            for char in (before, after)
        ]
        return (words[0] != words[1]) is (self.place == "AT_BOUNDARY") and i < len(text)


Move = tuple[int, tuple[Condition, ...], int]


@dataclass
class Automaton:
    """States that each read a character, and the moves between them.

    budget (Budget): What working with it spends.
    atomic (bool): Whether groups that keep their first match are told from others.
    start (int): The place before the first character. Several states can lead to one place.
    sets (Dict[int, CharacterSet]): What each state reads.
    after (Dict[int, int]): The place behind each state.
    moves (Dict[int, List[Move]]): By place, where to go from there: to a state or the `END`, under
        which conditions, and in how many ways.
    groups (Dict[int, Automaton]): States that read as much as an automaton of their own does.
    inner (List[Automaton]): Those of the looks around and of atomic groups.
    """

    budget: Budget
    atomic: bool = False
    start: int = END
    sets: dict[int, CharacterSet] = field(default_factory=dict)
    after: dict[int, int] = field(default_factory=dict)
    moves: dict[int, list[Move]] = field(default_factory=dict)
    inner: list[Automaton] = field(default_factory=list)
    groups: dict[int, Automaton] = field(default_factory=dict)

    def steps(self, text: str, limit: int) -> int:
        """Count the steps that it takes to find that a text, with the worst end, does not match.

        text (str): The text; the search begins at its start only.
        limit (int): When to stop counting.
        RETURNS (int): How often a state tries to read a character.
        """
        waiting: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._move(self.start, 1, text, 0, waiting)
        total = 0
        for i in range(len(text) + 1):
            total += waiting[i].total()
            if total > limit or i == len(text):
                break
            for state, ways in waiting.pop(i).items():
                end = self._read(state, text, i)
                if end is not None:
                    self._move(self.after[state], ways, text, end, waiting)
        return total

    def _read(self, state: int, text: str, i: int) -> int | None:
        if state in self.groups:
            return self.groups[state].longest(text, i)
        return i + 1 if text[i] in self.sets[state] else None

    def _move(
        self, place: int, ways: int, text: str, i: int, waiting: defaultdict[int, Counter[int]]
    ) -> None:
        self.budget.spend(len(self.moves[place]) + 1)
        is_open = [
            (target, n)
            for target, conditions, n in self.moves[place]
            if all(condition.holds(text, i) for condition in conditions)
        ]
        # Whoever can end here does so before anything else is tried again.
        if any(target == END for target, _ in is_open):
            ways = 1
        for target, n in is_open:
            if target != END:
                waiting[i][target] += ways * n

    def matches(self, text: str, start: int, stop: int | None = None) -> bool:
        """Whether it matches in a text.

        text (str): The text.
        start (int): Where the match begins.
        stop (Optional[int]): Where it must end, if that matters.
        RETURNS (bool): True if so.
        """
        ends = self._ends(text, start)
        return any(stop in (None, end) for end in ends)

    def longest(self, text: str, start: int) -> int | None:
        """Where the longest match ends, or None if there is no match."""
        return max(self._ends(text, start), default=None)

    def _ends(self, text: str, start: int) -> Iterable[int]:
        waiting: defaultdict[int, set[int]] = defaultdict(set)
        done = [(self.start, start)]
        i = start
        while True:
            for place, end in done:
                self.budget.spend(len(self.moves[place]) + 1)
                for target, conditions, _ in self.moves[place]:
                    if all(condition.holds(text, end) for condition in conditions):
                        if target == END:
                            yield end
                        else:
                            waiting[end].add(target)
            if i >= len(text) or not waiting:
                return
            done = []
            for state in waiting.pop(i, ()):
                end_of_state = self._read(state, text, i)
                if end_of_state is not None:
                    done.append((self.after[state], end_of_state))
            i += 1
