"""Our training loop: settings → plan → loop with early stopping → measured result.

    fine_tuning.py  the front door: `fine_tune()` and `FineTuning`
    settings.py     the settings of a run, checked when they are given
    config.py       the same as a block of a spaCy config; defaults.py has optimizer and batcher
    running.py      a run, from base to result
    planning.py     reads base and data, and makes the plan.py of a run
    streaming.py    training data that is read while it is trained on
    loop.py         updates and evaluations until the policy says stop; keeps the best weights
    progress.py     counters, clocks and the history of evaluations
    measuring.py    scores before, during and after
    listener.py     gets the events of a run; tracking.py passes them on to spaCy's loggers
    checkpoint/     resuming an interrupted run
    frozen.py       checks that training changed only the NER
    result.py       the result, as objects and as plain data; record.py puts it into the meta

The NER itself, its data and its updates are in `ner/`.
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
