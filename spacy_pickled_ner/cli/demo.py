"""`pickled-ner demo`: a complete run on the embedded data, in under a minute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wasabi import msg

from .failing import reported_errors
from .options import Arg, Opt
from .text import print_heading

if TYPE_CHECKING:
    from ..training import FineTuneResult

DATA = (
    "instrument-train.jsonl",
    "instrument-dev.jsonl",
    "instrument-heldout.jsonl",
    "base-heldout.jsonl",
    "base-train.jsonl",
)

# Runs in a fresh process.
FRESH_PROCESS = """
import json, sys, time
import spacy_pickled_ner as spn
from spacy_pickled_ner.evaluation import evaluate
began = time.perf_counter()
nlp = spn.load(sys.argv[1])
seconds = time.perf_counter() - began
scores = [evaluate(nlp, path)["scores"]["ents_f"] for path in sys.argv[2:]]
print(json.dumps({"load_s": seconds, "scores": scores}))
"""


def demo_cli(
    folder: Path = Arg(Path("pickled-ner-demo"), help="Folder for the demo's files"),
    force: bool = Opt(False, "--force", "-F", help="Replace the files of an earlier demo"),
) -> None:
    """Train a tiny base, fine-tune it on a new label, write one file, load it, and compare.

    All data is embedded: nothing is downloaded.
    """
    with reported_errors():
        from .outputs import Outputs

        outputs = Outputs(
            folder / "model.pkl", folder / "metrics.json", folder / "report.html", "v1"
        )
        base_path = folder / "base.pkl"
        outputs.check(force=force, also=[base_path, *(folder / name for name in DATA)])
        _run_demo(folder, base_path, outputs)


def _run_demo(folder: Path, base_path: Path, outputs: Any) -> None:
    from .. import model_file
    from ..demo import build_base, data_path
    from ..early_stopping import EarlyStopping
    from ..evaluation import evaluate
    from ..training import FineTuning
    from .run import run_and_write

    folder.mkdir(parents=True, exist_ok=True)
    for name in DATA:
        (folder / name).write_bytes(data_path(name).read_bytes())
    print_heading("A base pipeline, as you would download one")
    msg.info("Training a tiny tagger and NER (PERSON, ORG, GPE): a few seconds")
    base = build_base()
    model_file.dump(base, base_path)
    msg.good(f"Saved the base to {base_path}")

    heldout = [folder / "instrument-heldout.jsonl", folder / "base-heldout.jsonl"]
    before = [evaluate(base, path)["scores"]["ents_f"] for path in heldout]
    tuning = FineTuning(
        base=str(base_path),
        train=folder / "instrument-train.jsonl",
        dev=folder / "instrument-dev.jsonl",
        # Only the texts are read; other raw texts would work, too.
        raw_text=folder / "base-train.jsonl",
        early_stopping=EarlyStopping(patience=5),
        eval_frequency=20,
        name="demo_instruments",
    )
    result = run_and_write(tuning, outputs)
    fresh = _load_in_fresh_process(outputs.model, heldout)
    _print_table(result, outputs.model, before, fresh)
    _print_next_steps(folder)


def _load_in_fresh_process(model: Path, heldout: list[Path]) -> dict[str, Any]:
    import json
    import subprocess
    import sys

    command = [sys.executable, "-c", FRESH_PROCESS, str(model), *map(str, heldout)]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _print_table(
    result: FineTuneResult, model: Path, before: list[float], fresh: dict[str, Any]
) -> None:
    print_heading("Before and after, on held-out texts, loaded in a fresh process")
    names = ("New label F (INSTRUMENT)", "Old labels F (PERSON, ORG, GPE)")
    rows = [
        (name, f"{100 * then:.1f}", f"{100 * now:.1f}")
        for name, then, now in zip(names, before, fresh["scores"], strict=True)
    ]
    unchanged = "same bytes" if result.frozen_unchanged else "CHANGED"
    rows += [
        ("Other components (tagger, tokenizer)", "", unchanged),
        ("Training stopped", "", f"{result.stop_reason} (step {result.last_step})"),
        ("Size of model.pkl", "", f"{model.stat().st_size / 1e6:.2f} MB"),
        ("Time to load it", "", f"{1000 * fresh['load_s']:.0f} ms"),
    ]
    msg.table(
        rows, header=("", "Before", "After"), divider=True, aligns=("l", "r", "r"), max_col=60
    )
    mode = result.retention_mode
    print(f"Old labels kept with {mode['mode']!r} ({mode['why']}): {' → '.join(mode['ners'])}.")


def _print_next_steps(folder: Path) -> None:
    command = "python -m spacy pickled-ner"
    print_heading("Try next")
    print(f"{command} inspect {folder}/model.pkl")
    print(f"{command} evaluate {folder}/model.pkl {folder}/instrument-heldout.jsonl")
    data = f"{folder}/instrument-train.jsonl --dev {folder}/instrument-dev.jsonl"
    print(f"{command} fine-tune en_core_web_sm {data} -o my-model.pkl")
    measured = f"--eval-frequency 20 --retention-dev {folder}/base-heldout.jsonl"
    again = f"{command} fine-tune {folder}/base.pkl {data} {measured}"
    print(f"{again} --retention none -o forgetful.pkl")
    print(f"{again} --raw-text {folder}/base-train.jsonl -o keeps.pkl")
