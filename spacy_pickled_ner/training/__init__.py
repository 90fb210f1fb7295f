"""Fine-tune the NER of a pipeline: base → prepared NER → loop with early stopping → result.

    prepare.py    one NER to train: its own tok2vec, the new labels, resumed or fresh weights
    epochs.py     the examples of each epoch, as a function of seed and number
    loop.py       updates and evaluations until the policy says stop; keeps the best weights
    progress.py   counters, clocks and the history of evaluations
    checkpoint/   going on where a killed run was
    running.py    the story from base to result
    fine_tuning.py  its settings
    result.py     what comes out, as objects and as plain data

`model_file` and `annotations` know nothing of this package.
"""

from .fine_tuning import FineTuning, fine_tune
from .listener import TrainingListener
from .result import FineTuneResult

__all__ = [
    "FineTuneResult",
    "FineTuning",
    "TrainingListener",
    "fine_tune",
]
