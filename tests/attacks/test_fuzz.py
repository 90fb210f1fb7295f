"""Whatever the strict reader accepts, every reader of CPython reads the same way."""

from __future__ import annotations

import io
import json
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from spacy_pickled_ner.container.strict_pickle import read_plain_pickle
from spacy_pickled_ner.errors import UnsafeFileError

VALUES: list[Any] = [
    {"bytes_data": b"\x00\xff" * 40, "lang": "en", "pipeline": ["ner", "tagger"]},
    {
        "a": [1, -1, 2**31, 2**62, 1.5, None, True, False],
        "b": {"c": {"d": ["e", "e", "é\U0001f600"]}},
    },
    [[], {}, [[]], {"": {}}, "x" * 300, b"y" * 300],
]
SEEDS = [pickle.dumps(value, protocol) for value in VALUES for protocol in (3, 4, 5)]
# The frame of a large file is where CPython's reader of files has been known to differ.
SEEDS.append(pickle.dumps({"text": "x" * 20_000, "more": ["y" * 300] * 70}, 4))

INSERTED = [b"\x94", b"h\x00", b"(", b"u", b"s", b"e", b"N", b"\x95\x02" + bytes(7)]


def plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def mutant(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            del data[at : at + rng.randint(1, 8)]
        elif kind == 3:
            data[at:at] = rng.choice(INSERTED)
        else:
            data[at:at] = data[at : at + rng.randint(1, 20)]
        if not data:
            data = bytearray(b"\x80")
    return bytes(data)


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_differential_fuzz(seconds: int) -> None:
    rng = random.Random(seconds)
    end = time.monotonic() + seconds
    n_accepted = 0
    while time.monotonic() < end:
        data = mutant(rng)
        try:
            ours = repr(plain(read_plain_pickle(memoryview(data))))
        except UnsafeFileError:
            continue
        n_accepted += 1
        assert ours == repr(pickle.loads(data)), data
        assert ours == repr(pickle.load(io.BytesIO(data))), data
        assert ours == repr(pickle._Unpickler(io.BytesIO(data)).load()), data
    assert n_accepted > 10


def test_changed_files_load_and_run_or_are_refused() -> None:
    command = [sys.executable, "-m", f"{__package__}.fuzz", "--files", "150", "--seed", "1"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, (done.stdout[-200:], done.stderr[-500:])
    counts = json.loads(done.stdout.splitlines()[-1])
    assert counts["ran"] > 0
    assert len(counts) > 3
