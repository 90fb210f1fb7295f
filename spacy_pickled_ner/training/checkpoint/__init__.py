"""Resume an interrupted run. The result has the same bytes as without the interruption.

    state.py        the state of a run, and a copy of it as plain data
    file.py         the state in a file: our own format, written atomically, read without `pickle`
    fingerprint.py  identifies a run by settings, data, base and versions, and lists differences
    keeper.py       decides when to write; the interface of the training loop

Nothing here imports the loop.
"""

from .fingerprint import describe_run
from .keeper import CheckpointKeeper, has_checkpoint, remove_checkpoint
from .state import RunState

__all__ = ["CheckpointKeeper", "RunState", "describe_run", "has_checkpoint", "remove_checkpoint"]
