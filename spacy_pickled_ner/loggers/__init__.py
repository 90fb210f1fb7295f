"""Between spaCy's loggers and our policy and loop.

    early_stopping.py   inside stock `spacy train`: wraps any logger, and ends the run by the policy

`cli` and `registrations` use this room; nothing else of ours knows spaCy's loggers.
"""

from .early_stopping import TrainingStopped, early_stopping_logger

__all__ = ["TrainingStopped", "early_stopping_logger"]
