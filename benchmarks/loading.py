"""Compare the time and memory of loading and saving in each format.

    python benchmarks/loading.py [--pipeline DIR] [--rounds 7] [--work DIR] [--json FILE]

Each measurement is a fresh process. The methods alternate within a round, and the first round is a
warm-up. Ratios are medians of the ratios to `spacy.load(dir)` within each round. Times do not
include imports. There are two pipelines: DIR (by default the base in `../shared/data`, or else the
demo's), and the same with 500,000 vectors of 300 numbers, which takes 3 GB in the work folder.
`--rounds 0` only makes the missing files there. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

METHODS = Path(__file__).with_name("loading_methods.py")
SHARED_BASE = Path(__file__).parents[2] / "shared" / "data" / "base_sm"
STOCK = "spacy.load(dir)"
LOADERS = (STOCK, "seed's format", "pickle.load(nlp)", "ours, eager", "ours, mapped")
SAVERS = ("nlp.to_disk", "seed's format: seed", "ours: v1")
N_VECTORS = 500_000
N_PROCESSES = 4

Rows = list[dict[str, Any]]


def child(*arguments: str) -> list[str]:
    return [sys.executable, os.fspath(METHODS), *arguments]


def measure(*arguments: str) -> dict[str, float]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        child(*arguments), env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def alternate(action: str, methods: tuple[str, ...], folder: Path, rounds: int) -> Rows:
    """Measure each method once per round."""
    rows: Rows = []
    for number in range(rounds + 1):
        for method in methods:
            row = measure(action, method, os.fspath(folder))
            if number:
                rows.append({"round": number, "method": method, **row})
    return rows


def summarize(rows: Rows, reference: str) -> dict[str, dict[str, float]]:
    """Return medians, minima and median ratios by method."""
    summary: dict[str, dict[str, float]] = {}
    base = {row["round"]: row for row in rows if row["method"] == reference}
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        result: dict[str, float] = {}
        for key in (k for k in own[0] if k not in ("round", "method")):
            result[key] = median(row[key] for row in own)
            if key.endswith("_s"):
                result[f"{key}_min"] = min(row[key] for row in own)
                result[f"{key}_ratio"] = median(base[row["round"]][key] / row[key] for row in own)
        summary[method] = result
    return summary


def shared_memory(method: str, folder: Path) -> float:
    """Return the sum of the proportional set sizes of processes that hold the pipeline, in MB."""
    command = child("hold", method, os.fspath(folder))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen(command, **pipes) for _ in range(N_PROCESSES)]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        return sum(pss_mb(process.pid) for process in processes)
    finally:
        for process in processes:
            process.communicate()


def pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def make_base(folder: Path) -> None:
    from spacy_pickled_ner.demo.base import build_base

    build_base().to_disk(folder)


def report(folder: Path, rounds: int) -> dict[str, Any]:
    loads = summarize(alternate("load", LOADERS, folder, rounds), STOCK)
    print(f"\n{folder.name}: load | + first doc: ms [min], ratio | peak MB above the import's")
    for method, row in loads.items():
        print(
            f"  {method:20} {row['load_s'] * 1000:6.0f} [{row['load_s_min'] * 1000:5.0f}]"
            f" {row['load_s_ratio']:6.2f}x | {row['load_and_doc_s'] * 1000:6.0f}"
            f" [{row['load_and_doc_s_min'] * 1000:5.0f}] {row['load_and_doc_s_ratio']:6.2f}x |"
            f" {row['load_peak_mb']:6.0f} {row['load_and_doc_peak_mb']:6.0f}"
        )
    saves = summarize(alternate("save", SAVERS, folder, min(rounds, 3)), SAVERS[0])
    print(f"{folder.name}: save: ms, time / to_disk's | peak MB above the model's")
    for method, row in saves.items():
        print(
            f"  {method:20} {row['save_s'] * 1000:7.0f} {1 / row['save_s_ratio']:6.2f}x |"
            f" {row['save_peak_mb']:7.0f}"
        )
    looks = summarize(alternate("inspect", ("ours",), folder, min(rounds, 3)), "ours")["ours"]
    print(f"inspect: {looks['inspect_s'] * 1000:.1f} ms, {looks['inspect_peak_mb']:.1f} MB")
    blank = shared_memory("spacy.blank", folder)
    pss = {method: shared_memory(method, folder) - blank for method in LOADERS}
    print(f"{N_PROCESSES} processes, MB of PSS above blank ones ({blank:.0f} MB)")
    for method, mb in pss.items():
        print(f"  {method:20} {mb:7.0f}")
    return {"load": loads, "save": saves, "inspect": looks, "pss_above_blank_mb": pss}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", type=Path, help="a spaCy pipeline folder")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", type=Path, help="folder that keeps the files for the next time")
    parser.add_argument("--json", type=Path, help="write all numbers here")
    parser.add_argument("--without-vectors", action="store_true", help="the small pipeline only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        base = options.pipeline or SHARED_BASE
        if not base.exists():
            base = work / "demo-base"
            if not base.exists():
                make_base(base)
        results = {}
        sizes = {"base": 0} if options.without_vectors else {"base": 0, "vectors": N_VECTORS}
        for name, n_vectors in sizes.items():
            folder = work / f"{base.name}-{name}"
            if not (folder / "nlp.pickle").exists():
                subprocess.run(
                    child("prepare", os.fspath(base), os.fspath(folder), str(n_vectors)), check=True
                )
            if options.rounds:
                results[folder.name] = report(folder, options.rounds)
        if options.json:
            options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
