"""Score a pipeline on annotated texts, and find its mistakes.

    scoring.py     precision, recall and F on tokenized texts
    confusion.py   which labels are confused
    judging.py     texts with right, wrong and missed entities
    evaluating.py  the scores of a pipeline on a file

Nothing here imports training code.
"""

from .evaluating import evaluate
from .scoring import EntityScores, EvaluationSet

__all__ = ["EntityScores", "EvaluationSet", "evaluate"]
