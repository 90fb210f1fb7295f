"""`pickled-ner fine-tune`: the main job from the command line."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failing import reported_errors
from .options import (
    CODE,
    FORCE,
    FORMAT,
    GPU_ID,
    METRICS,
    OUTPUT,
    REPORT,
    RESUME,
    Arg,
    FileFormat,
    Opt,
    import_user_code,
)

if TYPE_CHECKING:
    from ..early_stopping import EarlyStopping


# The options that are settings of a run under the same name, in the order of a saved config.
SETTINGS = (
    *("train", "dev", "retention_dev", "raw_text", "component", "dropout", "eval_frequency"),
    *("max_epochs", "max_steps", "seed", "name", "retention", "alignment_mode", "skip_invalid"),
    *("stream", "gpu_id", "threads", "blas"),
)


class Retention(str, Enum):
    """How labels of the base that the data does not annotate are kept."""

    auto = "auto"
    stack = "stack"
    replay = "replay"
    none = "none"


class AlignmentMode(str, Enum):
    """What to do with spans that do not begin and end with tokens."""

    strict = "strict"
    contract = "contract"
    expand = "expand"


def fine_tune_cli(
    base: str = Arg(..., help="Package name, directory, .pkl file, or blank:<language>"),
    train: Path = Arg(..., help="Annotated texts: .spacy, .jsonl, .json, .conll or .iob"),
    output: Path = OUTPUT,
    dev: Path | None = Opt(
        None,
        "--dev",
        "-d",
        help="Texts to score on; without it, a part of the training texts is split off",
    ),
    patience: int = Opt(
        10, "--patience", help="Stop after this many evaluations without a gain (0: never)"
    ),
    monitor: str = Opt(
        "ents_f",
        "--monitor",
        help="Metric to watch: ents_f, ents_p, ents_r, ents_per_type.LABEL.f, loss, retention",
    ),
    min_delta: float = Opt(
        0.0, "--min-delta", help="Gains up to this do not restore patience; scores are 0 to 1"
    ),
    eval_frequency: int = Opt(
        100, "--eval-frequency", help="Updates between evaluations (0: at the end of each epoch)"
    ),
    max_epochs: int = Opt(
        0, "--max-epochs", help="Passes over the training texts at most (0: no limit)"
    ),
    max_steps: int = Opt(20_000, "--max-steps", help="Updates at most (0: no limit)"),
    max_seconds: float | None = Opt(
        None, "--max-seconds", help="Seconds of training at most (0: no limit)"
    ),
    dropout: float = Opt(0.1, "--dropout", help="Dropout rate"),
    seed: int = Opt(
        0, "--seed", help="Seed of everything random; the same seed gives the same file"
    ),
    name: str | None = Opt(None, "--name", help="New name of the pipeline, for its meta"),
    component: str | None = Opt(
        None,
        "--component",
        help="Name of the NER to train, if there are several; with stack, a name for the new one, or the NER that it starts from",
    ),
    retention: Retention = Opt(
        Retention.auto,
        "--retention",
        help="How old labels are kept: stack puts a new NER in front of the base's, replay mixes in "
        "what the base finds itself, none does nothing; auto is stack if all labels are new, else "
        "replay",
    ),
    raw_text: Path | None = Opt(
        None,
        "--raw-text",
        help="Texts without annotation to keep old labels with: .jsonl, .json, .txt or .spacy",
    ),
    retention_dev: Path | None = Opt(
        None,
        "--retention-dev",
        help="Texts with the base's own labels, to measure what is forgotten",
    ),
    alignment_mode: AlignmentMode = Opt(
        AlignmentMode.strict,
        "--alignment-mode",
        help="Spans that cut tokens: strict leaves them out, the others move their edges",
    ),
    skip_invalid: bool = Opt(
        False, "--skip-invalid", help="Leave bad rows out, and count them, instead of failing"
    ),
    stream: bool = Opt(
        False,
        "--stream",
        help="Read the training texts while training, for more than fits into memory; needs --dev and --retention none",
    ),
    metrics: Path | None = METRICS,
    report: Path | None = REPORT,
    save_config: Path | None = Opt(
        None, "--save-config", help="Write a config for `pickled-ner train` that repeats this run"
    ),
    logger: str | None = Opt(
        None, "--logger", help="Also log to this logger of spaCy's, e.g. spacy.MLflowLogger.v2"
    ),
    file_format: FileFormat = FORMAT,
    resume: bool = RESUME,
    trust: list[str] = Opt(
        [],
        "--trust",
        help="For a .pkl base: allow this name, e.g. factories:my_component (repeatable)",
    ),
    code: Path | None = CODE,
    gpu_id: int = GPU_ID,
    threads: int = Opt(1, "--threads", help="Threads of numpy's BLAS; one is usually fastest"),
    blas: str = Opt("numpy", "--blas", help="What multiplies matrices: numpy or blis"),
    force: bool = FORCE,
) -> None:
    """Fine-tune the NER of a pipeline on annotated texts, and write it as one file.

    Labels of the data are added, weights are resumed, only the NER is trained, and training stops
    when the dev score no longer rises; the best weights are what is written.
    """
    options = dict(locals())
    with reported_errors(settings_are_options=True):
        from wasabi import msg

        from ..training import FineTuning
        from ..training.config import to_config
        from .outputs import Outputs
        from .run import make_logger, run_and_write

        import_user_code(code)
        outputs = Outputs(output, metrics, report, file_format.value)
        checkpoint = outputs.find_checkpoint(resume=resume)
        outputs.check(
            force=force,
            checkpoint=checkpoint,
            also=[save_config],
            inputs=[train, dev, retention_dev, raw_text],
        )
        policy = _make_policy(monitor, patience, min_delta, max_seconds)
        settings = {name: _as_plain(options[name]) for name in SETTINGS}
        settings["trusted"] = list(trust)
        tuning = FineTuning(
            base=base,
            early_stopping=policy,
            checkpoint_dir=checkpoint,
            logger=make_logger(logger),
            **settings,
        )
        run_and_write(tuning, outputs)
        if save_config is not None:
            save_config.parent.mkdir(parents=True, exist_ok=True)
            to_config(base, settings, policy, logger=logger).to_disk(save_config)
            msg.good(f"Saved the config to {save_config}")


def _make_policy(
    monitor: str, patience: int, min_delta: float, max_seconds: float | None
) -> EarlyStopping:
    from ..early_stopping import EarlyStopping
    from ..errors import SettingsError

    if patience < 0:
        raise SettingsError("patience", patience, "a whole number, or 0 to be patient for ever")
    return EarlyStopping(
        monitor=monitor,
        patience=patience or None,
        min_delta=min_delta,
        max_seconds=max_seconds or None,
    )


def _as_plain(value: Any) -> Any:
    """The value of an option as a config holds it."""
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
