"""A save that is killed at any moment leaves a whole file, the old or the new, and no litter."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest
import spacy

from spacy_pickled_ner.container.atomic import TEMP_PREFIX
from spacy_pickled_ner.model_file import dump, dumps, load, verify

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")

# Saves two versions of a pipeline in turn, for ever.
WRITER = """
import sys, spacy
from spacy_pickled_ner.model_file import dump
versions = [spacy.blank("xx", meta={"version": f"{n}.0"}) for n in (1, 2)]
print("ready", flush=True)
while True:
    for nlp in versions:
        dump(nlp, sys.argv[1])
"""


@pytest.mark.parametrize("n_kills", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_random_points(tmp_path, n_kills):
    target = tmp_path / "model.pkl"
    versions = [spacy.blank("xx", meta={"version": f"{n}.0"}) for n in (1, 2)]
    whole = {dumps(nlp) for nlp in versions}
    dump(versions[0], target)
    rng = random.Random(0)
    for _ in range(n_kills):
        command = [sys.executable, "-c", WRITER, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.05))
            writer.send_signal(signal.SIGKILL)
        assert target.read_bytes() in whole
        verify(target)
        # The next save removes what the last one left, so there is never more than that.
        assert len([p for p in tmp_path.iterdir() if p.name.startswith(TEMP_PREFIX)]) <= 1
    dump(versions[1], target)
    assert [p.name for p in tmp_path.iterdir()] == ["model.pkl"]


def test_reader_during_saves_sees_whole_files(tmp_path):
    target = tmp_path / "model.pkl"
    versions = [spacy.blank("xx", meta={"version": f"{n}.0"}) for n in (1, 2)]
    whole = {dumps(nlp) for nlp in versions}
    dump(versions[0], target)
    mapped = load(target)
    command = [sys.executable, "-c", WRITER, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"ready\n"
        seen, end = set(), time.monotonic() + 30
        while seen < whole and time.monotonic() < end:
            seen.add(target.read_bytes())
        loaded = {load(target).meta["version"] for _ in range(10)}
        writer.send_signal(signal.SIGKILL)
    assert seen == whole
    assert loaded <= {"1.0", "2.0"}
    # What was mapped before is still the file that it was.
    assert [token.text for token in mapped("one two")] == ["one", "two"]
