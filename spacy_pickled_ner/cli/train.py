"""`pickled-ner train`: fine-tune from a spaCy config."""

from pathlib import Path
from typing import Any

import typer

from .failing import reported_errors
from .options import (
    CODE,
    FORCE,
    FORMAT,
    METRICS,
    OUTPUT,
    REPORT,
    RESUME,
    Arg,
    FileFormat,
    Opt,
    import_user_code,
    parse_config_overrides,
)

VARIABLES = ("paths", "system", "vars")


def train_cli(
    ctx: typer.Context,  # has the overrides
    config_path: Path = Arg(..., help="Config with a [pickled_ner] block", allow_dash=True),
    output: Path = OUTPUT,
    metrics: Path | None = METRICS,
    report: Path | None = REPORT,
    logger: str | None = Opt(
        None, "--logger", help="Also log with this spaCy logger (default: the config's)"
    ),
    file_format: FileFormat = FORMAT,
    resume: bool = RESUME,
    code: Path | None = CODE,
    gpu_id: int | None = Opt(
        None, "--gpu-id", "-g", help="GPU to use, or -1 for the CPU (default: the config's)"
    ),
    force: bool = FORCE,
) -> None:
    """Fine-tune from a config: its [pickled_ner] block has base, data and settings.

    Any value can be overridden as in `spacy train`, e.g. --paths.train data.jsonl or
    --pickled_ner.dropout 0.2, and ${variables} work, too.
    """
    with reported_errors():
        import dataclasses

        from ..training.config import from_config
        from .outputs import Outputs
        from .run import make_logger, run_and_write

        config = _load_config(config_path, ctx.args)
        import_user_code(code)
        tuning = from_config(config)
        if gpu_id is not None:
            tuning = dataclasses.replace(tuning, gpu_id=gpu_id)
        if logger is not None:
            tuning = dataclasses.replace(tuning, logger=make_logger(logger))
        outputs = Outputs(output, metrics, report, file_format.value)
        if tuning.checkpoint_dir is None:
            checkpoint = outputs.find_checkpoint(resume=resume)
            tuning = dataclasses.replace(tuning, checkpoint_dir=checkpoint)
        outputs.check(
            force=force,
            checkpoint=tuning.checkpoint_dir,
            inputs=[config_path, *tuning.files()],
        )
        run_and_write(tuning, outputs)


def _load_config(path: Path, args: list[str]) -> Any:
    import configparser

    from click import NoSuchOption
    from spacy.util import load_config

    from ..errors import TrainingError
    from .failing import describe_config_error

    try:
        overrides = parse_config_overrides(args)
    except NoSuchOption as err:
        raise TrainingError(
            f"no such option: {err.option_name}. To override a value of the config, use its "
            "full name, e.g. --pickled_ner.dropout 0.2"
        ) from err
    if str(path) != "-" and not path.is_file():
        raise TrainingError(f"no such config file: {path}")
    try:
        config = load_config(path, overrides=overrides, interpolate=False)
    except (ValueError, configparser.Error) as err:
        reason = " ".join(describe_config_error(err).replace("'<string>'", "").split())
        raise TrainingError(f"cannot read the config {path}: {reason}") from err
    text = config.to_str(interpolate=False)
    for name in overrides:
        # Blocks of functions are checked when they are resolved, but unused variables are not.
        block = name.partition(".")[0]
        uses = (f"${{{name}}}", f"${{{block}}}")
        if block in VARIABLES and not any(use in text for use in uses):
            raise TrainingError(f"--{name} is not used in the config {path}; check the spelling")
    return config
