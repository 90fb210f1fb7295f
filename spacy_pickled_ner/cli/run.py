"""What `fine-tune`, `train` and `demo` share: run with a console, then write the files."""

from __future__ import annotations

from wasabi import msg

from ..early_stopping import EarlyStopping, StopReason
from ..training import FineTuneResult, FineTuning
from .console import ConsoleListener
from .outputs import Outputs


def run_and_write(tuning: FineTuning, outputs: Outputs) -> FineTuneResult:
    """Run, print, write; an interrupted run writes the best it had.

    tuning (FineTuning): The run.
    outputs (Outputs): Checked already.
    RETURNS (FineTuneResult): The result.
    """
    policy = tuning.early_stopping or EarlyStopping()
    by_epoch = policy.patience_unit == "epochs"
    listener = ConsoleListener(
        monitor=policy.monitor, eval_frequency=0 if by_epoch else tuning.eval_frequency
    )
    result = tuning.run(listener=listener, keep_checkpoint=True)
    interrupted = result.stop_reason is StopReason.INTERRUPTED
    if interrupted:
        msg.warn("Interrupted: writing the best weights so far")
    outputs.write(result)
    if not interrupted:
        tuning.remove_checkpoint()
    elif tuning.checkpoint_dir is not None:
        msg.info(f"The same command goes on from {tuning.checkpoint_dir}")
    return result
