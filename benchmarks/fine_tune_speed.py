"""Words per second of updates, stock against ours, on the same batches in one process.

    python benchmarks/fine_tune_speed.py speed <job.json> <result.json>

A noisy machine is slow for both: blocks of updates alternate (stock, ours; ours, stock; …) and the
median of the pairs' ratios is what counts. Every block starts from the same weights, optimizer
state and random state, so that the losses can be compared too. One untimed block each comes first:
it is the first epoch, in which ours aligns the gold annotations that it then keeps.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from fine_tune_stock import training
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from spacy.util import registry
from thinc.api import fix_random_seed

from spacy_pickled_ner import EarlyStopping
from spacy_pickled_ner.annotations import make_examples, read_annotations
from spacy_pickled_ner.training.blas import numpy_gemm
from spacy_pickled_ner.training.defaults import make_optimizer
from spacy_pickled_ner.training.listener import TrainingListener
from spacy_pickled_ner.training.loop import TrainingLoop
from spacy_pickled_ner.training.planning import make_plan
from spacy_pickled_ner.training.prepare import prepare_ner
from spacy_pickled_ner.training.weights import Snapshot

Batches = list[list[Example]]


@dataclass
class Side:
    """One of the two: a pipeline of its own, its examples, and the weights it starts from."""

    nlp: Language
    ner: EntityRecognizer
    examples: list[Example]
    start: Snapshot

    @classmethod
    def load_stock(cls, job: dict[str, Any]) -> Side:
        nlp = spacy.load(job["base"])
        rows, report = read_annotations(job["train"], nlp=nlp)
        return cls.make(nlp, list(make_examples(rows, nlp, report)), job)

    @classmethod
    def load_ours(cls, job: dict[str, Any]) -> Side:
        """Load through our own planning, which may make its examples in its own way."""
        plan = make_plan(
            spacy.load(job["base"]),
            job["train"],
            dev=None,
            retention_dev=None,
            component=job["component"],
            needs_dev=False,
            dev_fraction=0.2,
            seed=0,
            alignment_mode="strict",
            skip_invalid=False,
        )
        return cls.make(plan.nlp, list(plan.examples), job)

    @classmethod
    def make(cls, nlp: Language, examples: list[Example], job: dict[str, Any]) -> Side:
        fix_random_seed(0)
        ner = prepare_ner(nlp, job["component"], job["labels"], examples)
        return cls(nlp, ner, examples, Snapshot.take(ner.model))

    def reset(self, seed: int) -> None:
        self.start.restore(self.ner.model)
        # Updates change weights in place: from here on the snapshot's own are trained.
        self.start = Snapshot.take(self.ner.model)
        fix_random_seed(seed)

    def batches(self, indices: Sequence[Sequence[int]]) -> Batches:
        return [[self.examples[i] for i in batch] for batch in indices]


@dataclass(frozen=True)
class Block:
    """What one block measured.

    words_per_second (float): Of its updates.
    losses (List[float]): Summed loss after each update.
    """

    words_per_second: float
    losses: list[float]


class LossListener(TrainingListener):
    """Collects the summed loss after each update."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_step(self, step: int, epoch: int, loss: float) -> None:  # noqa: ARG002
        self.losses.append(loss)


def stock_block(side: Side, batches: Batches) -> Block:
    """What `spacy train` does for an update."""
    settings = training(side.nlp, side.ner.name, 0)
    optimizer = registry.resolve({"optimizer": settings["optimizer"]})["optimizer"]
    losses: dict[str, float] = {}
    summed: list[float] = []
    seconds = 0.0
    for batch in batches:
        began = time.perf_counter()
        side.nlp.update(
            batch,
            drop=settings["dropout"],
            losses=losses,
            sgd=False,  # type: ignore[arg-type]
            exclude=settings["frozen_components"],
        )
        side.ner.finish_update(optimizer)
        optimizer.step_schedules()
        seconds += time.perf_counter() - began
        summed.append(float(losses[side.ner.name]))
    return Block(count_words(batches) / seconds, summed)


def our_block(side: Side, batches: Batches) -> Block:
    """One epoch of our loop, over these batches."""
    listener = LossListener()
    loop = TrainingLoop(
        ner=side.ner,
        epochs=lambda _: side.examples,
        evaluate=None,
        baseline={},
        policy=EarlyStopping(monitor="loss", patience=None),
        optimizer=make_optimizer(),
        batcher=lambda _: batches,
        dropout=0.1,
        eval_frequency=0,
        max_epochs=1,
        max_steps=0,
        listener=listener,
    )
    with numpy_gemm(side.ner.model):
        loop.run()
    progress = loop.progress
    return Block(progress.words / progress.seconds["train"], listener.losses)


def count_equal(stock: Block, ours: Block) -> int:
    """Count the updates before the summed losses part by more than 1e-4 of themselves.

    Both compute the same, but round differently; once a rounding flips a predicted action, the two
    runs are as far apart as two random seeds.
    """
    pairs = zip(stock.losses, ours.losses, strict=True)
    return sum(1 for _ in itertools.takewhile(lambda p: math.isclose(*p, rel_tol=1e-4), pairs))


def compare(
    stock: Side, ours: Side, *, size: int, updates: int, pairs: int, seed: int
) -> dict[str, Any]:
    """Compare at one batch size.

    size (int): Words in a batch.
    updates (int): Updates in a block.
    pairs (int): Blocks of each side.
    """
    indices = draw_batches(stock.examples, size=size, count=updates, seed=seed)
    runs = ((stock_block, stock, stock.batches(indices)), (our_block, ours, ours.batches(indices)))
    blocks: list[tuple[Block, Block]] = []
    for pair in range(pairs + 1):
        measured: list[Block] = []
        order = (0, 1) if pair % 2 == 0 else (1, 0)
        for which in order:
            block, side, batches = runs[which]
            side.reset(seed)
            measured.append(block(side, batches))
        blocks.append((measured[order[0]], measured[order[1]]))
    timed = blocks[1:]
    ratios = [b.words_per_second / a.words_per_second for a, b in timed]
    return {
        "words_per_batch": size,
        "stock": round(statistics.median(a.words_per_second for a, _ in timed), 1),
        "ours": round(statistics.median(b.words_per_second for _, b in timed), 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "updates": updates,
        "updates_with_equal_loss": min(count_equal(a, b) for a, b in blocks),
    }


def draw_batches(
    examples: Sequence[Example], *, size: int, count: int, seed: int
) -> list[list[int]]:
    """Draw batches as indices, epoch after epoch, each sorted by length as spaCy's loop does."""
    order = random.Random(seed)

    def length(index: int) -> int:
        return len(examples[index].predicted)

    def epochs() -> Any:
        shuffled = list(range(len(examples)))
        while True:
            order.shuffle(shuffled)
            yield from minibatch_by_words(shuffled, size=size, tolerance=0.2, get_length=length)

    return [sorted(batch, key=length) for batch in itertools.islice(epochs(), count)]


def count_words(batches: Batches) -> int:
    return sum(len(example.predicted) for batch in batches for example in batch)


def main() -> None:
    _, job_file, result_file = sys.argv[1:]
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    stock, ours = Side.load_stock(job), Side.load_ours(job)
    sizes = [
        compare(
            stock,
            ours,
            size=size,
            updates=job["speed_updates"],
            pairs=job["speed_pairs"],
            seed=job["seeds"][0],
        )
        for size in job["speed_words"]
    ]
    result = {"sizes": sizes}
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
