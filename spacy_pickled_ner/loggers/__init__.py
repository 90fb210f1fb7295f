"""Loggers of ours for spaCy's loop. The other way round, see `training.tracking`.

early_stopping.py   inside stock `spacy train`: wraps any logger, and ends the run by the policy
metrics.py          what the loop tells a logger, in the names that a policy can watch
"""

from .early_stopping import TrainingStopped, early_stopping_logger

__all__ = ["TrainingStopped", "early_stopping_logger"]
