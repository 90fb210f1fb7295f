"""A thinc model in a file: its structure as JSON, each parameter as an array of its own.

`Model.to_bytes` packs everything into one piece, which has to be copied and decoded whole. Kept
apart, parameters can be used where they lie, and are compared with the model before they get in.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from thinc.api import Model
from thinc.model import deserialize_attr, serialize_attr

from ...container.sections import Section, Sections, array_section, json_section
from ...errors import UnsafeFileError
from ...msgpack import walk_msgpack
from ..guards.shapes import expected_shape

_MAX_INT: Final = 2**63


def model_sections(prefix: str, model: Model[Any, Any]) -> Iterator[Section]:
    """Turn a model into sections.

    prefix (str): The prefix of its section names.
    model (Model): The model.
    YIELDS (Section): Structure first, then parameters; these are not copied.
    """
    nodes = list(model.walk())
    index = {node.id: i for i, node in enumerate(nodes)}
    structure: list[dict[str, Any]] = []
    parts: list[Section] = []
    for i, node in enumerate(nodes):
        attrs, packed = _split_attrs(node)
        params = {name: bool(node.has_param(name)) for name in node.param_names}
        dims = {name: node.get_dim(name) if node.has_dim(name) else None for name in node.dim_names}
        structure.append(
            {
                "name": node.name,
                "dims": dims,
                "refs": {name: _ref_index(node, name, index) for name in node.ref_names},
                "attrs": attrs,
                "packed": list(packed),
                "params": params,
                "shims": len(node.shims),
            }
        )
        parts += [Section(f"{prefix}/{i}/attrs/{name}", data) for name, data in packed.items()]
        parts += [
            array_section(f"{prefix}/{i}/{name}", node.ops.to_numpy(node.get_param(name)))
            for name, is_set in params.items()
            if is_set
        ]
        parts += [
            Section(f"{prefix}/{i}/shims/{n}", shim.to_bytes()) for n, shim in enumerate(node.shims)
        ]
    yield json_section(f"{prefix}.json", structure)
    yield from parts


def _split_attrs(node: Model[Any, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the attributes of a layer that JSON can store, and the others as bytes."""
    plain: dict[str, Any] = {}
    packed: dict[str, bytes] = {}
    for name, value in node.attrs.items():
        if _is_json(value):
            plain[name] = value
        elif type(value) is set and all(type(item) is int for item in value):
            # Unseen classes. spaCy does not save them, and may predict them after loading.
            if value:
                plain[name] = sorted(value)
        else:
            # A function, for example, is not saved: thinc does not save it either.
            with contextlib.suppress(TypeError):
                packed[name] = serialize_attr(value, value, name, node)
    return plain, packed


def _ref_index(node: Model[Any, Any], name: str, index: dict[int, int]) -> int | None:
    return index[node.get_ref(name).id] if node.has_ref(name) else None


def _is_json(value: Any) -> bool:
    """Return True if JSON restores the same as thinc's msgpack. A tuple is a list in both."""
    if value is None or type(value) in (bool, str):
        return True
    if type(value) is int:
        return -_MAX_INT <= value < _MAX_INT
    if type(value) is float:
        return math.isfinite(value)
    if type(value) in (list, tuple):
        return all(_is_json(item) for item in value)
    if type(value) is dict:
        return all(type(key) is str and _is_json(item) for key, item in value.items())
    return False


def restore_model(
    model: Model[Any, Any], prefix: str, sections: Sections, *, trusted: bool = False
) -> None:
    """Put the structure and parameters of a file into a model of the same architecture.

    model (Model): The model, as its config builds it.
    prefix (str): The prefix of its section names.
    sections (Sections): The file. Parameters become views of it.
    trusted (bool): True if the caller trusts the code that built the model. Only then may it have
        shims, layers that are not spaCy's, or parameters that are not float32.
    RAISES (UnsafeFileError): They do not fit the model ("model-mismatch").
    """
    structure = sections.json(f"{prefix}.json")
    nodes = list(model.walk())
    if not isinstance(structure, list) or len(structure) != len(nodes):
        raise _mismatch(prefix, "it has another number of layers")
    for i, (node, info) in enumerate(zip(nodes, structure, strict=True)):
        where = f"{prefix}/{i}"
        try:
            _restore_refs(node, _typed(info["refs"], dict), nodes)
            _restore_node(node, info, where, sections, trusted)
        except UnsafeFileError:
            raise
        except (KeyError, TypeError, ValueError) as err:
            raise _mismatch(where, str(err)) from err


def _restore_node(
    node: Model[Any, Any], info: dict[str, Any], where: str, sections: Sections, trusted: bool
) -> None:
    layer, node.name = node.name, _typed(info["name"], str)
    _restore_dims(node, _typed(info["dims"], dict))
    _restore_attrs(node, info, where, sections, trusted)
    params = _read_params(node, _typed(info["params"], dict), where, sections)
    for name, array in params.items():
        if array is not None and not trusted:
            _check_param(node, layer, name, array)
        node.set_param(name, array)
    if info["shims"] != len(node.shims) or (node.shims and not trusted):
        raise ValueError("other shims")
    for n, shim in enumerate(node.shims):
        shim.from_bytes(bytes(sections[f"{where}/shims/{n}"]))


def _mismatch(where: str, reason: str) -> UnsafeFileError:
    return UnsafeFileError(
        f"the weights in the model file do not fit its config ({ascii(where)[1:-1][:200]}): "
        f"{ascii(reason)[1:-1][:200]}",
        code="model-mismatch",
    )


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}")
    return value


def _restore_dims(node: Model[Any, Any], dims: dict[str, Any]) -> None:
    if dims.keys() != {*node.dim_names}:
        raise ValueError("other dimensions")
    for name, size in dims.items():
        if size is not None:
            if type(size) is not int or size < 0:
                raise ValueError(f"an unusable dimension {name}")
            node.set_dim(name, size)


def _restore_refs(
    node: Model[Any, Any], refs: dict[str, Any], nodes: list[Model[Any, Any]]
) -> None:
    for name, i in refs.items():
        if i is not None and (type(i) is not int or not 0 <= i < len(nodes)):
            raise ValueError(f"an unusable reference {name}")
        node.set_ref(name, None if i is None else nodes[i])


def _restore_attrs(
    node: Model[Any, Any], info: dict[str, Any], where: str, sections: Sections, trusted: bool
) -> None:
    attrs: dict[str, Any] = {**_typed(info["attrs"], dict)}
    for name in _typed(info["packed"], list):
        data = bytes(sections[f"{where}/attrs/{name}"])
        if not trusted:
            walk_msgpack(data, f"{where}/attrs/{name}")
        attrs[name] = deserialize_attr(node.attrs.get(name), data, name, node)
    for name, value in attrs.items():
        built = node.attrs.get(name)
        if callable(built):
            raise ValueError(f"the attribute {name} is a function")
        node.attrs[name] = set(_typed(value, list)) if type(built) is set else value


def _read_params(
    node: Model[Any, Any], params: dict[str, Any], where: str, sections: Sections
) -> dict[str, Any]:
    if params.keys() != {*node.param_names}:
        raise ValueError("other parameters")
    ops: Any = node.ops
    return {
        name: ops.asarray(sections.array(f"{where}/{name}")) if present else None
        for name, present in params.items()
    }


def _check_param(node: Model[Any, Any], layer: str, name: str, array: Any) -> None:
    if array.dtype != np.float32:
        raise ValueError(f"the parameter {name} is not float32")
    if array.shape != expected_shape(layer, name, node):
        raise ValueError(f"the parameter {name} has another shape")
