"""Which characters the items of a regular expression read, as Python itself finds them.

There are too many characters to try all, so a few are chosen that distinguish all the items
apart: where their ranges begin and end, and where in Unicode letters, digits and spaces do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, TypeVar

Key = TypeVar("Key", bound=Hashable)

# Enough if ranges are in ASCII only: all of it, another letter, digit, space and other character,
# and those that ASCII letters match if case is ignored.
_FEW: Final = "".join(map(chr, range(129))) + "\xe9\u0663\u2003\u2022\u017f\u212a\u0130\u0131"
# No letter, digit or space of Unicode is beyond.
LAST: Final = 0x32400
_IN_PYTHON_3_10: Final = {
    "parser": "sre_parse", "compiler": "sre_compile", "constants": "sre_constants"
}  # fmt: skip


def part_of_python(name: str) -> Any:
    """Import a part of Python's own engine for regular expressions.

    name (str): "parser", "compiler" or "constants".
    RETURNS (ModuleType): The module.
    """
    return import_module(f"re._{name}" if sys.version_info >= (3, 11) else _IN_PYTHON_3_10[name])


def characters_read(
    items: Mapping[Key, tuple[Any, Any, int]], spend: Callable[[int], None]
) -> dict[Key, frozenset[str]]:
    """Find the characters that some items read, from a selection that distinguishes the items.

    items (Mapping[Key, Tuple[Any, Any, int]]): By a key of your choice, items as Python's parser
        makes them, with their flags.
    spend (Callable[[int], None]): Told how much work is going to be done, roughly in microseconds.
    RETURNS (Dict[Key, FrozenSet[str]]): The characters, by the same keys.
    """
    spend(len(items))
    text = _choose([*items.values()])
    parser, compiler = part_of_python("parser"), part_of_python("compiler")
    found = {}
    for key, (op, value, flags) in items.items():
        if str(op) == "LITERAL" and not flags & re.I:
            found[key] = frozenset(chr(value))
            continue
        spend(25 + len(text) // 32)
        state = parser.State()
        state.flags = flags
        item = parser.SubPattern(state, [(op, value)])
        found[key] = frozenset(compiler.compile(item).findall(text))
    return found


def _choose(items: list[tuple[Any, Any, int]]) -> str:
    codes = {n for _, value, _ in items for n in _numbers([value]) if 0 <= n < sys.maxunicode}
    found = [_FEW, *map(chr, codes), *(chr(code + 1) for code in codes)]
    if max(codes, default=0) > 127:
        found.append(_where_kinds_change())
        if any(flags & re.I for _, _, flags in items):
            found.append(_with_case())
    return "".join(found)


def _numbers(value: Any) -> Iterator[int]:
    """All numbers in an item, so also all its characters."""
    for part in value:
        if isinstance(part, int):
            yield int(part)
        elif isinstance(part, (list, tuple)):
            yield from _numbers(part)


@lru_cache(maxsize=1)
def _where_kinds_change() -> str:
    kinds = re.compile(r"\d+|[^\W\d]+|\s+|[^\w\s]+")
    return "".join(found[0][0] for found in kinds.finditer("".join(map(chr, range(LAST)))))


@lru_cache(maxsize=1)
def _with_case() -> str:
    """Characters with a case, and those after them."""
    cased = [code for code in range(LAST) if (c := chr(code)).lower() != c or c.upper() != c]
    return "".join(chr(code) + chr(code + 1) for code in cased)
