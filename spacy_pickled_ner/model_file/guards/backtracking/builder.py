"""Make the automaton of a regular expression from the tree that Python's own parser makes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

from .automaton import END, Automaton, Budget, Condition, Move, TooLargeError, UnknownError
from .character_set import CharacterSet

# Repeats beyond this many times are taken for endless ones.
MAX_COPIES: Final = 64
MAX_STATES: Final = 6_000
_LITERALS: Final = ("LITERAL", "NOT_LITERAL", "IN", "ANY")
_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def parse(pattern: str) -> Any:
    """Parse a regular expression.

    pattern (str): A valid expression.
    RETURNS (SubPattern): Python's own tree of it.
    RAISES (UnknownError): This Python has no such parser.
    """
    try:
        parser = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
        tree = parser.parse(pattern)
        _ = tree.state.flags
    except (ImportError, AttributeError, TypeError) as err:
        raise UnknownError from err
    return tree


class Builder:
    """Makes an automaton from the end of an expression to its start.

    tree (Any): The parsed expression.
    budget, atomic: As for `Automaton`.
    """

    def __init__(self, budget: Budget, atomic: bool):
        self.automaton = Automaton(budget, atomic)
        # By loop: its own state, and the last of those inside.
        self._loops: dict[int, int] = {}
        self._silent: dict[int, list[tuple[int, Condition | None]]] = {}
        self._groups: dict[int, tuple[Any, int]] = {}
        self._sets: dict[tuple[str, object, int], CharacterSet] = {}
        self._n_states = END

    def build(self, items: Iterable[Any], flags: int) -> Automaton:
        """Make it.

        items (Iterable[Any]): What it matches, as parsed.
        flags (int): The flags that hold at its start.
        RETURNS (Automaton): The automaton.
        RAISES (TooLargeError, UnknownError): It cannot be made.
        """
        found = self.automaton
        found.start = self._sequence(items, END, flags)
        for place in {found.start, *found.after.values()}:
            found.moves[place] = self._closure(place)
        return found

    def _state(self) -> int:
        self._n_states += 1
        if self._n_states > MAX_STATES:
            raise TooLargeError
        return self._n_states

    def _choice(self, *targets: int) -> int:
        state = self._state()
        self._silent[state] = [(target, None) for target in targets]
        return state

    def _sequence(self, items: Iterable[Any], after: int, flags: int) -> int:
        items = [*items]
        for op, value in items:
            self._note_groups(str(op), value, flags)
        for op, value in reversed(items):
            after = self._item(str(op), value, after, flags)
        return after

    def _note_groups(self, op: str, value: Any, flags: int) -> None:
        if op == "SUBPATTERN" and value[0] is not None:
            self._groups[value[0]] = (value[3], (flags | value[1]) & ~value[2])

    def _item(self, op: str, value: Any, after: int, flags: int) -> int:
        if op in _LITERALS:
            return self._reader(op, value, after, flags)
        if op == "BRANCH":
            return self._choice(*[self._sequence(items, after, flags) for items in value[1]])
        if op == "SUBPATTERN":
            return self._sequence(value[3], after, (flags | value[1]) & ~value[2])
        if op in _REPEATS:
            if op == "POSSESSIVE_REPEAT" and self.automaton.atomic:
                return self._keeping([("MAX_REPEAT", value)], after, flags)
            return self._repeat(value, after, flags)
        if op == "ATOMIC_GROUP":
            if self.automaton.atomic:
                return self._keeping(value, after, flags)
            return self._sequence(value, after, flags)
        if op in ("AT", "ASSERT", "ASSERT_NOT"):
            state = self._state()
            self._silent[state] = [(after, self._condition(op, value, flags))]
            return state
        if op == "GROUPREF":
            # Where a group is used again, it can be no longer than where it was found.
            items, group_flags = self._groups.pop(value, ([], flags))
            state = self._sequence(items, after, group_flags)
            self._groups[value] = (items, group_flags)
            return state
        if op == "GROUPREF_EXISTS":
            _, yes, no = value
            return self._choice(*[self._sequence(i or [], after, flags) for i in (yes, no)])
        if op == "FAILURE":
            return self._choice()
        raise UnknownError(op)

    def _reader(self, op: str, value: Any, after: int, flags: int) -> int:
        # Copies of an item share its set, which remembers what it was asked.
        key = (op, value if isinstance(value, int) else id(value), flags)
        if key not in self._sets:
            self._sets[key] = _characters(op, value, flags)
        state = self._state()
        self.automaton.sets[state] = self._sets[key]
        self.automaton.after[state] = after
        return state

    def _repeat(self, value: tuple[int, int, Any], after: int, flags: int) -> int:
        low, high, body = min(int(value[0]), MAX_COPIES), int(value[1]), value[2]
        if high - low > MAX_COPIES:
            state = self._choice()
            self._silent[state] = [(self._sequence(body, state, flags), None), (after, None)]
            self._loops[state] = self._n_states
            after = state
        else:
            last = after
            for _ in range(high - low):
                after = self._choice(self._sequence(body, after, flags), last)
        for _ in range(low):
            after = self._sequence(body, after, flags)
        return after

    def _keeping(self, items: Any, after: int, flags: int) -> int:
        state = self._state()
        self.automaton.groups[state] = self._inner(items, flags)
        self.automaton.after[state] = after
        return state

    def _condition(self, op: str, value: Any, flags: int) -> Condition:
        if op == "AT":
            return Condition(str(value), flags)
        direction, body = value
        width = body.getwidth()[0] if direction < 0 else None
        return Condition("", flags, self._inner(body, flags), width, op == "ASSERT_NOT")

    def _inner(self, items: Any, flags: int) -> Automaton:
        builder = Builder(self.automaton.budget, self.automaton.atomic)
        builder._groups, builder._sets, builder._n_states = self._groups, self._sets, self._n_states
        inner = builder.build(items, flags)
        self._n_states = builder._n_states
        self.automaton.inner += [inner, *inner.inner]
        return inner

    def _closure(self, target: int) -> list[Move]:
        found: Counter[tuple[int, tuple[Condition, ...]]] = Counter()
        stack: list[tuple[int, tuple[Condition, ...], frozenset[int]]] = [(target, (), frozenset())]
        while stack:
            state, conditions, loops = stack.pop()
            self.automaton.budget.spend()
            if state not in self._silent:
                found[state, conditions] += 1
                continue
            following = self._silent[state]
            last = self._loops.get(state)
            if last is None:
                stack += [
                    (to, (*conditions, *((condition,) if condition else ())), loops)
                    for to, condition in following
                ]
                continue
            (body, _), (after, _) = following
            stack.append((after, conditions, loops))
            # A loop that has read nothing since it began anew is not gone through again.
            if state not in loops:
                outer = frozenset(loop for loop in loops if not state < loop <= last)
                stack.append((body, conditions, outer | {state}))
        return [(state, conditions, n) for (state, conditions), n in found.items()]


def automaton(tree: Any, budget: Budget, *, atomic: bool) -> Automaton:
    """Make the automaton of an expression.

    tree (Any): What `parse` returned.
    budget (Budget): What making it, and working with it, spends.
    atomic (bool): Whether to tell apart groups that keep their first match; without, all states
        are readers of characters, and there may be more ways than in truth.
    RETURNS (Automaton): The automaton.
    RAISES (TooLargeError): It would be too large.
    RAISES (UnknownError): The tree is of an unknown kind.
    """
    return Builder(budget, atomic).build(tree, tree.state.flags)


def _characters(op: str, value: Any, flags: int) -> CharacterSet:
    if op == "ANY":
        return CharacterSet.any(flags)
    if op == "NOT_LITERAL":
        return CharacterSet([("NEGATE", None), ("LITERAL", value)], flags)
    items = [(op, value)] if op == "LITERAL" else [(str(kind), v) for kind, v in value]
    return CharacterSet(items, flags)
