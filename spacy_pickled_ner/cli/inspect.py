"""`pickled-ner inspect`: what is in a model file, without building any of it."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .failing import reported_errors


def inspect_cli(
    file: Path = Arg(..., help="A model file, or a directory that holds model.pkl"),
    as_json: bool = Opt(False, "--json", help="Print everything as JSON"),
) -> None:
    """Show what is in a model file. Nothing of it is built, imported or run."""
    with reported_errors():
        import json

        from ..model_file import inspect

        found = inspect(file)
        if as_json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
            return
        msg.divider(str(file))
        packages = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
        facts = {
            "Format": f"{found['format']}, {found['size'] / 1e6:.1f} MB",
            "Pipeline": f"{found['lang']}_{found['name']} {found['version']}",
            "Written by": packages,
            "Vectors": _vectors(found["vectors"]),
        }
        if found["training"]:
            facts |= _training_facts(found["training"])
        facts["Needs trust in"] = ", ".join(found["untrusted"]) or "nothing"
        msg.table(facts, max_col=100)
        rows = [
            (name, part["factory"], f"{part['size'] / 1e6:.2f} MB", _labels(part["labels"]))
            for name, part in found["components"].items()
        ]
        if rows:
            header = ("Component", "Factory", "Size", "Labels")
            msg.table(rows, header=header, divider=True, aligns=("l", "l", "r", "l"), max_col=60)


def _training_facts(training: dict) -> dict[str, str]:  # type: ignore[type-arg]
    facts = {
        "Fine-tuned": f"{training['component']}, on {', '.join(training['labels']['trained'])}"
    }
    if training["scores"]:
        before, after = (training[key]["ents_f"] for key in ("baseline_scores", "scores"))
        facts["Dev F"] = f"{100 * before:.2f} before, {100 * after:.2f} after"
    facts["Training"] = training["stop"]["explanation"]
    return facts


def _vectors(vectors: dict) -> str:  # type: ignore[type-arg]
    if not vectors.get("width"):
        return "none"
    return f"{vectors['vectors']} of width {vectors['width']} ({vectors['mode']})"


def _labels(labels: list[str], shown: int = 6) -> str:
    more = f" … ({len(labels)})" if len(labels) > shown else ""
    return ", ".join(labels[:shown]) + more
