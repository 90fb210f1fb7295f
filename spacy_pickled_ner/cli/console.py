"""The console output of a run: plan, a row per evaluation, a progress bar, scores."""

from __future__ import annotations

from typing import Any

from spacy.training.loggers import setup_table
from tqdm import tqdm
from wasabi import msg
from wasabi.tables import row

from ..training import FineTuneResult, TrainingListener
from ..training.plan import Plan
from ..training.progress import Evaluation, Progress
from ..wording import counted
from .text import print_heading

COLUMNS = {"E": 3, "#": 6, "Loss": 9, "ents_f": 6, "ents_p": 6, "ents_r": 6, "Score": 6, "Best": 4}
SPACING = 2
# A larger loss of old-label F is a warning.
LARGE_DROP = 0.03
TIMES = {
    "reading": "read_s",
    "preparing": "prepare_s",
    "updates": "train_s",
    "evaluations": "eval_s",
    "checkpoints": "checkpoint_s",
}


class ConsoleListener(TrainingListener):
    """Prints a run in the style of `spacy train`.

    monitor (str): The metric in the Score column.
    eval_frequency (int): Updates between evaluations, for the bar; 0 if unknown.
    """

    def __init__(self, *, monitor: str, eval_frequency: int):
        self.monitor = monitor
        self.eval_frequency = eval_frequency
        self._bar: tqdm[Any] | None = None
        widths = list(COLUMNS.values())
        self._header, self._widths, _ = setup_table(cols=list(COLUMNS), widths=widths)

    def on_start(self, plan: Plan) -> None:
        """Print labels, data and retention."""
        print_heading("Fine-tuning NER")
        train = plan.reports["train"]
        msg.info(f"Base: {plan.base_name} ({', '.join(plan.nlp.component_names) or 'blank'})")
        msg.info(f"Trained labels: {', '.join(plan.labels)} (new: {_listed(plan.new_labels)})")
        self._print_retention(plan)
        words = "streamed" if plan.stream else counted(train.words, "word")
        msg.info(_size("Train", train.texts, words, counted(train.spans, "entity")))
        if "dev" in plan.reports:
            dev = plan.reports["dev"]
            split = ", split off the training data" if plan.dev_is_split else ""
            entities = counted(dev.spans, "entity") + split
            msg.info(_size("Dev", dev.texts, counted(dev.words, "word"), entities))
        for warning in plan.warnings:
            msg.warn(warning)
        self._print_row(self._header)
        self._print_row(["-" * width for width in self._widths])

    def on_resume(self, progress: Progress) -> None:
        """Print where the run resumes."""
        msg.good(f"Resuming after step {progress.step} (epoch {progress.epoch})")

    def _print_retention(self, plan: Plan) -> None:
        choice, raw = plan.retention.choice, plan.retention.raw
        if plan.component not in plan.nlp.component_names:
            place = f" (before {', '.join(choice.others)})" if choice.others else ""
            msg.info(f"New component: {plan.component}{place}")
        if plan.old_labels and choice.mode == "none":
            msg.warn(
                f"Old labels, likely to be forgotten: {', '.join(plan.old_labels)}",
                "Other components do not change.",
            )
        elif plan.old_labels:
            msg.info(
                f"Old labels kept with {choice.mode!r}: {', '.join(plan.old_labels)} ({choice.why})"
            )
        if raw:
            msg.info(_size("Raw text", len(raw), counted(sum(map(len, raw)), "word")))

    def on_step(self, step: int, epoch: int, loss: float) -> None:
        """Move the bar."""
        if self._bar is None:
            # disable=None: no bar where nobody watches (pipes, CI).
            self._bar = tqdm(
                total=self.eval_frequency or None, disable=None, leave=False, unit="step"
            )
            self._bar.set_description(f"Epoch {epoch}")
        self._bar.update()

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Print a row."""
        self._close_bar()
        metrics = evaluation.metrics
        cells = [
            str(evaluation.epoch),
            str(evaluation.step),
            "-" if evaluation.loss is None else f"{evaluation.loss:.2f}",
            *(_percent(metrics.get(name)) for name in ("ents_f", "ents_p", "ents_r")),
            _score(self.monitor, metrics.get(self.monitor)),
            "*" if evaluation.improved else "",
        ]
        self._print_row(cells)

    def on_end(self, result: FineTuneResult) -> None:
        """Print why the run ended, and the scores."""
        self._close_bar()
        explanation = result.stop_explanation
        msg.info(explanation[0].upper() + explanation[1:])
        if result.scores:
            before = result.baseline_per_label
            print_scores(result.per_label, result.scores, before, result.baseline_scores)
        if result.scores and result.best_step == 0:
            is_there = result.component in result.nlp.component_names
            kept = "its weights are kept" if is_there else "no second NER is added"
            msg.warn(f"No evaluation was better than the base: {kept}")
        print_retention(result)
        print_time_and_memory(result)
        if result.frozen_unchanged:
            msg.good("All other components are unchanged (same digests)")
        else:
            msg.warn("Another component changed during training: please report this as a bug")

    def _print_row(self, cells: list[str]) -> None:
        print(row(cells, widths=self._widths, aligns="r", spacing=SPACING), flush=True)

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def print_retention(result: FineTuneResult) -> None:
    """Print old-label scores before and after training."""
    if result.retention is None:
        if result.labels["old"]:
            msg.info(
                "Old-label scores are unknown: the base predicts none of them in these texts "
                "(see --retention-dev)"
            )
        return
    before, after = (result.retention[key]["ents_f"] for key in ("before", "after"))
    if result.retention["measured_on"].startswith("gold"):
        said = f"Old labels, on gold: F {_percent(before)} before, {_percent(after)} after"
    else:
        said = (
            f"Old labels: F {_percent(after)} in {result.retention['measured_on']} (for scores on "
            "gold: --retention-dev)"
        )
    if before - after <= LARGE_DROP or result.settings["stream"]:
        msg.info(said)
    elif result.retention_mode["mode"] == "none":
        msg.warn(said, "To keep them, use --retention auto, stack or replay.")
    elif not result.retention_mode["raw_texts"]:
        msg.warn(said, "To keep them much better, use --raw-text.")
    else:
        msg.warn(
            said,
            "To keep more, use more raw text, similar to the texts that the base was trained on.",
        )


def print_time_and_memory(result: FineTuneResult) -> None:
    """Print time and memory. Parts under 0.05 seconds are not shown."""
    seconds = {name: result.timing[key] for name, key in TIMES.items()}
    parts = ", ".join(f"{name} {spent:.1f} s" for name, spent in seconds.items() if spent >= 0.05)
    peak = result.memory["peak_mb"]
    memory = "" if peak is None else f"; {peak:.0f} MB peak memory"
    spent = f"{result.timing['total_s']:.1f} s"
    msg.info(f"Took {spent}{f' ({parts})' if parts else ''}{memory}")


def print_scores(
    per_label: dict[str, dict[str, float]],
    scores: dict[str, Any],
    before: dict[str, dict[str, float]] | None = None,
    scores_before: dict[str, Any] | None = None,
) -> None:
    """Print P, R, F and support per label and in total, and F before if it is known."""
    header = ["Label", "P", "R", "F", "Support"]
    rows = [
        [label, *(_percent(prf[key]) for key in ("p", "r", "f")), str(int(prf["support"]))]
        for label, prf in per_label.items()
    ]
    if before is not None:
        header.append("F before")
        for row in rows:
            row.append(_percent(before[row[0]]["f"]) if row[0] in before else "")
    total = int(sum(prf["support"] for prf in per_label.values()))
    names = ("ents_p", "ents_r", "ents_f")
    rows.append(["all", *(_percent(scores[name]) for name in names), str(total)])
    if scores_before is not None:
        rows[-1].append(_percent(scores_before["ents_f"]))
    aligns = ["l"] + ["r"] * (len(header) - 1)
    print()
    msg.table(rows, header=header, divider=True, aligns=aligns)


def _size(part: str, texts: int, *more: str) -> str:
    return f"{part}: {', '.join([counted(texts, 'text'), *more])}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"


def _score(metric: str, value: float | None) -> str:
    """Format the monitored metric: scores as percentages, a loss as it is."""
    if value is None or metric.rsplit(".", 1)[-1].endswith("loss"):
        return "-" if value is None else f"{value:.2f}"
    return _percent(value)


def _listed(labels: tuple[str, ...]) -> str:
    return ", ".join(labels) or "none"
