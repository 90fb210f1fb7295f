"""Regular expressions that Python's backtracking matcher would take forever on.

character_set.py      what one item of an expression matches
automaton.py          which character can follow which, and in how many ways
builder.py            makes it from the tree of Python's own parser
strong_components.py  loops in it
texts.py              texts that leave many ways open
search.py             finds one that proves an expression to be explosive
"""

from .search import explosive

__all__ = ["explosive"]
