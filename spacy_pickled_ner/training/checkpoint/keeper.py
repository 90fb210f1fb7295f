"""Find and write the checkpoint of one run.

Writing may take a fixed share of the time that updates have taken so far. So how often checkpoints
are written depends on model, disk and machine; the result does not depend on it.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

from ...errors import CheckpointError, ModelFileError, SaveError, TrainingError
from .file import read_checkpoint, write_checkpoint
from .fingerprint import Fingerprint, find_changes
from .state import RunState, capture, restore

logger = logging.getLogger("spacy_pickled_ner")

FILE_NAME = "checkpoint.pkl"
BUDGET = 0.02
# The expected cost before the first checkpoint: hash, write, sync to disk.
BYTES_PER_SECOND = 200e6
COPIES = 5  # weights, best weights, two moments, averages


class CheckpointKeeper:
    """The checkpoint of one run, in a folder of its own.

    folder (Path): Made when the first checkpoint is written.
    run (Fingerprint): Identifies the run.
    """

    def __init__(self, folder: Path, run: Fingerprint):
        self.path = folder / FILE_NAME
        self.run = run
        self._expected_cost: float | None = None

    def resume(self, state: RunState) -> bool:
        """Restore the state of a run from its checkpoint, before training begins.

        state (RunState): Ready for the first update.
        RETURNS (bool): True if there was a checkpoint.
        RAISES (CheckpointError): The checkpoint belongs to another run, or is damaged.
            (SaveError): The folder cannot be created.
        """
        self._check_possible(state)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise SaveError(f"cannot create the folder {self.path.parent}: {err.strerror}") from err
        if not self.path.exists():
            return False
        try:
            run, saved = read_checkpoint(self.path)
            changed = find_changes(run, self.run)
            if not changed:
                restore(state, saved)
        except (ModelFileError, TrainingError, KeyError, TypeError, ValueError) as err:
            said = str(err) if isinstance(err, ModelFileError) else f"{type(err).__name__}: {err}"
            raise CheckpointError(f"it cannot be read ({said})", path=self.path) from err
        if changed:
            raise CheckpointError(
                f"it belongs to another run: {'; '.join(changed)}", path=self.path, changed=changed
            )
        return True

    def save_if_due(self, state: RunState) -> None:
        """Write a checkpoint if the budget allows it.

        state (RunState): Between two updates.
        """
        seconds = state.progress.seconds
        spent = seconds.get("checkpoint", 0.0)
        if spent + self._cost(state) > BUDGET * seconds.get("train", 0.0):
            return
        began = time.perf_counter()
        try:
            with state.progress.timed("checkpoint"):
                write_checkpoint(self.path, self.run, capture(state))
        except SaveError as err:
            # A full disk must not end the run.
            logger.warning("skipped a checkpoint: %s", err)
        self._expected_cost = time.perf_counter() - began

    def _cost(self, state: RunState) -> float:
        if self._expected_cost is None:
            n_bytes = sum(array.nbytes for array in state.best.params.values())
            self._expected_cost = COPIES * n_bytes / BYTES_PER_SECOND
        return self._expected_cost

    def _check_possible(self, state: RunState) -> None:
        if any(node.shims for node in state.ner.model.walk()):
            raise CheckpointError(
                "this NER has layers of another framework (PyTorch …), whose training state cannot "
                "be saved: train without a checkpoint",
                path=self.path,
            )


def has_checkpoint(folder: Path) -> bool:
    """Return True if an interrupted run has left a checkpoint in the folder."""
    return (folder / FILE_NAME).is_file()


def remove_checkpoint(folder: Path) -> None:
    """Remove a checkpoint, and its folder if it is then empty.

    If the checkpoint cannot be removed, a warning is logged.
    """
    try:
        (folder / FILE_NAME).unlink(missing_ok=True)
    except OSError as err:
        logger.warning("cannot remove the checkpoint of this finished run: %s", err)
    with contextlib.suppress(OSError):
        folder.rmdir()
