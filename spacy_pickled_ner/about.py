"""The package's version, and the key under which a pipeline's meta keeps the training record."""

from __future__ import annotations

__version__ = "0.1.0"

META_KEY = "spacy_pickled_ner"

# The packages that affect the weights of a run.
PACKAGES = ("spacy-pickled-ner", "spacy", "thinc", "numpy")
