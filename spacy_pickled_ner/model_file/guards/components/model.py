"""Check that a restored model is still the model of its config, with other weights.

thinc lets a file replace any attribute and any reference between layers, and compares no parameter
with the dimensions that compiled code goes by. A trained model differs from a new one in little.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from thinc.api import Model

from ..refuse import is_int, refuse
from ..shapes import expected_shape

MAX_NAME: Final = 100_000
_CODE: Final = "model-mismatch"


class ModelGuard:
    """Stores a model as its config built it, and compares it with the restored model.

    what (str): Name of the component, for errors.
    model (Model): The model, before it is restored.
    """

    def __init__(self, what: str, model: Model[Any, Any]):
        self.what = what
        self.model = model
        self.nodes = list(model.walk())
        self.names = [node.name for node in self.nodes]
        self.attrs = [{**node.attrs} for node in self.nodes]
        self.refs = [_refs(node) for node in self.nodes]

    def check(self) -> None:
        """Compare.

        RAISES (UnsafeFileError): The model has changed ("model-mismatch").
        """
        if len([*self.model.walk()]) != len(self.nodes):
            refuse(self.what, "its model has another structure", _CODE)
        trained = is_trained(self.model)
        parts = zip(self.nodes, self.names, self.attrs, self.refs, strict=True)
        for node, name, attrs, refs in parts:
            if type(node.name) is not str or len(node.name) > MAX_NAME or _refs(node) != refs:
                refuse(self.what, f"its layer {name} has other parts", _CODE)
            if node.attrs.keys() != attrs.keys():
                refuse(self.what, f"its layer {name} has other attributes", _CODE)
            for key, value in attrs.items():
                if not _may_become(node, key, value, node.attrs[key]):
                    refuse(self.what, f"its layer {name} has another {key}", _CODE)
            for param in node.param_names:
                self._check_param(node, name, param, trained)

    def _check_param(self, node: Model[Any, Any], name: str, param: str, trained: bool) -> None:
        if not node.has_param(param):
            if trained:
                refuse(self.what, f"its layer {name} lacks the parameter {param}", _CODE)
            return
        array: Any = node.get_param(param)
        try:
            shape = expected_shape(name, param, node)
        except ValueError as err:
            refuse(self.what, str(err), _CODE)
        if array.dtype != np.float32 or array.shape != shape or not array.flags.c_contiguous:
            refuse(self.what, f"its layer {name} has a {param} of another shape or type", _CODE)


def is_trained(model: Model[Any, Any]) -> bool:
    """Return True if a model has a parameter. Thinc does not run a layer without its parameters.

    model (Model): The model.
    RETURNS (bool): False for a model that was never initialized.
    """
    return any(node.has_param(name) for node in model.walk() for name in node.param_names)


def _refs(node: Model[Any, Any]) -> dict[str, int | None]:
    return {name: node.get_ref(name).id if node.has_ref(name) else None for name in node.ref_names}


def _may_become(node: Model[Any, Any], key: str, built: object, value: object) -> bool:
    """Return True if training can change one value of an attribute into another."""
    if value is built:
        return True
    if key == "dropout_rate":
        return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]
    if key == "seed":  # unless its config names one, each new layer gets its own
        return is_int(value, 0, 2**32 - 1)
    if key == "unseen_classes":
        n_classes = max((layer.maybe_get_dim("nO") or 0 for layer in node.layers), default=0)
        return isinstance(value, (set, list, tuple)) and all(
            is_int(label, 0, n_classes - 1) for label in value
        )
    return bool(_plain(value) == _plain(built))


def _plain(value: Any) -> Any:
    """Make values comparable, without differences that a file does not store."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return [(type(key).__name__, key, _plain(item)) for key, item in value.items()]
    return (type(value).__name__, value)
