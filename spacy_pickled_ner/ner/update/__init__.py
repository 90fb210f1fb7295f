"""NER updates several times faster, for NERs that are built as spaCy's own are.

Everything here computes what spaCy and thinc compute, up to the order in which numbers are added;
dropout masks are drawn in another way, with the same distribution. It leans on how their models are
built. Each part looks at what it gets, and where that is not as expected the official way is taken.

    updates.py    gradients of a batch and the optimizer's step, fast or official
    update.py     one update: forward and backward pass, and the loss
    structure.py  tells whether a model is built as expected
    oracle.py     an example's gold, as an update needs it
    moves.py      spaCy's moves as tables
    reading.py    reads a batch at once, and only the inside of entities step by step
    states.py     the layers that score states
    tok2vec.py    token vectors, by embedding.py, layers.py and tables.py
    adam.py       Adam's step; waiting.py: for rows that had no gradient for some steps
"""

from .adam import FastAdam, can_step
from .update import FastUpdate, can_update
from .updates import Updates

__all__ = ["FastAdam", "FastUpdate", "Updates", "can_step", "can_update"]
