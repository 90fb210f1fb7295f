"""Change files at random, load them, and run one document: `python -m tests.attacks.fuzz`.

Every file ends in an error of this package or in a pipeline. What the pipeline makes of the
document may be an ordinary exception. A crash ends the process, and so do a file that takes too
long and one that takes too much memory; the last line that was printed names it.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import srsly

from spacy_pickled_ner.errors import PickledNerError
from spacy_pickled_ner.model_file import loads

from .child import MEMORY_BYTES, virtual_bytes
from .editing import file, seed, v1
from .pipelines import ATTACKED

TEXT = "Ada met the old engineers of Acme in Paris. " * 3
CPU_SECONDS = 5
VALUES: tuple[Any, ...] = (
    None, True, 0, 1, -1, 2, 255, 2**16, 2**31, 2**32, 2**53, 0.5, -1.0, 1e9, "", "x", "ner", "*",
    [], {}, [0], ["x"], {"x": 1}, [[]], {"@misc": "spacy.EmptyKB.v2"}, "é" * 50, "_.x", "HEAD",
)  # fmt: skip


def mutated(value: Any, rng: random.Random) -> Any:
    """A copy of a value with one thing in it changed; packed values inside are unpacked."""
    if isinstance(value, (bytes, memoryview)) and len(value):
        for unpack, pack in ((srsly.msgpack_loads, srsly.msgpack_dumps), (json.loads, _json)):
            try:
                inner = unpack(bytes(value))
            except Exception:
                continue
            return pack(mutated(inner, rng))
        place = rng.randrange(len(value))
        return bytes(value[:place]) + rng.randbytes(1) + bytes(value[place + 1 :])
    if isinstance(value, (dict, list)) and value and rng.random() < 0.9:
        copied = {**value} if isinstance(value, dict) else [*value]
        key = rng.choice([*value] if isinstance(value, dict) else range(len(value)))
        if rng.random() < 0.1:
            del copied[key]
        elif rng.random() < 0.05:
            other = rng.choice([*value] if isinstance(value, dict) else range(len(value)))
            copied[key] = value[other]
        else:
            copied[key] = mutated(value[key], rng)
        return copied
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.dumps(mutated(json.loads(value), rng))
        except ValueError:
            return value
    if isinstance(value, int) and rng.random() < 0.5:
        return value + rng.choice((-1, 1, 7, 2**20))
    return rng.choice(VALUES)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def change(rng: random.Random) -> tuple[str, Callable[[], bytes]]:
    """Choose what to change: a section of a v1 file, or a part of a seed.v0 file."""
    name = rng.choice([*ATTACKED])
    if rng.random() < 0.3:
        return f"{name} (seed)", lambda: seed(name, change=lambda raw: mutated(raw, rng))
    manifest = json.loads(pickle.loads(file(name))["manifest"])
    sections = [info["name"] for info in manifest["sections"]]
    section = rng.choice([s for s in sections if not s.startswith("vocab/strings")])
    return f"{name}: {section}", lambda: v1(name, section, lambda raw: altered(raw, rng))


def altered(raw: Any, rng: random.Random) -> Any:
    """Change a section: an array in its numbers or shape, anything else inside."""
    if hasattr(raw, "dtype"):
        if rng.random() < 0.5 and raw.size:
            return raw.reshape(-1)[: rng.randrange(raw.size + 1)].copy()
        copied = raw.copy()
        if copied.size:
            copied.reshape(-1)[rng.randrange(copied.size)] = rng.choice((0, 1, 2**15, 2**31 - 1))
        return copied
    return mutated(raw, rng)


def main(seconds: float, number: int, n_files: int) -> Counter[str]:
    """Fuzz for a while, or so many files; what became of them, counted."""
    rng, found = random.Random(number), Counter[str]()
    for name in ATTACKED:
        file(name), file(name, "seed")
    resource.setrlimit(resource.RLIMIT_AS, (virtual_bytes() + MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    end = time.monotonic() + seconds
    for _ in range(n_files):
        if time.monotonic() > end:
            break
        what, make = change(rng)
        try:
            data = make()
        except Exception:
            found["cannot be made"] += 1
            continue
        sys.stdout.write(f"{what}\n")
        sys.stdout.flush()
        # Without a handler, the process ends when its time is over.
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        try:
            nlp = loads(data)
        except PickledNerError as err:
            found[getattr(err, "code", type(err).__name__)] += 1
        else:
            try:
                nlp(TEXT)
                found["ran"] += 1
            except Exception as err:
                found[f"ran into {type(err).__name__}"] += 1
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=10**9)
    options = parser.parse_args()
    counts = main(options.seconds, options.seed, options.files)
    sys.stdout.write(json.dumps(counts) + "\n")
