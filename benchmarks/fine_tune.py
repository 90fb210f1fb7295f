"""Compare fine-tuning with stock `spacy train`, a hand-written loop, and this package.

    python benchmarks/fine_tune.py                                   # all three, and a table
    python benchmarks/fine_tune.py --base B --train T --dev D --retention-dev R --json out.json
    python benchmarks/fine_tune.py --methods ours --seeds 0,1,2

Every run has a fresh process, one thread, and the same base and data. This process does not import
spaCy: it starts the others, waits, and prints.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED_DATA = HERE.parent.parent / "shared" / "data"
METHODS = ("stock", "seed", "ours")
COLUMNS = (
    *("", "seed", "new F", "old F", "words/s", "", "same updates", "seconds", "", "cpu s", ""),
    *("updating", "evaluating", "evals", "steps", "kept", "peak MB"),
)
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREAD_SETTINGS, "1")


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory(prefix="fine-tune-benchmark-") as folder:
        work = Path(folder)
        is_demo = choose_data(args)
        job = run_child("prepare", {**vars(args), "is_demo": is_demo, "work": folder}, work)
        report: dict[str, Any] = {"machine": describe_machine(), "data": job["data"]}
        report["settings"] = {"max_steps": args.max_steps, "ours": args.settings}
        report["base"] = job["scores"]
        report["runs"] = []
        for method in args.methods:
            for seed in args.seeds if method == "ours" else args.rival_seeds:
                report["runs"].append(run_child(method, {**job, "seed": seed}, work))
                report["ratios_to_stock"] = ratios(report["runs"])
                write(report, args.json)
    if report["runs"]:
        print(runs_table(report))
    write(report, args.json)


def write(report: dict[str, Any], path: Path | None) -> None:
    if path:
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = parser.add_argument_group("data (all of --base, --train and --dev, or none of them)")
    data.add_argument("--base", help="package name or directory of the pipeline")
    data.add_argument("--train", help="annotated texts")
    data.add_argument("--dev", help="annotated texts for early stopping and scores")
    data.add_argument("--retention-dev", help="gold of the base's own labels")
    data.add_argument("--demo", action="store_true", help="use the embedded demo's base and data")
    parser.add_argument("--component", default="ner", help="name of the NER in the base")
    parser.add_argument("--methods", type=names, default=list(METHODS), help="of stock,seed,ours")
    parser.add_argument("--seeds", type=numbers, default=[0], help="seeds of ours, e.g. 0,1,2")
    parser.add_argument("--rival-seeds", type=numbers, default=[0], help="seeds of stock and seed")
    parser.add_argument("--max-steps", type=int, default=20_000, help="updates per run, at most")
    parser.add_argument(
        "--settings", type=json.loads, default={}, help="JSON of fine_tune settings"
    )
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    args = parser.parse_args()
    given = [args.base, args.train, args.dev]
    if any(given) != all(given) or (args.demo and any(given)):
        parser.error("give --base, --train and --dev together, or none of them")
    return args


def names(text: str) -> list[str]:
    found = [name for name in text.split(",") if name]
    if unknown := set(found) - set(METHODS):
        raise argparse.ArgumentTypeError(f"no method {', '.join(unknown)}; there are {METHODS}")
    return found


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def choose_data(args: argparse.Namespace) -> bool:
    """Choose the data: the user's, the folder beside the repository, or the demo's.

    RETURNS (bool): True for the demo's data.
    """
    if args.base or args.demo or not SHARED_DATA.is_dir():
        return not args.base
    args.base = str(SHARED_DATA / "base_sm")
    args.train = str(SHARED_DATA / "fashion-train.jsonl")
    args.dev = str(SHARED_DATA / "fashion-eval.jsonl")
    args.retention_dev = str(SHARED_DATA / "retention-dev.jsonl")
    return False


def run_child(
    task: str, job: dict[str, Any], work: Path, script: str = "fine_tune_methods.py"
) -> dict[str, Any]:
    """Run one task in a fresh process and return its result. Its output goes to stderr."""
    job_file, result_file = work / "job.json", work / "result.json"
    job_file.write_text(json.dumps(job, default=str), encoding="utf-8")
    command = [sys.executable, str(HERE / script), task, str(job_file), str(result_file)]
    said = (task, job.get("mode", ""), str(job.get("seed", "")))
    print("==", *filter(None, said), file=sys.stderr, flush=True)
    subprocess.run(command, check=True, stdout=sys.stderr, env=os.environ | ONE_THREAD)
    result: dict[str, Any] = json.loads(result_file.read_text(encoding="utf-8"))
    return result


def describe_machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_average": os.getloadavg() if hasattr(os, "getloadavg") else None,
        **{package: version(package) for package in ("spacy", "thinc", "numpy")},
    }


def ratios(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Divide the numbers of each run by the means of the stock runs."""
    stock = [run for run in runs if run["method"] == "stock"]
    compared = []
    for run in runs:
        ratio = {"method": run["method"], "seed": run["seed"]}
        for key in ("words_per_second", "total_s", "cpu_s", "peak_mb"):
            if stock:
                ratio[key] = round(run[key] / mean(rival[key] for rival in stock), 3)
        early = [speed_until(rival, run["steps"]) for rival in stock]
        if run["method"] != "seed" and all(early) and early:
            ratio["words_per_second_same_updates"] = round(run["words_per_second"] / mean(early), 3)
        compared.append(ratio)
    return compared


def speed_until(run: dict[str, Any], steps: int) -> float:
    """Return the words per second of a run's updates up to a step; 0 if it has no mark there."""
    marks = [mark for mark in run["marks"] if mark["steps"] <= steps]
    return marks[-1]["words"] / marks[-1]["update_s"] if marks else 0.0


def runs_table(report: dict[str, Any]) -> str:
    rows = [
        list(COLUMNS),
        ["base", "", percent(report["base"]["new_f"]), percent(report["base"]["old_f"])],
    ]
    for run, ratio in zip(report["runs"], report["ratios_to_stock"], strict=True):
        rows.append(
            [
                run["method"],
                str(run["seed"]),
                percent(run["new_f"]),
                percent(run["old_f"]),
                f"{run['words_per_second']:,.0f}",
                times(ratio.get("words_per_second")),
                times(ratio.get("words_per_second_same_updates")),
                f"{run['total_s']:.1f}",
                times(ratio.get("total_s")),
                f"{run['cpu_s']:.1f}",
                times(ratio.get("cpu_s")),
                f"{run['update_s']:.1f}",
                f"{run['eval_s']:.1f}",
                str(run["evaluations"]),
                str(run["steps"]),
                str(run["kept_step"]),
                f"{run['peak_mb']:.0f}",
            ]
        )
    return layout(rows)


def percent(score: float | None) -> str:
    return "" if score is None else f"{100 * score:.1f}"


def times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}x"


def layout(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    padded = [row + [""] * (width - len(row)) for row in rows]
    sizes = [max(len(cell) for cell in column) for column in zip(*padded, strict=True)]
    lines = []
    for row in padded:
        cells = [cell.rjust(size) for cell, size in zip(row, sizes, strict=True)]
        lines.append("  ".join([row[0].ljust(sizes[0]), *cells[1:]]).rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    main()
