"""Fast updates for NERs that are built like spaCy's own.

The results are those of spaCy and thinc, except for the order of sums. Dropout masks are drawn
differently, with the same distribution. The code relies on how their models are built. Each part
checks that, and uses spaCy's own code if a model is built differently.

    updates.py    gradients of a batch and the optimizer's step, fast or official
    update.py     one update: forward and backward pass, and the loss
    structure.py  checks how a model is built
    oracle.py     the gold of an example as arrays
    moves.py      spaCy's moves as tables
    reading.py    reads a batch at once; only the inside of entities step by step
    states.py     the layers that score states
    tok2vec.py    token vectors, by embedding.py, layers.py and tables.py
    adam.py       Adam's step; waiting.py: for rows that had no gradient for some steps
"""

from .adam import FastAdam, can_step
from .update import FastUpdate, can_update
from .updates import Updates

__all__ = ["FastAdam", "FastUpdate", "Updates", "can_step", "can_update"]
