"""The edit trees of a trainable lemmatizer: a list in which trees name others by their place in it.

Compiled code follows these numbers without looking. A tree outside of the list is read from foreign
memory, one that contains itself overflows the stack, and trees that share others twice at each of
many levels take forever to apply.
"""

from __future__ import annotations

from typing import Any, Final

from .msgpack import decode_msgpack_map
from .refuse import is_int, refuse

NO_TREE: Final = 2**32 - 1
MAX_TREES: Final = 1_000_000
MAX_DEPTH: Final = 500
# Nodes of a tree when those that it shares with others are counted each time.
MAX_NODES: Final = 10_000
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
        refuse(what, "its trees are no list", _CODE)
    depths: list[int] = []
    sizes: list[int] = []
    for tree in trees:
        depth = size = 0
        for child in _children(what, tree):
            # spaCy adds a tree after those that it is made of.
            if not is_int(child, 0, len(depths) - 1):
                refuse(what, "a tree contains itself or one that is not there", _CODE)
            depth = max(depth, depths[child])
            size += sizes[child]
        if depth >= MAX_DEPTH or size >= MAX_NODES:
            refuse(what, "a tree is too deep or too large", _CODE)
        depths.append(depth + 1)
        sizes.append(size + 1)
    if type(labels) is not list or not all(is_int(n, 0, len(trees) - 1) for n in labels):
        refuse(what, "a label is not one of its trees", _CODE)


def _children(what: str, tree: Any) -> list[Any]:
    if type(tree) is not dict:
        refuse(what, "a tree is no tree", _CODE)
    if tree.keys() == _SUBSTITUTION:
        if not (is_int(tree["orig"], 0, 2**64 - 1) and is_int(tree["subst"], 0, 2**64 - 1)):
            refuse(what, "a tree replaces no text", _CODE)
        return []
    if tree.keys() != _MATCH:
        refuse(what, "a tree is no tree", _CODE)
    # Compiled code adds the two lengths as 32-bit numbers.
    if not (is_int(tree["prefix_len"], 0, 2**30) and is_int(tree["suffix_len"], 0, 2**30)):
        refuse(what, "a tree matches an impossible length", _CODE)
    return [child for child in (tree["prefix_tree"], tree["suffix_tree"]) if child != NO_TREE]
