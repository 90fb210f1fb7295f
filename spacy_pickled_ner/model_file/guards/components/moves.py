"""The moves of a parser or an entity recogniser, and the output layer that scores them.

The inner loop is compiled code without bounds: it writes one score for each move into a row as wide
as the output layer, and goes on until the moves have consumed the text. Too many moves write beyond
the row, too few or none that consume never end.
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

from thinc.api import Model

from ....msgpack import decode_msgpack_map
from ..budget import LIMITS, over_budget
from ..refuse import is_int, refuse
from ..rules import is_text
from ..schemas import MAX_LABEL
from ..settings import decode_json
from .model import is_trained

_NUMBERS: Final = "numbers for a token of a parser"
MAX_LENGTH: Final = 8 * 2**20
_MAX_FREQUENCY: Final = 2**53
_N_ACTIONS: Final = 6
_ENTITY_ACTIONS: Final = (1, 2, 3, 4)  # begin, in, last, unit
_OUT: Final = 5
_SHIFT, _REDUCE, _LEFT, _RIGHT, _BREAK = range(5)


def check_moves(what: str, state: dict[str, Any]) -> int:
    """Check that the moves in a file can be added to a component at all.

    what (str): Name of the component.
    state (Dict[str, Any]): Its decoded state.
    RETURNS (int): How many moves there are.
    RAISES (UnsafeFileError): They cannot ("bad-moves").
    """
    if not isinstance(state.get("moves"), bytes):
        refuse(what, "it has no moves", "bad-moves")
    packed = decode_msgpack_map(state["moves"], what)
    if not packed.keys() <= {"moves", "cfg", "strings"}:
        refuse(what, "it has unexpected moves", "bad-moves")
    if not isinstance(packed.get("cfg") or {}, dict) or packed.get("strings"):
        refuse(what, "it has unexpected moves", "bad-moves")
    moves = decode_json(packed.get("moves"), what, MAX_LENGTH)
    if type(moves) is not dict or not moves.keys() <= {str(n) for n in range(_N_ACTIONS)}:
        refuse(what, "its moves are of an unknown kind", "bad-moves")
    if not all(type(labels) is dict for labels in moves.values()):
        refuse(what, "its moves have no labels", "bad-moves")
    for labels in moves.values():
        for label, frequency in labels.items():
            if not is_text(label, MAX_LABEL):
                refuse(what, "a label of its moves is not text", "bad-moves")
            # spaCy uses negative counts for labels that were added to a trained model.
            if not is_int(frequency, -_MAX_FREQUENCY, _MAX_FREQUENCY):
                refuse(what, "a move has an impossible frequency", "bad-moves")
    return sum(map(len, moves.values()))


def check_parser(what: str, pipe: Any, *, foreign: bool = False) -> None:
    """Check that moves and model of a restored component fit together.

    what (str): Name of the component.
    pipe (Any): The `Parser`: `ner`, `parser` or a beam version of either.
    foreign (bool): True if its model is built by code that the caller trusts by name. Such a model
        need not be one of spaCy's.
    RAISES (UnsafeFileError): They do not ("bad-moves", "model-mismatch").
    """
    model: Model[Any, Any] = pipe.model
    if not {"lower", "upper"} <= {*model.ref_names} or "has_upper" not in model.attrs:
        if foreign:
            return
        refuse(what, "its model is not one for moves", "model-mismatch")
    if not is_trained(model):
        return
    lower, upper = model.get_ref("lower"), model.get_ref("upper")
    output = upper if model.attrs["has_upper"] else lower
    size = [lower.maybe_get_dim(name) or 0 for name in ("nF", "nO", "nP")]
    if prod(size) > LIMITS[_NUMBERS]:
        raise over_budget(_NUMBERS, prod(size))
    n_moves = pipe.moves.n_moves
    if not n_moves or n_moves != output.maybe_get_dim("nO"):
        refuse(what, "its moves are not as many as its model has outputs", "bad-moves")
    if output is upper and upper.maybe_get_dim("nI") != lower.maybe_get_dim("nO"):
        refuse(what, "its layers are of different widths", "model-mismatch")
    labels = {action: {*names} for action, names in pipe.moves.labels.items()}
    if type(pipe.moves).__name__ == "ArcEager":
        _check_arcs(what, labels)
    else:
        _check_entities(what, labels)


def _check_entities(what: str, labels: dict[int, set[str]]) -> None:
    if labels.get(_OUT) != {""}:
        refuse(what, "it has no move for tokens outside entities", "bad-moves")
    begin, inside, last, unit = (labels.get(action, set()) for action in _ENTITY_ACTIONS)
    if not begin == inside == last == unit - {""}:
        refuse(what, "a label lacks one of its moves", "bad-moves")


def _check_arcs(what: str, labels: dict[int, set[str]]) -> None:
    if not labels.keys() <= {_SHIFT, _REDUCE, _LEFT, _RIGHT, _BREAK}:
        refuse(what, "its moves are of an unknown kind", "bad-moves")
    if not all(labels.get(action) for action in (_LEFT, _RIGHT, _BREAK)):
        refuse(what, "it has no labels for one of its moves", "bad-moves")
