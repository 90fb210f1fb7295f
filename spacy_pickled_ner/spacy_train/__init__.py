"""Parts for spaCy's own training loop, each for a block of a config.

    callbacks.py   start from a base, and write a model file
    completing.py  a corpus that adds a base's predictions to its texts
    rehearsing.py  replay of the old labels before each update
    logger.py      ends the run by our policy, and wraps another logger

`training.tracking` is the opposite: it passes events of our loop to spaCy's loggers.
"""

from .logger import TrainingStopped, early_stopping_logger

__all__ = ["TrainingStopped", "early_stopping_logger"]
