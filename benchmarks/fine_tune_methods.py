"""The methods that `fine_tune.py` compares, each run in its own process.

    python benchmarks/fine_tune_methods.py <prepare|stock|seed|ours> <job.json> <result.json>

All methods start from the same base and data and save a pipeline, which the same code then scores.
Seconds count from loading the base to the saved pipeline, without scoring it. The time of updates
covers the forward pass, the backward pass and the optimizer, without batching, evaluating and
saving.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import spacy
from fine_tune_stock import make_config
from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import load_config, minibatch
from thinc.api import Optimizer, compounding, fix_random_seed

import spacy_pickled_ner as spn
from spacy_pickled_ner.annotations import make_examples, read_annotations
from spacy_pickled_ner.demo import build_base, data_path
from spacy_pickled_ner.evaluation import evaluate

Job = dict[str, Any]


MARK_EVERY = 200


@dataclass
class Clock:
    """Time and words of updates, and of evaluations.

    marks (List[Dict[str, float]]): Words and seconds of updates so far, every 200 updates.
    """

    update_s: float = 0.0
    eval_s: float = 0.0
    words: int = 0
    steps: int = 0
    evaluations: int = 0
    kept_step: int = 0
    began: float = 0.0
    marks: list[dict[str, float]] = field(default_factory=list)

    def start(self, examples: list[Example]) -> None:
        self.words += sum(len(example.predicted) for example in examples)
        self.steps += 1
        self.began = time.perf_counter()

    def stop(self) -> None:
        self.update_s += time.perf_counter() - self.began
        if self.steps % MARK_EVERY == 0:
            self.marks.append({"steps": self.steps, "words": self.words, "update_s": self.update_s})

    def to_dict(self) -> dict[str, Any]:
        return {
            "words_per_second": self.words / max(self.update_s, 1e-9),
            "update_s": self.update_s,
            "eval_s": self.eval_s,
            "evaluations": self.evaluations,
            "steps": self.steps,
            "kept_step": self.kept_step,
            "words": self.words,
        }


def prepare(job: Job) -> Job:
    """Prepare base and data, write the files for stock `spacy train`, and score the base."""
    work = Path(job["work"])
    if job["is_demo"]:
        build_base().to_disk(work / "base")
        job["base"] = str(work / "base")
        for part, name in (("train", "instrument-train"), ("dev", "instrument-dev")):
            job[part] = str(data_path(f"{name}.jsonl"))
        job["retention_dev"] = str(data_path("base-heldout.jsonl"))
    base = spacy.load(job["base"])
    for part in ("train", "dev"):
        rows, report = read_annotations(job[part], nlp=base)
        docs = [example.reference for example in make_examples(rows, base, report)]
        spacy.tokens.DocBin(docs=docs).to_disk(work / f"{part}.spacy")
        if part == "train":
            job["labels"] = sorted(report.labels)
            words = report.words
    make_config(base, job).to_disk(work / "stock.cfg")
    parts = ("base", "train", "dev", "retention_dev")
    job["data"] = {part: Path(job[part]).name for part in parts if job[part]}
    job["data"] |= {"labels": job["labels"], "train_words": words}
    job["scores"] = score(base, job)
    return job


def stock(job: Job, clock: Clock) -> Callable[[], Language]:
    """`spacy train`: spaCy's own initialize and loop, from the config that `prepare` wrote."""
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    work = Path(job["work"])
    config = load_config(work / "stock.cfg", overrides={"system.seed": job["seed"]})
    nlp = init_nlp(config)
    original_update, original_evaluate = nlp.update, nlp.evaluate
    original_step = Optimizer.step_schedules

    # An update of spaCy's loop starts with `nlp.update` and ends with the optimizer's schedules.
    def update(examples: list[Example], **settings: Any) -> Any:
        clock.start(examples)
        return original_update(examples, **settings)

    def step_schedules(optimizer: Optimizer) -> None:
        original_step(optimizer)  # type: ignore[no-untyped-call]
        clock.stop()

    best = -1.0

    def timed_evaluate(examples: Any, **settings: Any) -> dict[str, Any]:
        nonlocal best
        began = time.perf_counter()
        scores = original_evaluate(examples, **settings)
        clock.eval_s += time.perf_counter() - began
        clock.evaluations += 1
        if scores["ents_f"] > best:
            best, clock.kept_step = scores["ents_f"], clock.steps
        return scores

    setattr(nlp, "update", update)  # noqa: B010 (a method, to a type checker)
    setattr(nlp, "evaluate", timed_evaluate)  # noqa: B010
    setattr(Optimizer, "step_schedules", step_schedules)  # noqa: B010
    output = work / f"stock-{job['seed']}"
    output.mkdir()
    train(nlp, output, stdout=sys.stderr)
    return lambda: spacy.load(output / "model-best")


def seed(job: Job, clock: Clock) -> Callable[[], Language]:
    """The hand-written loop of 2020, ported to spaCy 3. It stops by the training loss."""
    fix_random_seed(job["seed"])
    nlp = spacy.load(job["base"])
    component = job["component"]
    for label in job["labels"]:
        nlp.get_pipe(component).add_label(label)  # type: ignore[attr-defined]
    examples = list(Corpus(Path(job["work"]) / "train.spacy")(nlp))
    listened = [
        name
        for name, pipe in nlp.pipeline
        if component in getattr(pipe, "listening_components", [])
    ]
    best, not_improved = 100_000.0, 0
    with nlp.select_pipes(enable=[*listened, component]):
        optimizer = nlp.resume_training()
        for _ in range(30):
            random.shuffle(examples)
            losses: dict[str, float] = {}
            for batch in minibatch(examples, size=compounding(4.0, 32.0, 1.001)):
                clock.start(batch)
                nlp.update(batch, sgd=optimizer, drop=0.5, losses=losses)
                clock.stop()
                if clock.steps >= job["max_steps"]:
                    break
            print(f"{clock.steps:6} {losses[component]:12.2f}")
            improved = losses[component] < best
            best = min(best, losses[component])
            not_improved = 0 if improved else not_improved + 1
            if not_improved == 3 or clock.steps >= job["max_steps"]:
                break
    clock.kept_step = clock.steps
    path = Path(job["work"]) / "seed.pkl"
    with nlp.use_params(optimizer.averages), path.open("wb") as file:
        data = nlp.to_bytes()
        pickle.dump({"bytes_data": data, "lang": nlp.lang, "pipeline": nlp.pipe_names}, file)
    return lambda: nlp.from_bytes(data)


def ours(job: Job, clock: Clock) -> Callable[[], Language]:
    """`spacy_pickled_ner.fine_tune` with its defaults and `--settings`."""
    result = spn.fine_tune(
        job["base"],
        job["train"],
        dev=job["dev"],
        component=job["component"],
        seed=job["seed"],
        max_steps=job["max_steps"],
        **job["settings"],
    )
    path = Path(job["work"]) / f"ours-{job['seed']}.pkl"
    result.dump(path)
    clock.words = result.history[-1].words
    clock.update_s, clock.eval_s = result.timing["train_s"], result.timing["eval_s"]
    clock.steps, clock.kept_step = result.last_step, result.best_step
    clock.evaluations = len(result.history)
    for row in result.history:
        print(f"{row.step:6} {row.loss or 0:12.2f} {row.metrics['ents_f']:8.4f}")
    print(result.stop_explanation)
    return lambda: spn.load(path)


def run(method: str, job: Job) -> dict[str, Any]:
    """Run a method, then score the saved pipeline."""
    clock = Clock()
    began, cpu_began = time.perf_counter(), time.process_time()
    load_saved = {"stock": stock, "seed": seed, "ours": ours}[method](job, clock)
    total, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    measured = {**clock.to_dict(), "total_s": total, "cpu_s": cpu, "peak_mb": peak_mb()}
    rounded = {name: round(value, 3) for name, value in measured.items()}
    scores = score(load_saved(), job)
    return {"method": method, "seed": job["seed"], **scores, **rounded, "marks": clock.marks}


def score(nlp: Language, job: Job) -> dict[str, float | None]:
    """Score a whole pipeline: F of the labels that each data set annotates, 0 to 1."""
    old = job["retention_dev"]
    return {
        "new_f": evaluate(nlp, job["dev"])["scores"]["ents_f"],
        "old_f": evaluate(nlp, old)["scores"]["ents_f"] if old else None,
    }


def peak_mb() -> float:
    """Peak resident memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage includes the parent's memory before exec; this does not.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main() -> None:
    task, job_file, result_file = sys.argv[1:]
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    result = prepare(job) if task == "prepare" else run(task, job)
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
