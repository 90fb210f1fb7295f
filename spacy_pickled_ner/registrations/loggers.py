"""`@loggers`: what ends stock `spacy train`."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from spacy.language import Language

from ..early_stopping import EarlyStopping

# As `training.tracking` has it, which is heavy to import.
Logger = Callable[[Language, IO[str], IO[str]], tuple[Callable[..., Any], Callable[[], None]]]


def create_early_stopping_logger(
    early_stopping: EarlyStopping | None = None,
    logger: Logger | None = None,
    path: str | Path | None = None,
) -> Logger:
    """`@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"`: see `early_stopping_logger`."""
    from ..loggers import early_stopping_logger

    return early_stopping_logger(early_stopping or EarlyStopping(), logger=logger, path=path)
