"""The edit trees of a trainable lemmatizer: a list in which trees name others by their place in it.

Compiled code follows these numbers without looking. A tree outside of the list is read from foreign
memory, one that contains itself overflows the stack, and trees that share others twice at each of
many levels take forever to apply.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Final

from ....msgpack import decode_msgpack_map
from ..refuse import is_int, refuse

NO_TREE: Final = 2**32 - 1
MAX_TREES: Final = 1_000_000
MAX_LENGTH: Final = 2**30
MAX_DEPTH: Final = 500
# Nodes of a tree, with shared nodes counted each time. Each can write a text
# of the vocab, however long. Trees that are learned from words have up to 15.
MAX_NODES: Final = 100
_CODE: Final = "bad-trees"
_MATCH: Final = frozenset({"prefix_len", "suffix_len", "prefix_tree", "suffix_tree"})
_SUBSTITUTION: Final = frozenset({"orig", "subst"})


def check_edit_trees(what: str, state: dict[str, Any], labels: object) -> None:
    """Check the trees of a lemmatizer and the labels that name them.

    what (str): Name of the component.
    state (Dict[str, Any]): Its decoded state.
    labels (object): The trees that its model chooses from.
    RAISES (UnsafeFileError): They cannot be used ("bad-trees").
    """
    packed = state.get("trees")
    if not isinstance(packed, bytes):
        refuse(what, "it has no trees", _CODE)
    trees = decode_msgpack_map(packed, what).get("trees", [])
    if type(trees) is not list or len(trees) > MAX_TREES:
        refuse(what, "its trees are not a list", _CODE)
    _check_nodes(what, trees)
    # spaCy stores a tree after its children, so one pass sees children first.
    depths: list[int] = []
    sizes: list[int] = []
    for place, tree in enumerate(trees):
        depth = size = 1
        if len(tree) == len(_MATCH):
            for child in (tree["prefix_tree"], tree["suffix_tree"]):
                if child == NO_TREE:
                    continue
                if child >= place:
                    refuse(what, "a tree contains itself or one that is not there", _CODE)
                depth = max(depth, depths[child] + 1)
                size += sizes[child]
        if depth > MAX_DEPTH or size > MAX_NODES:
            refuse(what, "a tree is too deep or too large", _CODE)
        depths.append(depth)
        sizes.append(size)
    if type(labels) is not list or not all(is_int(n, 0, len(trees) - 1) for n in labels):
        refuse(what, "a label is not one of its trees", _CODE)


def _check_nodes(what: str, trees: list[Any]) -> None:
    """Check each tree alone; all at once, because there are thousands."""
    if not {*map(type, trees)} <= {dict} or not {*map(frozenset, trees)} <= {_MATCH, _SUBSTITUTION}:
        refuse(what, "a tree is invalid", _CODE)
    numbers = [*chain.from_iterable(map(dict.values, trees))]
    if not {*map(type, numbers)} <= {int}:
        refuse(what, "a tree has parts that are not numbers", _CODE)
    if min(numbers, default=0) < 0 or max(numbers, default=0) >= 2**64:
        refuse(what, "a tree has parts that are not numbers", _CODE)
    # Compiled code adds the two lengths as 32-bit numbers.
    lengths = (
        n
        for tree in trees
        if len(tree) == len(_MATCH)
        for n in (tree["prefix_len"], tree["suffix_len"])
    )
    if max(lengths, default=0) > MAX_LENGTH:
        refuse(what, "a tree matches an impossible length", _CODE)
