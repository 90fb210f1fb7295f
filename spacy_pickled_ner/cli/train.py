"""`pickled-ner train`: the same job from a spaCy config."""

from pathlib import Path

import typer
from spacy.cli._util import Arg, Opt, parse_config_overrides

from .failing import reported_errors
from .fine_tune import FileFormat


def train_cli(
    ctx: typer.Context,  # holds the overrides
    config_path: Path = Arg(..., help="Config with a [pickled_ner] block", allow_dash=True),
    output: Path = Opt(..., "--output", "-o", help="Model file to write, e.g. model.pkl"),
    metrics: Path | None = Opt(None, "--metrics", help="Write the metrics to this JSON file"),
    report: Path | None = Opt(None, "--report", help="Write a report to this HTML file"),
    file_format: FileFormat = Opt(FileFormat.v1, "--format", help="Format of the model file"),
    code: Path | None = Opt(
        None, "--code", "-c", help="Python file with registered functions of yours, imported first"
    ),
    gpu_id: int | None = Opt(
        None, "--gpu-id", "-g", help="GPU to use, or -1 for the CPU; by default the config's"
    ),
    force: bool = Opt(False, "--force", "-F", help="Replace files that exist"),
) -> None:
    """Fine-tune as a config says: its [pickled_ner] block holds base, data and settings.

    Any value can be overridden as in `spacy train`, e.g. --paths.train data.jsonl or
    --pickled_ner.dropout 0.2, and ${variables} work as there.
    """
    overrides = parse_config_overrides(ctx.args)
    with reported_errors(config_path):
        import dataclasses

        from spacy.util import load_config

        from ..errors import TrainingError
        from ..training.config import from_config
        from .code import import_user_code
        from .outputs import Outputs
        from .run import run_and_write

        if str(config_path) != "-" and not config_path.is_file():
            raise TrainingError(f"no such config: {config_path}")
        import_user_code(code)
        outputs = Outputs(output, metrics, report, file_format.value)
        outputs.check(force=force)
        try:
            config = load_config(config_path, overrides=overrides, interpolate=False)
        except ValueError as err:
            raise TrainingError(f"cannot read the config {config_path}: {err}") from err
        tuning = from_config(config)
        if gpu_id is not None:
            tuning = dataclasses.replace(tuning, gpu_id=gpu_id)
        run_and_write(tuning, outputs)
