"""`pickled-ner evaluate`: P, R and F of any pipeline on any annotated texts."""

from pathlib import Path

from wasabi import msg

from .failing import reported_errors
from .options import CODE, FORCE, GPU_ID, Arg, Opt, import_user_code


def evaluate_cli(
    model: str = Arg(..., help="A .pkl file, a directory or a package name"),
    data: Path = Arg(..., help="Annotated texts: .spacy, .jsonl, .json, .conll or .iob"),
    metrics: Path | None = Opt(None, "--metrics", help="Write the scores to this JSON file"),
    trust: list[str] = Opt(
        [],
        "--trust",
        help="For a .pkl file: allow this name, e.g. factories:my_component (repeatable)",
    ),
    code: Path | None = CODE,
    gpu_id: int = GPU_ID,
    force: bool = FORCE,
) -> None:
    """Score the entities of a pipeline, overall and per label.

    The whole pipeline runs. Only labels that the data annotates are scored, because the data says
    nothing about other labels.
    """
    with reported_errors():
        from ..evaluation import evaluate
        from ..machine import use_gpu
        from ..pipelines import load_base
        from .console import print_scores
        from .outputs import check_writable, write_json

        import_user_code(code)
        if metrics is not None:
            check_writable(metrics, force=force)
        use_gpu(gpu_id)
        evaluated = evaluate(load_base(model, trusted=trust), data)
        for warning in evaluated["warnings"]:
            msg.warn(warning)
        print_scores(evaluated["per_label"], evaluated["scores"])
        if metrics is not None:
            write_json(metrics, evaluated)
