"""One update of an NER, with the backward pass of all its steps done at once.

A transition-based NER reads a batch in about a hundred small steps. spaCy runs the backward pass of
each step on its own; but what a step does next depends on the scores alone, so the gradients can
wait: here they are stacked and go back through each layer in one multiplication. The losses and
gradients are the same up to the order of summation (float32, about 1e-6 relative), and random
numbers are drawn in the same order.

This leans on how spaCy builds the model of its NER. `make_update` looks at the model it gets and
falls back to the component's own `update` wherever that is not what is written here. After
`spacy.pipeline.transition_parser.Parser.update` and `spacy.ml.parser_model`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy
from spacy.ml.parser_model import ParserStepModel  # type: ignore[import-not-found]
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from thinc.api import NumpyOps, set_dropout_rate

Update = Callable[[Sequence[Example]], float]

# spaCy's own constant: dropout between the layers of a step, whatever rate the caller gives.
STEP_DROPOUT = 0.1


def make_update(ner: EntityRecognizer, *, dropout: float) -> Update:
    """Make the function that updates an NER's gradients with a batch and returns the summed loss.

    ner (EntityRecognizer): The component.
    dropout (float): Dropout rate of its layers.
    RETURNS (Callable[[Sequence[Example]], float]): The faster one if the component is built as
        expected, else one that calls `ner.update`. The weights change by `ner.finish_update`.
    """
    if can_stack_steps(ner):
        return lambda examples: update_stacked(ner, examples, dropout=dropout)
    return lambda examples: update_stock(ner, examples, dropout=dropout)


def update_stock(ner: EntityRecognizer, examples: Sequence[Example], *, dropout: float) -> float:
    """Update by the component's own method.

    RETURNS (float): The summed loss.
    """
    losses: dict[str, float] = {}
    ner.update(examples, drop=dropout, losses=losses)
    return float(losses.get(ner.name, 0.0))


def can_stack_steps(ner: EntityRecognizer) -> bool:
    """Whether the component's model and settings are the ones that `update_stacked` is made for."""
    cfg, model = ner.cfg, ner.model
    if cfg.get("beam_width", 1) >= 2 or cfg.get("multitasks"):
        return False
    if model.name != "parser_model" or not model.attrs.get("has_upper") or len(model.layers) != 3:
        return False
    _, lower, upper = model.layers
    return bool(
        lower.name == "precomputable_affine"
        and lower.get_dim("nP") >= 2
        and upper.name == "linear"
        and all(isinstance(node.ops, NumpyOps) for node in model.walk())
        and hasattr(ner, "_init_gold_batch")
        and hasattr(ParserStepModel, "get_token_ids")
    )


def update_stacked(ner: EntityRecognizer, examples: Sequence[Example], *, dropout: float) -> float:
    """Update with the gradients of all steps stacked.

    RETURNS (float): The summed loss.
    """
    model = ner.model
    set_dropout_rate(model, dropout)
    states, golds, max_moves = _start(ner, examples)
    if not states:
        return 0.0
    tok2vec, lower, upper = model.layers
    tokvecs, backprop_tokvecs = tok2vec([eg.predicted for eg in examples], is_train=True)
    hidden, backprop_lower = lower(tokvecs, is_train=True)
    unseen = sorted(model.attrs["unseen_classes"])
    losses: dict[str, float] = {}
    forward = _make_forward(hidden, lower, upper, unseen)
    steps = []
    while states:
        scores, step = forward(states)
        d_scores = ner.get_batch_loss(states, golds, scores, losses)
        steps.append((*step, d_scores))
        ner.transition_states(states, scores)
        unfinished = [pair for pair in zip(states, golds, strict=True) if not pair[0].is_final()]
        states, golds = [state for state, _ in unfinished], [gold for _, gold in unfinished]
        if max_moves and len(steps) > max_moves:
            break
    ids, which, mask, vectors, d_scores = map(numpy.concatenate, zip(*steps, strict=True))
    d_scores[:, unseen] = 0.0
    d_vectors = _backprop_linear(upper, vectors, d_scores)
    d_vectors *= mask
    d_hidden = lower.ops.backprop_maxout(d_vectors, which, hidden.shape[3])
    d_features = backprop_lower((d_hidden, ids))
    # One more row takes what belongs to padding (id -1), and is left behind.
    d_tokvecs = lower.ops.alloc2f(tokvecs.shape[0] + 1, tokvecs.shape[1])
    lower.ops.scatter_add(d_tokvecs, ids.ravel(), d_features.reshape(ids.size, -1))
    backprop_tokvecs(d_tokvecs[:-1])
    return float(losses.get(ner.name, 0.0))


def _start(ner: EntityRecognizer, examples: Sequence[Example]) -> tuple[Any, Any, int]:
    cut = ner.cfg["update_with_oracle_cut_size"]
    if cut < 1:
        states, golds, _ = ner.moves.init_gold_batch(examples)
        return states, golds, 0
    max_moves = int(random.uniform(cut // 2, cut * 2))  # noqa: S311
    states, golds, _ = ner._init_gold_batch(examples, max_length=max_moves)
    return states, golds, max_moves


def _make_forward(hidden: Any, lower: Any, upper: Any, unseen: list[int]) -> Callable[[Any], Any]:
    """Make the forward pass of one step: states → scores, and what the backward pass needs.

    hidden (Floats4d): (words + 1, features, hidden width, pieces); row 0 is padding.
    """
    words, features, width, pieces = hidden.shape
    rows = hidden.reshape(words * features, width * pieces)
    # Token id i stands in row i + 1 of `hidden`, so that padding (-1) is row 0.
    offsets = numpy.arange(features) + features
    bias = lower.get_param("b").reshape(-1)
    weights, upper_bias = numpy.ascontiguousarray(upper.get_param("W").T), upper.get_param("b")
    reader = SimpleNamespace(state2vec=SimpleNamespace(nF=features))

    def forward(states: Any) -> Any:
        ids = ParserStepModel.get_token_ids(reader, states)
        found = rows.take(ids * features + offsets, axis=0)
        summed = found[:, 0] + bias
        for feature in range(1, features):
            summed += found[:, feature]
        vectors, which = lower.ops.maxout(summed.reshape(-1, width, pieces))
        mask = lower.ops.get_dropout_mask(vectors.shape, STEP_DROPOUT)
        vectors *= mask
        scores = vectors @ weights
        scores += upper_bias
        if unseen:
            scores[:, unseen] = scores.min()
        return scores, (ids, which, mask, vectors)

    return forward


def _backprop_linear(layer: Any, inputs: Any, d_outputs: Any) -> Any:
    layer.inc_grad("b", d_outputs.sum(axis=0))
    layer.inc_grad("W", layer.ops.gemm(d_outputs, inputs, trans1=True))
    return layer.ops.gemm(d_outputs, layer.get_param("W"))
