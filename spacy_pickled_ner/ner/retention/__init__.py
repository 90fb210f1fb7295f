"""Keep the old labels while an NER is trained on data that does not annotate them.

In the order of a run:

    modes.py           chooses the mode (stack, replay, none) and the NER to train
    relations.py       compares base labels with the data: kept, renamed, or open
    retention_plan.py  the plan: mode, relations, raw texts, warnings; changes nothing
    copying.py         copies of an NER: frozen ones to predict, new ones to train
    frozen_ners.py     predictions of the base, alone and behind the trained NER
    replaying.py       gold from the base's predictions
    anchor.py          pulls weights towards those of the base
    preparing.py       creates the NER to train, its epochs, and the annotator for scores
"""

from .modes import MODES, Choice, check_component
from .preparing import Prepared, prepare
from .retention_plan import RetentionPlan, plan_retention

__all__ = [
    "MODES",
    "Choice",
    "Prepared",
    "RetentionPlan",
    "check_component",
    "plan_retention",
    "prepare",
]
