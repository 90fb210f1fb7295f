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


# The options with the same name as a setting, in the order of a saved config.
SETTINGS = (
    *("train", "dev", "retention_dev", "raw_text", "component", "dropout", "eval_frequency"),
    *("max_epochs", "max_steps", "seed", "name", "retention", "alignment_mode", "skip_invalid"),
    *("stream", "gpu_id", "threads", "blas"),
)


class Retention(str, Enum):
    """How old labels are kept."""

    auto = "auto"
    stack = "stack"
    replay = "replay"
    none = "none"


class AlignmentMode(str, Enum):
    """How to handle spans that do not match tokens."""

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
        help="Dev data, in any of these formats; by default a part of the training texts is split off",
    ),
    patience: int = Opt(
        10, "--patience", help="Stop after this many evaluations without improvement (0: never)"
    ),
    monitor: str = Opt(
        "ents_f",
        "--monitor",
        help="Metric to monitor: ents_f, ents_p, ents_r, ents_per_type.LABEL.f, loss, retention",
    ),
    min_delta: float = Opt(
        0.0,
        "--min-delta",
        help="Improvements up to this do not restart patience (scores are 0 to 1)",
    ),
    eval_frequency: int = Opt(
        100, "--eval-frequency", help="Updates between evaluations (0: at the end of each epoch)"
    ),
    max_epochs: int = Opt(
        0, "--max-epochs", help="Maximum passes over the training texts (0: no limit)"
    ),
    max_steps: int = Opt(20_000, "--max-steps", help="Maximum updates (0: no limit)"),
    max_seconds: float | None = Opt(
        None, "--max-seconds", help="Maximum seconds of training (0: no limit)"
    ),
    dropout: float = Opt(0.1, "--dropout", help="Dropout rate"),
    seed: int = Opt(0, "--seed", help="Random seed; the same seed gives the same file"),
    name: str | None = Opt(None, "--name", help="New name of the pipeline, for its meta"),
    component: str | None = Opt(
        None,
        "--component",
        help="Name of the NER to train, if there are several; with stack, the name of the new NER, or of the NER that it starts from",
    ),
    retention: Retention = Opt(
        Retention.auto,
        "--retention",
        help="How old labels are kept: stack adds a second NER in front of the base's, replay trains the "
        "base's NER also on its own predictions, none does nothing; auto is stack if all labels are "
        "new, else replay",
    ),
    raw_text: Path | None = Opt(
        None,
        "--raw-text",
        help="Raw text, to keep old labels: .jsonl, .json, .txt or .spacy",
    ),
    retention_dev: Path | None = Opt(
        None,
        "--retention-dev",
        help="Gold for the base labels, to measure retention",
    ),
    alignment_mode: AlignmentMode = Opt(
        AlignmentMode.strict,
        "--alignment-mode",
        help="Spans that do not match tokens: strict skips them, contract and expand move their bounds",
    ),
    skip_invalid: bool = Opt(
        False, "--skip-invalid", help="Skip and count invalid rows instead of failing"
    ),
    stream: bool = Opt(
        False,
        "--stream",
        help="Read the training texts during training, if they do not fit into memory; needs --dev and --retention none",
    ),
    metrics: Path | None = METRICS,
    report: Path | None = REPORT,
    save_config: Path | None = Opt(
        None, "--save-config", help="Write a config for `pickled-ner train` that repeats this run"
    ),
    logger: str | None = Opt(
        None, "--logger", help="Also log with this spaCy logger, e.g. spacy.MLflowLogger.v2"
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
    blas: str = Opt("numpy", "--blas", help="BLAS for matrix products: numpy or blis"),
    force: bool = FORCE,
) -> None:
    """Fine-tune the NER of a pipeline on annotated texts, and write it as one file.

    Labels of the data are added, and only the NER is trained, from its current weights. Training
    stops when the dev score no longer improves, and the best weights are written.
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
        raise SettingsError("patience", patience, "a whole number, or 0 for no limit")
    return EarlyStopping(
        monitor=monitor,
        patience=patience or None,
        min_delta=min_delta,
        max_seconds=max_seconds or None,
    )


def _as_plain(value: Any) -> Any:
    """Return the value of an option for a config."""
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
