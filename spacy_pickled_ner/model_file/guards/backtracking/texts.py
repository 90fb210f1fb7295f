"""Texts that leave a backtracking matcher as many ways as possible."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import nlargest
from itertools import chain
from typing import Final

from .automaton import END, Automaton
from .character_set import representatives
from .strong_components import components

MAX_TEXT: Final = 1_000
GROWN: Final = 48
_BEAM: Final = 4
_NOWHERE: Final[dict[int, int]] = {}

# A loop that begins behind so many characters is looked at from there, too.
_FAR: Final = 8

Pair = tuple[int, int]
Ways = dict[int, int]


def candidates(automaton: Automaton, *, loops_only: bool) -> Iterator[str]:
    """Find texts that may leave many ways open.

    automaton (Automaton): That of an expression, without groups that keep their first match.
    loops_only (bool): Whether nothing but a loop that can be gone through in two ways could.
    YIELDS (str): A text. How many ways it leaves, `automaton.steps` tells.
    RAISES (TooLargeError): It is too much work.
    """
    search = _Search(automaton)
    heads = [""]
    for start, loop in search.loops():
        head = search.text_to(start)
        if len(head) > _FAR:
            heads.append(head)
        doubled = search.doubled(start, loop)
        if doubled:
            yield head + doubled * max((MAX_TEXT - len(head)) // len(doubled), 1)
    if not loops_only:
        for head in dict.fromkeys(heads):
            yield search.grown(head)


class _Search:
    def __init__(self, automaton: Automaton):
        self.start = automaton.start
        self.spend = automaton.budget.spend
        sets = list({id(item): item for item in automaton.sets.values()}.values())
        self.chars = representatives(sets)
        self.spend(len(self.chars) * len(sets))
        read = {id(item): [c for c in self.chars if c in item] for item in sets}
        # By place and character, the next places and how many ways there are to each.
        self.next: dict[int, dict[str, Ways]] = {}
        for place, moves in automaton.moves.items():
            found = self.next[place] = {}
            for state, _, n in moves:
                for char in read[id(automaton.sets[state])] if state != END else ():
                    self.spend()
                    ways = found.setdefault(char, {})
                    target = automaton.after[state]
                    ways[target] = ways.get(target, 0) + n
        self.texts = self._texts()

    def _texts(self) -> dict[int, str]:
        """The shortest text to each place, in the order of their lengths."""
        queue, texts = deque([self.start]), {self.start: ""}
        while queue:
            place = queue.popleft()
            for char, ways in self.next[place].items():
                self.spend(len(ways))
                for target in ways:
                    if target not in texts:
                        texts[target] = texts[place] + char
                        queue.append(target)
        return texts

    def text_to(self, place: int) -> str:
        """The shortest text to a place."""
        return self.texts[place]

    def loops(self) -> Iterator[tuple[int, set[int]]]:
        """Places that can be reached from each other, each lot with the one that is met first."""
        graph = {place: {*chain(*self.next[place].values())} for place in self.texts}
        order = {place: i for i, place in enumerate(self.texts)}
        for component in components(graph):
            start = min(component, key=order.__getitem__)
            if len(component) > 1 or start in graph[start]:
                yield start, set(component)

    def doubled(self, start: int, loop: set[int]) -> str | None:
        """A text that leads from a place in a loop back to it, in two ways or more."""
        begin = (start, start)
        before: dict[Pair, tuple[Pair, str]] = {}
        sources: dict[Pair, list[tuple[Pair, str]]] = {}
        parting: dict[Pair, tuple[Pair, str]] = {}
        queue, seen = deque([begin]), {begin}
        while queue:
            pair = queue.popleft()
            for target, char, several in self._follow(pair, loop):
                sources.setdefault(target, []).append((pair, char))
                if several:
                    parting.setdefault(pair, (target, char))
                if target not in seen:
                    seen.add(target)
                    before[target] = (pair, char)
                    queue.append(target)
        back: dict[Pair, tuple[Pair, str]] = {}
        queue, seen = deque([begin]), {begin}
        while queue:
            pair = queue.popleft()
            for source, char in sources.get(pair, ()):
                if source not in seen:
                    seen.add(source)
                    back[source] = (pair, char)
                    queue.append(source)
        for pair in seen:
            if pair[0] != pair[1]:
                return _walk(before, pair, begin)[::-1] + _walk(back, pair, begin)
            if pair in parting and parting[pair][0] in seen:
                target, char = parting[pair]
                return _walk(before, pair, begin)[::-1] + char + _walk(back, target, begin)
        return None

    def _follow(self, pair: Pair, loop: set[int]) -> Iterator[tuple[Pair, str, bool]]:
        first, second = pair
        for char, ways in self.next[first].items():
            others = self.next[second].get(char, {})
            self.spend(1 + len(ways) * len(others))
            for one, n in ways.items():
                for other in others:
                    # Of one place, each pair is there twice.
                    if one in loop and other in loop and (first != second or one <= other):
                        yield (min(one, other), max(one, other)), char, one == other and n > 1

    def grown(self, head: str) -> str:
        """Append to a text, one by one, those characters that leave most ways open."""
        ways = {self.start: 1}
        for char in head:
            ways = self._read(ways, char)
        best = [(head, ways)]
        for _ in range(GROWN):
            grown = [
                (text + char, found)
                for text, ways in best
                for char in self.chars
                if (found := self._read(ways, char))
            ]
            if not grown:
                break
            best = nlargest(_BEAM, grown, key=lambda entry: sum(entry[1].values()))
        return best[0][0]

    def _read(self, ways: Ways, char: str) -> Ways:
        found: Ways = {}
        self.spend(len(ways))
        for place, n in ways.items():
            for target, m in self.next[place].get(char, _NOWHERE).items():
                found[target] = found.get(target, 0) + n * m
        return found


def _walk(links: dict[Pair, tuple[Pair, str]], pair: Pair, goal: Pair) -> str:
    chars = []
    while pair != goal:
        pair, char = links[pair]
        chars.append(char)
    return "".join(chars)
