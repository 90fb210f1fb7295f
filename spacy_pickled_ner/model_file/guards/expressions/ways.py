"""The number of ways in which a text can be read, at most.

The ways from a place are the ways from the next positions, added up over the positions that can
read the same character. A loop is refused if a text leads through it in two ways. Another loop
counts as one way if the next character always decides between staying and leaving. Otherwise it
counts as `LENGTH` ways, because a text can leave it at each of its characters.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import Final

from .automaton import END, Automaton, HazardError

LENGTH: Final = 100
MAX_WAYS: Final = 10_000_000
_TWO_WAYS: Final = "one of its repeats can read the same text in two ways"


def count_ways(automaton: Automaton) -> int:
    """Count the ways in which a text of `LENGTH` characters can be read, at most.

    automaton (Automaton): That of an expression.
    RETURNS (int): The number of ways. It takes up to `LENGTH` times as many steps to go them all.
    RAISES (HazardError): There are more than `MAX_WAYS`, or the number is unknown.
    """
    # Each step may try a lookaround. One with a loop reads up to `LENGTH` characters each time.
    around = max(
        (count_ways(look) * (LENGTH if look.loops else 1) for look in automaton.looks), default=1
    )
    ways = {END: 1}
    behind: dict[int, int] = {}
    number = END + 1
    while number <= automaton.n:
        if number in automaton.loops:
            loop = automaton.loops[number]
            ways.update(dict.fromkeys(loop, _ways_of_loop(automaton, loop, ways)))
            number = loop.stop
            continue
        if number in automaton.after:
            place = automaton.after[number]
            if place not in behind:
                behind[place] = _most(automaton, automaton.following(place), ways)
            ways[number] = behind[place]
        number += 1
    found = around * _most(automaton, automaton.following(automaton.start), ways)
    if found > MAX_WAYS:
        raise HazardError(f"{LENGTH} characters can be read in too many ways")
    return found


def _most(automaton: Automaton, following: dict[int, int], ways: dict[int, int]) -> int:
    """The number of ways with the worst of next characters."""
    by_set: defaultdict[frozenset[str], int] = defaultdict(int)
    for position, n in following.items():
        if position != END:
            by_set[automaton.reads[position]] += n * ways[position]
    automaton.budget.spend(len(by_set) ** 2)
    sums = (sum(n for b, n in by_set.items() if not a.isdisjoint(b)) for a in by_set)
    # The end adds no way: the match succeeds there, or an anchor makes it fail at once.
    return max(following.get(END, 0), *sums, 0)


def _ways_of_loop(automaton: Automaton, loop: range, ways: dict[int, int]) -> int:
    """The number of ways through a loop and all behind it."""
    inside: dict[int, dict[int, int]] = {}
    outside: dict[int, dict[int, int]] = {}
    for place in {automaton.after[number] for number in loop if number in automaton.after}:
        inside[place], outside[place] = {}, {}
        for position, n in automaton.following(place).items():
            (inside if position in loop else outside)[place][position] = n
        if max(inside[place].values()) > 1:
            raise HazardError(_TWO_WAYS)
    exits = {place: _most(automaton, outside[place], ways) for place in outside}
    most, is_open = 1, False
    for place, others in _together(automaton, inside).items():
        most = max(most, sum(exits[other] for other in others))
        leaving = {automaton.reads[position] for position in outside[place] if position != END}
        for other in others if leaving and not is_open else ():
            staying = {automaton.reads[position] for position in inside[other]}
            automaton.budget.spend(len(leaving) * len(staying))
            is_open = is_open or any(not a.isdisjoint(b) for a, b in product(leaving, staying))
    return most * LENGTH if is_open else most


def _together(automaton: Automaton, inside: dict[int, dict[int, int]]) -> dict[int, set[int]]:
    """By place of a loop, all places that a text can lead to that leads to this one.

    RAISES (HazardError): A text leads to a place in two ways.
    """
    after, spend = automaton.after, automaton.budget.spend
    by_set: dict[int, dict[frozenset[str], list[int]]] = {}
    for place, positions in inside.items():
        by_set[place] = defaultdict(list)
        for position in positions:
            by_set[place][automaton.reads[position]].append(position)
    found = {place: {place} for place in inside}
    pairs = [(place, place) for place in inside]
    for first, second in pairs:
        spend(len(by_set[first]) * len(by_set[second]))
        for (a, some), (b, others) in product(by_set[first].items(), by_set[second].items()):
            if a.isdisjoint(b):
                continue
            spend(len(some) * len(others))
            for one, other in product(some, others):
                target, beside = after[one], after[other]
                if target == beside and (first != second or one != other):
                    raise HazardError(_TWO_WAYS)
                if beside not in found[target]:
                    found[target].add(beside)
                    pairs.append((target, beside))
    return found
