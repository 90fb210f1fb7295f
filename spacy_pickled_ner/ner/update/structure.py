"""Check how a thinc model is built, by its forward functions, not by names."""

from __future__ import annotations

from typing import Any

import numpy
from numpy.typing import NDArray
from thinc.api import NumpyOps
from thinc.layers.chain import forward as chain_forward

# A thinc Model. Its arrays have types of thinc's own, which numpy's functions do not take.
Layer = Any
# Shapes and dtypes are in the docstrings, in thinc's words.
Array = NDArray[Any]


def flat(model: Layer) -> list[Layer]:
    """List the layers of a chain, and of the chains in it, in order."""
    if model._func is not chain_forward:
        return [model]
    return [layer for child in model.layers for layer in flat(child)]


def kinds(layers: list[Layer]) -> list[str]:
    """Return the modules of the layers' forward functions, e.g. "thinc.layers.maxout"."""
    return [layer._func.__module__.removeprefix("thinc.layers.") for layer in layers]


def is_on_cpu(model: Layer) -> bool:
    """Return True if a model only uses thinc's numpy ops and writable arrays."""
    return all(
        type(node.ops) is NumpyOps
        and not node.shims
        and node._params.proxy is None
        and all(_is_plain(node.maybe_get_param(name)) for name in node.param_names)
        for node in model.walk()
    )


def _is_plain(param: Any) -> bool:
    return param is None or (
        isinstance(param, numpy.ndarray)
        and param.dtype == numpy.float32
        and param.flags.c_contiguous
        and param.flags.writeable
    )
