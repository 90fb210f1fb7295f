"""Train on synthetic texts streamed from disk, and measure memory and speed.

    python benchmarks/streaming.py --texts 1000000
    python benchmarks/streaming.py --texts 200000 --keep-words  # without memory zones

The texts are written to a temporary JSONL file, and trained on for one epoch. One word in twelve is
new, like names, numbers and typing errors in real text. Each chunk of texts gives a row: resident
memory, words per second of wall time (reading, tokenizing and updates), and the size of the vocab.
The last lines compare memory and time per text of the second chunk with those of the last.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.training import Example

import spacy_pickled_ner as spn
from spacy_pickled_ner.machine import peak_memory_mb
from spacy_pickled_ner.pipelines import load_base
from spacy_pickled_ner.training import TrainingListener
from spacy_pickled_ner.training.defaults import make_batcher

COMMON = [f"{first}{last}" for first in "bdfglmnprst" for last in ("a", "elo", "im", "or", "usk")]
DRINKS = ("tea", "mint tea", "coffee", "milk", "apple juice", "lemonade")


def make_row(numbers: random.Random) -> dict[str, object]:
    words = [*numbers.choices(COMMON, k=11), f"q{numbers.randrange(10**9)}"]
    numbers.shuffle(words)
    before, drink = " ".join(words[:6]), numbers.choice(DRINKS)
    span = {"start": len(before) + 1, "end": len(before) + 1 + len(drink), "label": "DRINK"}
    return {"text": f"{before} {drink} {' '.join(words[6:])}.", "spans": [span]}


def write_rows(path: Path, count: int, seed: int) -> Path:
    numbers = random.Random(seed)
    with path.open("w") as file:
        for _ in range(count):
            file.write(json.dumps(make_row(numbers)) + "\n")
    return path


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class Watcher(TrainingListener):
    """Counts texts and words in batches, and prints a row for each chunk."""

    def __init__(self, chunk: int):
        self.chunk = chunk
        self.texts = self.words = self.chunk_words = 0
        self.rows: list[tuple[int, float, float]] = []
        self.nlp: Language | None = None
        self.began = 0.0
        self.batcher = make_batcher()

    def on_start(self, plan) -> None:
        self.nlp = plan.nlp
        self.began = time.perf_counter()

    def __call__(self, examples: Iterable[Example]) -> Iterator[list[Example]]:
        for batch in self.batcher(examples):
            yield batch
            self.texts += len(batch)
            self.chunk_words += sum(len(example.predicted) for example in batch)
            if self.texts // self.chunk > len(self.rows):
                self.print_row()

    def print_row(self) -> None:
        seconds = time.perf_counter() - self.began
        speed = self.chunk_words / seconds
        self.rows.append((self.texts, resident_mb(), seconds / self.chunk))
        strings = len(self.nlp.vocab.strings)
        print(f"{self.texts:>10,}{resident_mb():>10.0f}{speed:>12,.0f}{strings:>12,}", flush=True)
        self.chunk_words, self.began = 0, time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--base", default="blank:en")
    parser.add_argument("--eval-frequency", type=int, default=2_000)
    parser.add_argument("--keep-words", action="store_true", help="without spaCy's memory zones")
    args = parser.parse_args()
    watcher = Watcher(max(args.texts // 20, 1))
    with tempfile.TemporaryDirectory() as folder:
        train = write_rows(Path(folder) / "train.jsonl", args.texts, seed=0)
        dev = write_rows(Path(folder) / "dev.jsonl", 200, seed=1)
        print(f"{train.stat().st_size / 1e6:.0f} MB of texts; {resident_mb():.0f} MB of imports")
        base = load_base(args.base)
        if args.keep_words:
            base.memory_zone = contextlib.nullcontext
        print(f"{'texts':>10}{'RSS MB':>10}{'words/s':>12}{'strings':>12}")
        result = spn.fine_tune(
            base,
            train,
            dev=dev,
            stream=True,
            retention="none",
            batcher=watcher,
            max_epochs=1,
            max_steps=0,
            eval_frequency=args.eval_frequency,
            early_stopping=spn.EarlyStopping(patience=None),
            listener=watcher,
        )
    print(f"peak {peak_memory_mb():.0f} MB, F {result.scores['ents_f']:.3f}, {result.timing}")
    (_, early_mb, early_s), (_, late_mb, late_s) = watcher.rows[1], watcher.rows[-1]
    per_million = (late_mb - early_mb) / (watcher.rows[-1][0] - watcher.rows[1][0]) * 1e6
    print(f"memory: {per_million:+.0f} MB for each million texts; time for a text: ", end="")
    print(f"{1e6 * early_s:.0f} µs early, {1e6 * late_s:.0f} µs late ({late_s / early_s:.2f} x)")


if __name__ == "__main__":
    main()
