"""`@loggers`: the logger that ends stock `spacy train`."""

from pathlib import Path

from ..early_stopping import EarlyStopping
from ..ty import Logger


def create_early_stopping_logger(
    early_stopping: EarlyStopping | None = None,
    logger: Logger | None = None,
    path: str | Path | None = None,
) -> Logger:
    """`@loggers = "spacy-pickled-ner.EarlyStoppingLogger.v1"`: see `early_stopping_logger`."""
    from ..spacy_train import early_stopping_logger

    return early_stopping_logger(early_stopping or EarlyStopping(), logger=logger, path=path)
