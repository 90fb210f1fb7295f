"""Run the cases of one family under limits and print what became of each, a JSON line a case.

A case that hangs or crashes takes the process with it; whoever started it sees which one it was,
and starts it again behind that one.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from spacy_pickled_ner.errors import PickledNerError

from .case import LOADED, Case
from .snapshot import Snapshot

CPU_SECONDS = 10
MEMORY_BYTES = 2**30


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def virtual_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def outcome(case: Case, marker: Path) -> dict[str, object]:
    file = case.make(marker)
    gc.collect()
    before = Snapshot()
    peak, start = peak_bytes(), time.process_time()
    message = ""
    try:
        case.attack(file)
        result = LOADED
    except PickledNerError as err:
        result = getattr(err, "code", type(err).__name__)
        message = str(err)
    except BaseException as err:
        result = f"{type(err).__module__}.{type(err).__name__}: {ascii(str(err))[:200]}"
    return {
        "result": result,
        "message": message,
        "seconds": time.process_time() - start,
        "growth": peak_bytes() - peak,
        "marker": marker.exists() or any(marker.parent.iterdir()),
        "gc": gc.isenabled(),
        "changed": before.difference(Snapshot()),
    }


def say(**entry: object) -> None:
    sys.stdout.write(json.dumps(entry) + "\n")
    sys.stdout.flush()


def main(family: str, start: int) -> None:
    cases: dict[str, Case] = importlib.import_module(f"{__package__}.{family}").CASES
    resource.setrlimit(resource.RLIMIT_AS, (virtual_bytes() + MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What imports brought stays for good: no collection need look at it again.
    gc.freeze()
    folder = Path(tempfile.mkdtemp())
    try:
        for name, case in list(cases.items())[start:]:
            empty = folder / "empty"
            empty.mkdir()
            say(name=name)
            # Without a handler, the process ends when its time is over.
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
            result = outcome(case, empty / "marker")
            signal.setitimer(signal.ITIMER_PROF, 0)
            say(name=name, **result)
            shutil.rmtree(empty)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(sys.argv[1], int(sys.argv[2]))
