"""No hostile file runs code, crashes, hangs, takes much memory, or fails with a foreign error."""

from __future__ import annotations

import functools
import importlib
import json
import os
import pickle
import pickletools
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.model_file import load, loads

from . import trap
from .pickles import smuggled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc are Linux's")

FAMILIES = (
    "pickles", "files", "configs", "states", "models", "vocabs", "plugins", "saves", "reported",
)  # fmt: skip
MAX_SECONDS = 2
MAX_BYTES = 100 * 2**20


@functools.cache
def outcomes(family: str) -> dict[str, dict[str, Any]]:
    """What became of all cases of a family."""
    with tempfile.TemporaryDirectory() as folder:
        trap.install(Path(folder))
        path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), folder]))
        return run(family, {**os.environ, "PYTHONPATH": path})


def run(family: str, environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    n_cases = len(cases(family))
    while len(found) < n_cases:
        command = [sys.executable, "-W", "ignore", "-m", f"{__package__}.child", family]
        done = subprocess.run(
            [*command, str(len(found))],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        before = len(found)
        for line in done.stdout.splitlines():
            entry = json.loads(line)
            found[entry["name"]] = entry
        if len(found) == before:  # the family itself is broken
            return {name: {"result": done.stderr[-500:]} for name in cases(family)}
        last = list(found.values())[-1]
        last.setdefault("result", f"the process ended with {done.returncode}: {done.stderr[-300:]}")
    return found


def cases(family: str) -> dict[str, Any]:
    return importlib.import_module(f".{family}", __package__).CASES


@pytest.mark.parametrize(
    ("family", "name"), [(family, name) for family in FAMILIES for name in cases(family)]
)
def test_attack(family: str, name: str) -> None:
    expected = cases(family)[name].expected.split()
    found = outcomes(family)[name]
    assert found["result"] in expected, found
    assert not found["marker"], "what the file asked for was done"
    assert found["gc"], "the garbage collector is left switched off"
    if family != "saves":  # to look for formats imports the packages that have some
        assert not found["changed"]
    # Not how fast it is, but that nothing in it multiplies.
    assert found["seconds"] < MAX_SECONDS
    assert found["growth"] < MAX_BYTES
    assert found["message"].isprintable()
    assert len(found["message"]) < 500


def test_every_opcode_outside_of_plain_data_is_refused() -> None:
    plain = {*b"\x80.NJKMG(aesuBCXqrhj]}", 0x88, 0x89, 0x8A, 0x8C, 0x8D, 0x8E, 0x94, 0x95}
    for opcode in {*range(256)} - plain:
        with pytest.raises(UnsafeFileError) as error:
            loads(b"\x80\x04" + bytes([opcode]) + b"xxxxxxxx.")
        assert error.value.code == "forbidden-opcode", opcode


def test_the_smuggled_frame_would_run_where_a_scanner_sees_plain_data(tmp_path: Path) -> None:
    path, marker = tmp_path / "model.pkl", tmp_path / "marker"
    path.write_bytes(smuggled(str(marker)))
    opcodes = {opcode.name for opcode, _, _ in pickletools.genops(path.read_bytes())}
    assert not opcodes & {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ", "BUILD"}
    with pytest.raises(UnsafeFileError, match="frame"):
        load(path)
    assert not marker.exists()
    try:
        with path.open("rb") as file:
            pickle.load(file)
    except (pickle.UnpicklingError, EOFError):
        assert not marker.exists(), "a CPython whose readers agree says that it is damaged"
    else:
        assert marker.exists()
