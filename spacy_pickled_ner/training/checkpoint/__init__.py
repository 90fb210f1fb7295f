"""Going on where a killed run was, to the same bytes that it would have ended with.

state.py        all that a run is made of at one step, as plain data
file.py         that in a file: our own format, written atomically, read without `pickle`
fingerprint.py  which run it is: settings, data, base and versions, and what differs
keeper.py       when to write it, and what the training loop sees of all this
"""

from .fingerprint import describe_run
from .keeper import CheckpointKeeper, has_checkpoint, remove_checkpoint

__all__ = ["CheckpointKeeper", "describe_run", "has_checkpoint", "remove_checkpoint"]
