"""The runs of `retention.py`, each in its own process.

    python benchmarks/retention_methods.py <base|run> <job.json> <result.json>

The whole pipeline is saved to one file, loaded again and scored. The time ratio compares `nlp.pipe`
over the dev texts with the base: the median of alternating pairs.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import spacy
import srsly
from spacy.language import Language

import spacy_pickled_ner as spn
from spacy_pickled_ner.evaluation import evaluate

Job = dict[str, Any]


def base(job: Job) -> dict[str, Any]:
    nlp = spacy.load(job["base"])
    return {"new_f": f_score(nlp, job["dev"]), "old_f": f_score(nlp, job["retention_dev"])}


def run(job: Job) -> dict[str, Any]:
    """Fine-tune with one mode."""
    if job["mode"] == "rename":
        return rename(job)
    mode, _, without = job["mode"].partition("-")
    raw = None if without or mode == "none" else job["raw_text"]
    result = spn.fine_tune(
        job["base"],
        job["train"],
        dev=job["dev"],
        retention_dev=job["retention_dev"],
        raw_text=raw,
        retention=mode,
        seed=job["seed"],
        max_steps=job["max_steps"],
    )
    nlp = saved(result, job)
    return {
        **described(result, job),
        "new_f": f_score(nlp, job["dev"]),
        "old_f": f_score(nlp, job["retention_dev"]),
        "time_ratio": time_ratio(nlp, job),
    }


def rename(job: Job) -> dict[str, Any]:
    """Train on gold in which a label of the base is renamed, and score the other rows."""
    old, new = job["rename"].split(":")
    rows = list(srsly.read_jsonl(job["retention_dev"]))
    train, test = rows[: job["rename_rows"]], rows[job["rename_rows"] :]
    before = evaluate(spacy.load(job["base"]), test)["per_label"]
    for row in rows:
        for span in row["spans"]:
            span["label"] = new if span["label"] == old else span["label"]
    result = spn.fine_tune(
        job["base"],
        train,
        raw_text=job["raw_text"],
        retention="replay",
        seed=job["seed"],
        max_steps=job["max_steps"],
    )
    nlp = saved(result, job)
    docs = nlp.pipe(row["text"] for row in test)
    return {
        **described(result, job),
        "base_per_label": {label: score["f"] for label, score in before.items()},
        "per_label": {n: score["f"] for n, score in evaluate(nlp, test)["per_label"].items()},
        "found": Counter(ent.label_ for doc in docs for ent in doc.ents),
    }


def described(result: spn.FineTuneResult, job: Job) -> dict[str, Any]:
    return {
        "mode": job["mode"],
        "seed": job["seed"],
        "steps": result.last_step,
        "kept_step": result.best_step,
        "seconds": result.timing["total_s"],
        "words_per_second": result.timing["words_per_second"],
        "frozen_unchanged": result.frozen_unchanged,
        "labels": result.retention_mode["labels"],
    }


def saved(result: spn.FineTuneResult, job: Job) -> Language:
    path = Path(job["work"]) / f"{job['mode']}-{job['seed']}.pkl"
    result.dump(path)
    return spn.load(path)


def f_score(nlp: Language, data: str) -> float:
    f: float = evaluate(nlp, data)["scores"]["ents_f"]
    return f


def time_ratio(nlp: Language, job: Job) -> float:
    rival = spacy.load(job["base"])
    texts = [row["text"] for row in srsly.read_jsonl(job["dev"])]
    ratios = [seconds(nlp, texts) / seconds(rival, texts) for _ in range(job["pairs"] + 1)]
    # The first pair fills caches.
    return median(ratios[1:])


def seconds(nlp: Language, texts: list[str]) -> float:
    began = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    return time.process_time() - began


def main() -> None:
    task, job_file, result_file = sys.argv[1:]
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    result = base(job) if task == "base" else run(job)
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
