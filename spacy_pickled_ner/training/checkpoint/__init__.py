"""Going on where a killed run was, to the same bytes that it would have ended with.

    state.py        what a run changes, and all of it at one step as plain data
    file.py         that in a file: our own format, written atomically, read without `pickle`
    fingerprint.py  which run it is: settings, data, base and versions, and what differs
    keeper.py       when to write it, and what the training loop sees of all this

It knows nothing of the loop.
"""

from .fingerprint import describe_run
from .keeper import CheckpointKeeper, has_checkpoint, remove_checkpoint
from .state import RunState

__all__ = ["CheckpointKeeper", "RunState", "describe_run", "has_checkpoint", "remove_checkpoint"]
