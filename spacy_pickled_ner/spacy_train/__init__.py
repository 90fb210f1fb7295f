"""Our parts inside spaCy's own training loop, each for a block of a config.

    callbacks.py   start from a base, and leave a model file behind
    completing.py  a corpus whose texts are completed with what a base finds in them
    rehearsing.py  replay of a base's labels before each update
    logger.py      ends the run by our policy, and wraps any other logger

The other way round, our loop told to a logger of spaCy's, is `training.tracking`.
"""

from .logger import TrainingStopped, early_stopping_logger

__all__ = ["TrainingStopped", "early_stopping_logger"]
