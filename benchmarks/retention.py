"""Compare F of new and old labels by retention mode, with mean and deviation over seeds.

    python benchmarks/retention.py                                   # all of it, and two tables
    python benchmarks/retention.py --base B --train T --dev D --retention-dev R --raw-text W
    python benchmarks/retention.py --modes stack --seeds 0 --json out.json --max-steps 1000

Every run has a fresh process with one thread. The mode `rename` renames a label of the base in the
gold of the old labels (`--rename LOC:PLACE`), trains on some rows and scores the others: the NER
has to learn the new name, unlearn the old one, and keep the other labels. This process does not
import spaCy.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from fine_tune import SHARED_DATA, describe_machine, layout, numbers, percent, run_child, write

MODES = ("none", "stack", "replay", "stack-no-raw", "replay-no-raw", "rename")
SCRIPT = "retention_methods.py"


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory(prefix="retention-benchmark-") as folder:
        job = {**vars(args), "work": folder}
        report: dict[str, Any] = {"machine": describe_machine()}
        report["base"] = run_child("base", job, Path(folder), script=SCRIPT)
        report["runs"] = []
        for mode in args.modes:
            for seed in args.seeds:
                run = run_child("run", {**job, "mode": mode, "seed": seed}, Path(folder), SCRIPT)
                report["runs"].append(run)
                write(report, args.json)
    print(modes_table(report))
    if renamed := [run for run in report["runs"] if run["mode"] == "rename"]:
        print(f"\n{args.rename.replace(':', ' → ')}, F per label on the rows not trained on")
        print(rename_table(renamed))


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = parser.add_argument_group("data (without --base: that in ../shared/data)")
    data.add_argument("--base", help="package name or directory of the pipeline")
    data.add_argument("--train", help="annotated texts")
    data.add_argument("--dev", help="annotated texts for early stopping and scores")
    data.add_argument("--retention-dev", help="gold of the base's own labels")
    data.add_argument("--raw-text", help="texts without annotation")
    parser.add_argument("--rename", default="LOC:PLACE", help="label of the base, and its new name")
    parser.add_argument("--rename-rows", type=int, default=400, help="rows to train the rename on")
    parser.add_argument("--modes", type=modes, default=list(MODES), help=f"of {','.join(MODES)}")
    parser.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    parser.add_argument("--max-steps", type=int, default=20_000, help="updates per run, at most")
    parser.add_argument("--pairs", type=int, default=5, help="timings of base and new pipeline")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    args = parser.parse_args()
    names = ("train", "dev", "retention_dev", "raw_text")
    if args.base and not all(getattr(args, name) for name in names):
        parser.error("with --base, give --train, --dev, --retention-dev and --raw-text too")
    if not args.base:
        if not SHARED_DATA.is_dir():
            parser.error("there is no ../shared/data here: give --base and the other data")
        args.base = str(SHARED_DATA / "base_sm")
        files = ("fashion-train", "fashion-eval", "retention-dev", "raw-text")
        for name, file in zip(names, files, strict=True):
            setattr(args, name, str(SHARED_DATA / f"{file}.jsonl"))
    return args


def modes(text: str) -> list[str]:
    found = text.split(",")
    if unknown := set(found) - set(MODES):
        raise argparse.ArgumentTypeError(f"no mode {', '.join(unknown)}; there are {MODES}")
    return found


def modes_table(report: dict[str, Any]) -> str:
    base = report["base"]
    heads = ["", "new F", "", "old F", "", "against base", "steps", "seconds", "words/s", "time"]
    rows = [heads, ["base", percent(base["new_f"]), "", percent(base["old_f"])]]
    for mode in MODES[:-1]:
        runs = [run for run in report["runs"] if run["mode"] == mode]
        if not runs:
            continue
        kept = mean(run["old_f"] for run in runs) - base["old_f"]
        rows.append(
            [
                mode,
                *spread([run["new_f"] for run in runs]),
                *spread([run["old_f"] for run in runs]),
                f"{100 * kept:+.1f}",
                f"{mean(run['steps'] for run in runs):.0f}",
                f"{mean(run['seconds'] for run in runs):.0f}",
                f"{mean(run['words_per_second'] for run in runs):,.0f}",
                f"{mean(run['time_ratio'] for run in runs):.2f}x",
            ]
        )
    return layout(rows)


def rename_table(runs: Sequence[dict[str, Any]]) -> str:
    base = runs[0]["base_per_label"]
    rows = [["", "base F", "F", "", "predicted"]]
    for label in sorted({name for run in runs for name in run["per_label"]} | set(base)):
        scores = [run["per_label"].get(label, 0.0) for run in runs]
        found = mean(run["found"].get(label, 0) for run in runs)
        rows.append([label, percent(base.get(label)), *spread(scores), f"{found:.0f}"])
    return layout(rows)


def spread(scores: Sequence[float]) -> list[str]:
    """Format mean and standard deviation, in points."""
    deviation = stdev(scores) if len(scores) > 1 else 0.0
    return [percent(mean(scores)), f"±{100 * deviation:.1f}"]


if __name__ == "__main__":
    main()
