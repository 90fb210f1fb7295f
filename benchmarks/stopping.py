"""Measure what early stopping costs, by evaluation frequency, patience and size of the data.

    python benchmarks/stopping.py                              # tables; --json FILE for all numbers
    python benchmarks/stopping.py --base B --train T --dev D --raw-text W --sizes 100,400
    python benchmarks/stopping.py --replay long-runs.json      # tables of earlier runs

There is one long run for each size and seed, evaluated often and without patience. Evaluations do
not change training, so each policy can be applied to the scores of that run. The regret of a policy
is the best F of the long run minus the F that the policy keeps, in points. This process does not
import spaCy.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from fine_tune import SHARED_DATA, describe_machine, layout, numbers, run_child, write

from spacy_pickled_ner import EarlyStopping

EVERY = 50


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "long-run":
        long_run(*map(Path, sys.argv[2:]))
        return
    args = parse_args()
    if args.replay:
        report = json.loads(args.replay.read_text(encoding="utf-8"))
    else:
        report = {"machine": describe_machine(), "steps": args.steps, "runs": []}
        with tempfile.TemporaryDirectory(prefix="stopping-benchmark-") as folder:
            for size in args.sizes:
                for seed in args.seeds:
                    job = {**vars(args), "size": size, "seed": seed, "mode": str(size)}
                    run = run_child("long-run", job, Path(folder), script=Path(__file__).name)
                    report["runs"].append(run)
                    write(report, args.json)
    print(table(report["runs"], args.frequencies, args.patiences))


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    data = parser.add_argument_group("data (without --base: that in ../shared/data)")
    data.add_argument("--base", help="package name or directory of the pipeline")
    data.add_argument("--train", help="annotated texts")
    data.add_argument("--dev", help="annotated texts for early stopping")
    data.add_argument("--raw-text", help="texts without annotation")
    parser.add_argument("--sizes", type=numbers, default=[100, 400, 1235], help="training rows")
    parser.add_argument("--seeds", type=numbers, default=[0])
    parser.add_argument("--steps", type=int, default=6000, help="updates of each long run")
    parser.add_argument("--frequencies", type=numbers, default=[50, 100, 200, 400])
    parser.add_argument("--patiences", type=numbers, default=[3, 5, 8, 12])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--replay", type=Path, help="use the runs in a file that --json wrote")
    args = parser.parse_args()
    if not args.base and not args.replay:
        if not SHARED_DATA.is_dir():
            parser.error("there is no ../shared/data here: give --base and the other data")
        args.base = str(SHARED_DATA / "base_sm")
        for name, file in (("train", "train"), ("dev", "eval")):
            setattr(args, name, str(SHARED_DATA / f"fashion-{file}.jsonl"))
        args.raw_text = str(SHARED_DATA / "raw-text.jsonl")
    return args


def long_run(job_file: Path, result_file: Path) -> None:
    """Train on the first rows of the data for all steps, and write the score of each evaluation."""
    import itertools

    import srsly

    from spacy_pickled_ner import fine_tune

    job = json.loads(job_file.read_text(encoding="utf-8"))
    result = fine_tune(
        job["base"],
        list(itertools.islice(srsly.read_jsonl(job["train"]), job["size"])),
        dev=job["dev"],
        raw_text=job["raw_text"],
        early_stopping=EarlyStopping(patience=None),
        eval_frequency=EVERY,
        max_steps=job["steps"],
        seed=job["seed"],
    )
    scores = [(row.step, row.metrics["ents_f"]) for row in result.history]
    found = {"size": job["size"], "seed": job["seed"], "scores": scores}
    result_file.write_text(json.dumps(found), encoding="utf-8")


def table(runs: Sequence[dict[str, Any]], frequencies: list[int], patiences: list[int]) -> str:
    """Make a table: regret in points, and steps until the stop, of each policy."""
    sizes = sorted({run["size"] for run in runs})
    heads = ["evaluate every", "patience", *(f"{size} texts" for size in sizes), "mean", "steps"]
    rows = [heads]
    for frequency in frequencies:
        for patience in patiences:
            tried = [(run["size"], *try_policy(run["scores"], frequency, patience)) for run in runs]
            cells = [mean(r for size, r, _ in tried if size == wanted) for wanted in sizes]
            overall = [mean(cells), mean(steps for _, _, steps in tried)]
            said = [f"{100 * cell:.2f}" for cell in [*cells, overall[0]]]
            rows.append([str(frequency), str(patience), *said, f"{overall[1]:,.0f}"])
    best = ["best F", "", *(f"{100 * best_of(runs, size):.1f}" for size in sizes)]
    return layout([*rows, best])


def best_of(runs: Sequence[dict[str, Any]], size: int) -> float:
    """Return the mean over seeds of the best F of the long runs."""
    return mean(max(f for _, f in run["scores"]) for run in runs if run["size"] == size)


def try_policy(
    scores: Sequence[tuple[int, float]], frequency: int, patience: int
) -> tuple[float, int]:
    """Apply a policy to the scores of a long run.

    RETURNS (Tuple[float, int]): The regret, and the step at which the policy stopped.
    """
    policy = EarlyStopping(patience=patience)
    step = 0
    for step, f in scores:
        if step % frequency == 0 and policy.update({"ents_f": f}, step=step):
            break
    return max(f for _, f in scores) - (policy.best_value or 0.0), step


if __name__ == "__main__":
    main()
