"""Run with console output, then write the files: for `fine-tune`, `train` and `demo`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from wasabi import msg

from ..early_stopping import EarlyStopping, StopReason
from ..training import FineTuneResult, FineTuning
from ..training.tracking import log_artifacts
from .console import ConsoleListener
from .outputs import Outputs

if TYPE_CHECKING:
    from spacy.language import Language

    from ..training.plan import Plan
    from ..training.progress import Evaluation
    from ..ty import Logger


class _CheckingConsole(ConsoleListener):
    """A console that checks before the first update that the result can be saved."""

    def __init__(self, *, monitor: str, eval_frequency: int, format: str):  # noqa: A002
        super().__init__(monitor=monitor, eval_frequency=eval_frequency)
        self.format = format
        self.unchecked: Language | None = None

    def on_start(self, plan: Plan) -> None:
        super().on_start(plan)
        self.unchecked = plan.nlp

    def on_evaluation(self, evaluation: Evaluation) -> None:
        super().on_evaluation(evaluation)
        if self.unchecked is not None:
            from ..model_file.saving import check_savable

            check_savable(self.unchecked, format=self.format)
            self.unchecked = None


def run_and_write(tuning: FineTuning, outputs: Outputs) -> FineTuneResult:
    """Run, print and write. An interrupted run writes its best weights so far.

    tuning (FineTuning): The run.
    outputs (Outputs): The output files, checked.
    RETURNS (FineTuneResult): The result.
    """
    policy = tuning.early_stopping or EarlyStopping()
    by_epoch = policy.patience_unit == "epochs"
    console = _CheckingConsole(
        monitor=policy.monitor,
        eval_frequency=0 if by_epoch else tuning.eval_frequency,
        format=outputs.format,
    )
    # The logger's run stays open until the files are added to it.
    with tuning.tracked(console) as listener:
        untracked = dataclasses.replace(tuning, logger=None)
        result = untracked.run(listener=listener, keep_checkpoint=True)
        interrupted = result.stop_reason is StopReason.INTERRUPTED
        if interrupted:
            msg.warn("Interrupted: writing the best weights so far")
        outputs.write(result)
        if tuning.logger is not None:
            log_artifacts(outputs.paths())
    if not interrupted:
        tuning.remove_checkpoint()
    elif tuning.checkpoint_dir is not None:
        msg.info(f"Run the same command again to resume from {tuning.checkpoint_dir}")
    return result


def make_logger(name: str | None) -> Logger | None:
    """Create a registered logger that needs no settings.

    name (Optional[str]): E.g. "spacy.MLflowLogger.v2".
    RETURNS (Optional[Logger]): The logger; None for None.
    RAISES (MissingExtraError): The package of the logger is not installed.
    RAISES (SettingsError): The logger needs settings.
    """
    if name is None:
        return None
    from spacy.util import registry

    from ..errors import MissingExtraError, SettingsError

    make = registry.get("loggers", name)
    try:
        logger: Logger = make()
    except ImportError as err:
        raise MissingExtraError(f"the logger {name}", extra="mlflow") from err
    except TypeError as err:
        allowed = "a logger that needs no settings; for others, use a [pickled_ner.logger] block"
        raise SettingsError("--logger", name, allowed) from err
    return logger
