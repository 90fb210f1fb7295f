"""A pipeline on annotated texts: how good it is, and where it is wrong.

    scoring.py     texts tokenised once, gold as sets, P/R/F
    confusion.py   which label is taken for which
    judging.py     single texts with what is right, wrong and missing in them
    evaluating.py  all of that for a pipeline and a file

It knows nothing of training.
"""

from .evaluating import evaluate
from .scoring import EntityScores, EvaluationSet

__all__ = ["EntityScores", "EvaluationSet", "evaluate"]
