"""The default optimizer and batcher, as config blocks.

`fine_tune()` resolves these blocks, and `--save-config` writes them.
"""

from __future__ import annotations

from typing import Any

from spacy.util import registry
from thinc.api import Optimizer

from ..ty import Batcher

OPTIMIZER: dict[str, Any] = {
    "@optimizers": "Adam.v1",
    "learn_rate": 0.001,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "L2": 0.01,
    "L2_is_weight_decay": True,
    "grad_clip": 1.0,
    "use_averages": True,
}

BATCHER: dict[str, Any] = {
    "@batchers": "spacy.batch_by_words.v1",
    "size": {"@schedules": "compounding.v1", "start": 100, "stop": 1000, "compound": 1.001},
    "tolerance": 0.2,
    "discard_oversize": False,
    "get_length": None,
}


def make_optimizer() -> Optimizer:
    """Create an optimizer: Adam with averaged weights."""
    optimizer = registry.resolve({"optimizer": OPTIMIZER})["optimizer"]
    assert isinstance(optimizer, Optimizer)
    return optimizer


def make_batcher() -> Batcher:
    """Create a batcher: by words, from 100 to 1,000 words a batch."""
    batcher: Batcher = registry.resolve({"batcher": BATCHER})["batcher"]
    return batcher
