"""`pickled-ner inspect`: show the contents of a model file without building the pipeline."""

from collections.abc import Iterator
from typing import Any

from wasabi import msg

from .failing import reported_errors
from .options import Arg, Opt
from .text import print_heading, shown, shown_list, shown_size


def inspect_cli(
    file: str = Arg(..., help="A model file, a directory that holds model.pkl, or a URL"),
    as_json: bool = Opt(False, "--json", help="Print everything as JSON"),
) -> None:
    """Show the contents of a model file. Nothing in it is built, imported or run."""
    with reported_errors():
        import json

        from ..model_file import inspect

        found = inspect(file)
        if as_json:
            print(json.dumps(found, indent=2))
            return
        print_heading(shown(found["file"]))
        msg.table(dict(_facts(found)), max_col=100)
        if "components" not in found:
            return
        rows = [
            (shown(name), shown(part["factory"]), shown_size(part["size"]), _labels(part))
            for name, part in found["components"].items()
        ]
        rows += [(f"({name})", "", shown_size(n), "") for name, n in found["shared"].items()]
        header = ("Component", "Factory", "Size", "Labels")
        msg.table(rows, header=header, divider=True, aligns=("l", "l", "r", "l"), max_col=60)


def _facts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Format", f"{shown(found['format'])}, {shown_size(found['size'])}"
    if "components" in found:
        yield "Pipeline", shown(f"{found['lang']}_{found['name']} {found['version']}")
        for key in ("description", "author", "license", "url"):
            if value := found["meta"].get(key):
                yield key.capitalize(), shown(value)
        written_by = ", ".join(f"{k} {shown(v)}" for k, v in found["versions"].items())
        yield "Written by", written_by or "(not said)"
        yield "Made for", f"spaCy {shown(found['meta'].get('spacy_version') or '(unknown)')}"
        yield "Vectors", _vectors(found["vectors"])
        yield from _training_facts(found["training"])
        if found["disabled"]:
            yield "Disabled", shown_list(found["disabled"])
    if signature := found["signature"]:
        yield "Signed", f"{signature}; check the signer with pickled-ner verify --key"
    else:
        yield "Signed", "no"
    yield "Needs trust in", shown_list(found["untrusted"], 20) or "nothing"


def _training_facts(training: Any) -> Iterator[tuple[str, str]]:
    """Yield the rows of the training record. Any part may be missing, since anyone can write a record."""
    component, trained = _value(training, "component"), _value(training, "labels", "trained")
    if _value(training, "stop", "best_step") == 0:
        yield "Fine-tuned", f"no: no evaluation was better than the base, on {shown_list(trained)}"
    elif component and trained:
        yield "Fine-tuned", f"{shown(component)}, on {shown_list(trained)}"
    if base := _value(training, "base"):
        parts = [shown(_value(base, key), 80) for key in ("lang", "name", "version")]
        yield "From", f"{parts[0]}_{parts[1]} {parts[2]}"
    before, after = (_value(training, key, "ents_f") for key in ("baseline_scores", "scores"))
    if isinstance(before, float) and isinstance(after, float):
        yield "Dev F", f"{100 * before:.2f} before, {100 * after:.2f} after"
    if explanation := _value(training, "stop", "explanation"):
        yield "Training", shown(explanation)


def _value(record: Any, *keys: str) -> Any:
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _vectors(vectors: Any) -> str:
    if not _value(vectors, "width"):
        return "none"
    n_rows, width = shown(_value(vectors, "vectors"), 20), shown(_value(vectors, "width"), 20)
    return f"{n_rows} of width {width} ({shown(_value(vectors, 'mode'), 20)})"


def _labels(part: dict[str, Any]) -> str:
    return shown_list(part["labels"])
