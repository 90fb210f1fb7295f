"""`@misc`: the training loop. `EarlyStopping.v1` is the class itself, see pyproject.toml."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from thinc.api import Optimizer

from ..early_stopping import EarlyStopping
from ..ty import Batcher, Corpus, Logger


def create_fine_tuning(
    base: str,
    train: str | Path | Corpus,
    dev: str | Path | Corpus | None = None,
    retention_dev: str | Path | Corpus | None = None,
    raw_text: str | Path | None = None,
    component: str | None = None,
    early_stopping: EarlyStopping | None = None,
    optimizer: Optimizer | None = None,
    batcher: Batcher | None = None,
    dropout: float = 0.1,
    eval_frequency: int = 100,
    max_epochs: int = 0,
    max_steps: int = 20_000,
    seed: int = 0,
    name: str | None = None,
    retention: Literal["auto", "stack", "replay", "none"] = "auto",
    dev_fraction: float = 0.2,
    alignment_mode: Literal["strict", "contract", "expand"] = "strict",
    skip_invalid: bool = False,
    stream: bool = False,
    labels: Sequence[str] = (),
    gpu_id: int = -1,
    threads: int = 1,
    blas: Literal["numpy", "blis"] = "numpy",
    trusted: Sequence[str] = (),
    checkpoint_dir: str | Path | None = None,
    logger: Logger | None = None,
) -> Any:
    """`@misc = "spacy-pickled-ner.FineTuning.v1"`: see `FineTuning`."""
    settings = locals()
    from ..training import FineTuning

    return FineTuning(**settings)
