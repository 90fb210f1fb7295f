"""The shapes of the parameters of spaCy's and thinc's layers, by their dimensions.

Compiled code takes the dimensions at their word: a parameter that is smaller than they say would be
read beyond its end. Thinc itself does not check this when it loads a model.
"""

from __future__ import annotations

from typing import Any, Final

from thinc.api import Model

_Shape = tuple["str | int", ...]

_AFFINE: Final[dict[str, _Shape]] = {"W": ("nO", "nI"), "b": ("nO",)}

_SHAPES: Final[dict[str, dict[str, _Shape]]] = {
    "charembed": {"E": ("nC", "nV", "nM")},
    "clipped_linear": _AFFINE,
    "cauchy_similarity": {"W": (1, "nI")},
    "dish": _AFFINE,
    "embed": {"E": ("nV", "nO")},
    "gelu": _AFFINE,
    "hardswish": _AFFINE,
    "hardswishmobilenet": _AFFINE,
    "hashembed": {"E": ("nV", "nO")},
    "layernorm": {"G": ("nO",), "b": ("nO",)},
    "linear": _AFFINE,
    "maxout": {"W": ("nO", "nP", "nI"), "b": ("nO", "nP")},
    "mish": _AFFINE,
    "multisoftmax": _AFFINE,
    "para-attn": {"Q": ("nO",)},
    "precomputable_affine": {
        "W": ("nF", "nO", "nP", "nI"),
        "b": ("nO", "nP"),
        "pad": (1, "nF", "nO", "nP"),
    },
    "relu": _AFFINE,
    "sigmoid": _AFFINE,
    "softmax": _AFFINE,
    "static_vectors": {"W": ("nO", "nM")},
    "swish": _AFFINE,
}


def expected_shape(layer: str, param: str, node: Model[Any, Any]) -> tuple[int, ...]:
    """Work out the shape of a parameter.

    layer (str): Name of the layer, as the architecture that built it gave it.
    param (str): Name of the parameter.
    node (Model): The layer, with its dimensions set.
    RETURNS (Tuple[int, ...]): The shape.
    RAISES (ValueError): The layer is not one of spaCy's or thinc's, or lacks a dimension.
    """
    if layer == "sparse_linear":
        n_outputs = node.get_dim("nO")
        return (n_outputs * node.get_dim("length"),) if param == "W" else (n_outputs,)
    try:
        shape = _SHAPES[layer][param]
    except KeyError:
        raise ValueError(f"the layer {layer} is not one of spaCy's") from None
    return tuple(node.get_dim(size) if isinstance(size, str) else size for size in shape)
