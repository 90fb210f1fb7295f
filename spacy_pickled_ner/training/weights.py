"""Copies of a model's weights: kept for the best evaluation, swapped in for averaged ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from thinc.api import Model
from thinc.types import FloatsXd

Params = dict[tuple[int, str], FloatsXd]


def copy_params(model: Model[Any, Any]) -> Params:
    """Copy every parameter of a model.

    RETURNS (Dict[Tuple[int, str], FloatsXd]): By node id and parameter name, as thinc's optimizers
        key them.
    """
    return {
        (node.id, name): node.get_param(name).copy()
        for node in model.walk()
        for name in node.param_names
        if node.has_param(name)
    }


def set_params(model: Model[Any, Any], params: Mapping[tuple[int, str], FloatsXd]) -> None:
    """Put parameters back into the model they were copied from; others stay as they are."""
    for node in model.walk():
        for name in node.param_names:
            value = params.get((node.id, name))
            if value is not None:
                node.set_param(name, value)


@contextmanager
def averaged(model: Model[Any, Any], averages: Params | None) -> Iterator[None]:
    """Run with averaged weights, then put the current ones back.

    thinc's own `use_params` does not put them back after an exception, such as Ctrl-C in the
    middle of an evaluation.

    averages (Optional[Params]): `optimizer.averages`; None or empty changes nothing.
    """
    if not averages:
        yield
        return
    current = {
        (node.id, name): node.get_param(name)
        for node in model.walk()
        for name in node.param_names
        if (node.id, name) in averages
    }
    set_params(model, averages)
    try:
        yield
    finally:
        set_params(model, current)
