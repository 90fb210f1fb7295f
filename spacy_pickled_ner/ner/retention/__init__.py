"""Not forgetting: how the base's labels outlive a fine-tuning run on data that lacks them.

From what is decided to what is trained:

    modes.py           which mode, which NER: stack, replay or none
    relations.py       what the base's labels are to the data's: kept, renamed, or left open
    retention_plan.py  both decided, raw texts split, warnings; nothing is changed yet
    copying.py         copies of an NER: frozen ones to ask, new ones to train
    frozen_ners.py     what the base finds, alone and behind the NER that is trained
    replaying.py       gold out of what the base finds
    anchor.py          weights held near the base's while one NER learns something new
    preparing.py       the NER to train, its epochs, and the annotator to measure with
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
