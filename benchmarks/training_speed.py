"""Compare updates and evaluations of stock spaCy and this package, on the same batches.

    python benchmarks/training_speed.py                      # tables; --json FILE for all numbers
    python benchmarks/training_speed.py --base B --train T --dev D --words 100,400,1000 --pairs 5

Both run in one process. Blocks alternate (stock, ours; ours, stock; …), so that a noisy machine
slows both, and the result is the median ratio of the pairs, by the clock and in processor time.
Every block starts from the same weights, optimizer state and random state. The first block of each
is not timed: in its first epoch, ours caches data about each text.

Losses are compared without dropout, because stock and ours draw their masks differently.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import spacy
from fine_tune import ONE_THREAD, SHARED_DATA, describe_machine, layout, numbers
from fine_tune_stock import training
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from spacy.util import registry
from thinc.api import fix_random_seed

from spacy_pickled_ner.annotations import make_examples, read_annotations
from spacy_pickled_ner.evaluation.scoring import EvaluationSet
from spacy_pickled_ner.machine import use_blas
from spacy_pickled_ner.ner.data.gold import GoldExample
from spacy_pickled_ner.ner.prepare import prepare_ner
from spacy_pickled_ner.ner.update import Updates, states
from spacy_pickled_ner.ner.weights import Snapshot
from spacy_pickled_ner.training.defaults import make_optimizer

Batches = list[list[Example]]
DROPOUT = 0.1


@dataclass
class Side:
    """Stock or ours: its pipeline, examples, and start weights."""

    nlp: Language
    ner: EntityRecognizer
    examples: list[Example]
    dev: list[Example]
    start: Snapshot

    @classmethod
    def load(cls, args: argparse.Namespace, *, is_ours: bool) -> Side:
        nlp = spacy.load(args.base)
        parts = []
        for source in (args.train, args.dev):
            rows, report = read_annotations(source, nlp=nlp)
            parts.append(list(make_examples(rows, nlp, report)))
        train, dev = parts
        if is_ours:
            train = [GoldExample.of(example) for example in train]
        fix_random_seed(0)
        labels = sorted({ent.label_ for example in train for ent in example.reference.ents})
        ner = prepare_ner(nlp, args.component, labels, train)
        return cls(nlp, ner, train, dev, Snapshot.take(ner.model))

    def reset(self) -> None:
        self.start.restore(self.ner.model)
        # Updates change the arrays of the snapshot in place, so it is replaced.
        self.start = Snapshot.take(self.ner.model)
        fix_random_seed(0)

    def batches(self, indices: Sequence[Sequence[int]]) -> Batches:
        return [[self.examples[i] for i in batch] for batch in indices]


@dataclass(frozen=True)
class Block:
    """The measurements of one block.

    seconds, cpu (float): Time by the clock, and processor time.
    losses (List[float]): Summed loss after each update.
    """

    seconds: float
    cpu: float
    losses: list[float]


def stock_block(side: Side, batches: Batches, dropout: float) -> Block:
    """Update like `train_while_improving` of `spacy train`."""
    side.reset()
    settings = training(side.nlp, side.ner.name, 0)
    optimizer = registry.resolve({"optimizer": settings["optimizer"]})["optimizer"]
    frozen = settings["frozen_components"]
    losses: dict[str, float] = {}
    summed: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        sgd: Any = False
        side.nlp.update(batch, drop=dropout, losses=losses, sgd=sgd, exclude=frozen)
        side.ner.finish_update(optimizer)
        optimizer.step_schedules()
        summed.append(float(losses[side.ner.name]))
    return Block(time.perf_counter() - began, time.process_time() - cpu, summed)


def our_block(side: Side, batches: Batches, dropout: float) -> Block:
    """Update like the loop of this package."""
    side.reset()
    updates = Updates(side.ner, make_optimizer(), dropout=dropout)
    loss, summed = 0.0, []
    began, cpu = time.perf_counter(), time.process_time()
    with use_blas(side.ner.model):
        for batch in batches:
            loss += updates.update(batch)
            updates.step()
            summed.append(loss)
        updates.settle()
    return Block(time.perf_counter() - began, time.process_time() - cpu, summed)


def alternate(
    pairs: int, stock: Callable[[], Any], ours: Callable[[], Any]
) -> list[tuple[Any, Any]]:
    """Run both in alternating order. The first pair is a warm-up, and left out."""
    found = []
    for pair in range(pairs + 1):
        results = {}
        for name, run in (("s", stock), ("o", ours))[:: 1 if pair % 2 else -1]:
            results[name] = run()
        found.append((results["s"], results["o"]))
    return found[1:]


def compare_updates(
    stock: Side, ours: Side, *, words: int, updates: int, pairs: int
) -> dict[str, Any]:
    """Compare the speed at one batch size.

    words (int): Words in a batch.
    updates (int): Updates in a block.
    """
    indices = draw_batches(stock.examples, size=words, count=updates)
    count = sum(len(stock.examples[i].predicted) for batch in indices for i in batch)
    blocks = alternate(
        pairs,
        lambda: stock_block(stock, stock.batches(indices), DROPOUT),
        lambda: our_block(ours, ours.batches(indices), DROPOUT),
    )
    return {
        "words": words,
        "stock_words_per_second": round(statistics.median(count / s.seconds for s, _ in blocks)),
        "our_words_per_second": round(statistics.median(count / o.seconds for _, o in blocks)),
        "ratios": [round(s.seconds / o.seconds, 3) for s, o in blocks],
        "cpu_ratios": [round(s.cpu / o.cpu, 3) for s, o in blocks],
    }


def compare_losses(stock: Side, ours: Side, *, words: int, updates: int) -> dict[str, Any]:
    """Compare the summed losses of both, without dropout."""
    indices = draw_batches(stock.examples, size=words, count=updates)
    with no_dropout():
        theirs = stock_block(stock, stock.batches(indices), 0.0).losses
        mine = our_block(ours, ours.batches(indices), 0.0).losses
    gaps = [abs(a - b) / a for a, b in zip(theirs, mine, strict=True)]
    return {"words": words, "stock": theirs, "ours": mine, "largest_gap": max(gaps)}


@contextmanager
def no_dropout() -> Iterator[None]:
    """Switch off the dropout masks inside a step, whose rate spaCy does not let callers set.

    All random numbers are 1, so nothing is dropped. The scale does not change.
    """
    uniform, mask = numpy.random.uniform, states.dropout_mask
    numpy.random.uniform = lambda *bounds_and_shape: numpy.ones(bounds_and_shape[-1])
    states.dropout_mask = lambda shape, rate: numpy.full(shape, 1 / (1 - rate), dtype="float32")
    try:
        yield
    finally:
        numpy.random.uniform, states.dropout_mask = uniform, mask


def compare_evaluations(stock: Side, ours: Side, *, pairs: int) -> dict[str, Any]:
    """Compare our evaluation with `nlp.evaluate` of the whole pipeline, as in `spacy train`."""
    texts = EvaluationSet(ours.dev)
    scores: dict[str, float] = {}

    def evaluate_stock() -> tuple[float, float]:
        began, cpu = time.perf_counter(), time.process_time()
        scores["stock"] = stock.nlp.evaluate(stock.dev)["ents_f"]
        return time.perf_counter() - began, time.process_time() - cpu

    def evaluate_ours() -> tuple[float, float]:
        began, cpu = time.perf_counter(), time.process_time()
        with use_blas(ours.ner.model):
            scores["ours"] = texts.score(ours.ner.pipe).total.fscore
        return time.perf_counter() - began, time.process_time() - cpu

    stock.reset()
    ours.reset()
    timed = alternate(pairs, evaluate_stock, evaluate_ours)
    return {
        "texts": len(ours.dev),
        "stock_seconds": round(statistics.median(s[0] for s, _ in timed), 3),
        "our_seconds": round(statistics.median(o[0] for _, o in timed), 3),
        "ratios": [round(s[0] / o[0], 3) for s, o in timed],
        "cpu_ratios": [round(s[1] / o[1], 3) for s, o in timed],
        "scores": scores,
    }


def draw_batches(examples: Sequence[Example], *, size: int, count: int) -> list[list[int]]:
    """Draw batches of indices from repeated epochs, each sorted by length as in spaCy's loop."""
    order = random.Random(0)

    def length(index: int) -> int:
        return len(examples[index].predicted)

    def epochs() -> Iterator[list[int]]:
        shuffled = list(range(len(examples)))
        while True:
            order.shuffle(shuffled)
            yield from minibatch_by_words(shuffled, size=size, tolerance=0.2, get_length=length)

    return [sorted(batch, key=length) for batch in itertools.islice(epochs(), count)]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--base", default=str(SHARED_DATA / "base_sm"), help="the pipeline")
    parser.add_argument("--train", default=str(SHARED_DATA / "fashion-train.jsonl"))
    parser.add_argument("--dev", default=str(SHARED_DATA / "fashion-eval.jsonl"))
    parser.add_argument("--component", default="ner", help="name of the NER in the base")
    parser.add_argument("--words", type=numbers, default=[100, 400, 1000], help="in a batch")
    parser.add_argument("--updates", type=int, default=40, help="in each block")
    parser.add_argument("--pairs", type=int, default=5, help="blocks of each side")
    parser.add_argument("--losses", type=int, default=200, help="updates to compare losses over")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    if ONE_THREAD.items() - os.environ.items():
        # numpy reads these when it is imported, so start again.
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    stock, ours = Side.load(args, is_ours=False), Side.load(args, is_ours=True)
    report: dict[str, Any] = {"machine": describe_machine(), "updates": []}
    for words in args.words:
        report["updates"].append(
            compare_updates(stock, ours, words=words, updates=args.updates, pairs=args.pairs)
        )
    print(updates_table(report["updates"]), flush=True)
    if args.pairs:
        report["evaluation"] = compare_evaluations(stock, ours, pairs=args.pairs)
        print("\n" + evaluation_table(report["evaluation"]), flush=True)
    if args.losses:
        report["losses"] = compare_losses(stock, ours, words=args.words[0], updates=args.losses)
        print("\n" + losses_table(report["losses"]))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def updates_table(sizes: list[dict[str, Any]]) -> str:
    rows = [["words a batch", "stock words/s", "ours words/s", "ratio", "cpu", "of each pair"]]
    for size in sizes:
        rows.append(
            [
                str(size["words"]),
                f"{size['stock_words_per_second']:,}",
                f"{size['our_words_per_second']:,}",
                *ratio_cells(size),
            ]
        )
    return layout(rows)


def evaluation_table(found: dict[str, Any]) -> str:
    rows = [
        ["texts", "stock seconds", "ours seconds", "ratio", "cpu", "of each pair", "F"],
        [
            str(found["texts"]),
            f"{found['stock_seconds']:.2f}",
            f"{found['our_seconds']:.2f}",
            *ratio_cells(found),
            f"{found['scores']['stock']:.4f} {found['scores']['ours']:.4f}",
        ],
    ]
    return layout(rows)


def ratio_cells(found: dict[str, Any]) -> list[str]:
    return [
        f"{statistics.median(found['ratios']):.2f}x",
        f"{statistics.median(found['cpu_ratios']):.2f}x",
        " ".join(f"{ratio:.2f}" for ratio in found["ratios"]),
    ]


def losses_table(found: dict[str, Any]) -> str:
    rows = [["update", "stock loss", "our loss", "gap"]]
    every = max(1, len(found["stock"]) // 20)
    for number in range(every - 1, len(found["stock"]), every):
        stock, ours = found["stock"][number], found["ours"][number]
        gap = abs(stock - ours) / stock
        rows.append([str(number + 1), f"{stock:.4f}", f"{ours:.4f}", f"{gap:.1e}"])
    return layout(rows) + f"\nlargest gap of all updates: {found['largest_gap']:.1e}"


if __name__ == "__main__":
    main()
