"""Copy and restore the weights of a model, and swap in averaged weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from thinc.api import Model
from thinc.types import FloatsXd

# By node id and parameter name, as thinc's optimizers key them.
Params = dict[tuple[int, str], FloatsXd]


@dataclass(frozen=True)
class Snapshot:
    """The state of an NER's model: everything in training that affects its predictions.

    params (Dict[Tuple[int, str], FloatsXd]): Copies of the parameters.
    unseen_classes (FrozenSet[int]): Classes without gold so far, which are never predicted. spaCy
        stores them beside the parameters.
    """

    params: Params
    unseen_classes: frozenset[int]

    @classmethod
    def take(cls, model: Model[Any, Any]) -> Snapshot:
        """Copy the model's parameters and unseen classes."""
        seen = cls.view(model)
        params = {key: value.copy() for key, value in seen.params.items()}
        return cls(params, seen.unseen_classes)

    @classmethod
    def view(cls, model: Model[Any, Any]) -> Snapshot:
        """Use the parameters without a copy: the next update changes them."""
        params = {
            (node.id, name): node.get_param(name)
            for node in model.walk()
            for name in node.param_names
            if node.has_param(name)
        }
        return cls(params, frozenset(model.attrs.get("unseen_classes", ())))

    def restore(self, model: Model[Any, Any]) -> None:
        """Restore the model."""
        set_params(model, self.params)
        if "unseen_classes" in model.attrs:
            model.attrs["unseen_classes"] = set(self.unseen_classes)


def set_params(model: Model[Any, Any], params: Mapping[tuple[int, str], FloatsXd]) -> None:
    """Restore copied parameters of a model; others do not change."""
    for node in model.walk():
        for name in node.param_names:
            value = params.get((node.id, name))
            if value is not None:
                node.set_param(name, value)


def clear_gradients(model: Model[Any, Any]) -> None:
    """Set all gradients to zero. An earlier training may have left some."""
    for node in model.walk():
        for name in node.param_names:
            if node.has_grad(name):
                node.set_grad(name, node.ops.alloc(node.get_grad(name).shape, dtype="float32"))


@contextmanager
def averaged(model: Model[Any, Any], averages: Params | None) -> Iterator[None]:
    """Use averaged weights in a block, then restore the current ones.

    thinc's own `use_params` does not restore them after an exception, e.g. Ctrl-C in an evaluation.

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
