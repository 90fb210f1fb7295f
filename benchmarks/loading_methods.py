"""One measurement of `loading.py`, in its own process. The result is one line of JSON.

    python benchmarks/loading_methods.py ACTION METHOD FOLDER

FOLDER has a pipeline in each format. The action `prepare` makes it.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXT = "Ada Lovelace met Charles Babbage in London, and isn't amused by Mr. Menabrea's U.K. notes."


def load_directory(folder: Path) -> Any:
    import spacy

    return spacy.load(folder / "stock")


def load_pickle(folder: Path) -> Any:
    with (folder / "nlp.pickle").open("rb") as file:
        return pickle.load(file)


def load_seed(folder: Path) -> Any:
    """Load with `from_bytes`. The recipe's `blank` and `add_pipe` cannot rebuild other widths."""
    import spacy
    import srsly

    with (folder / "seed.pkl").open("rb") as file:
        data = pickle.load(file)["bytes_data"]
    config = spacy.util.load_config_from_str(srsly.msgpack_loads(data)["config.cfg"].decode())
    return spacy.util.load_model_from_config(config, auto_fill=False).from_bytes(data)


def load_mapped(folder: Path) -> Any:
    import spacy_pickled_ner as spn

    return spn.load(folder / "model.pkl")


def load_eager(folder: Path) -> Any:
    import spacy_pickled_ner as spn

    return spn.load(folder / "model.pkl", eager=True, mmap=False)


def load_blank(_: Path) -> Any:
    import spacy

    return spacy.blank("en")


LOADERS: dict[str, Callable[[Path], Any]] = {
    "spacy.load(dir)": load_directory,
    "seed's format": load_seed,
    "pickle.load(nlp)": load_pickle,
    "ours, eager": load_eager,
    "ours, mapped": load_mapped,
    "spacy.blank": load_blank,
}


def import_all() -> float:
    start = time.perf_counter()
    import spacy  # noqa: F401

    import spacy_pickled_ner as spn

    _ = spn.load, spn.dump, spn.inspect
    return time.perf_counter() - start


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def status_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def measure_load(method: str, folder: Path) -> dict[str, float]:
    import_s, before = import_all(), peak_mb()
    start = time.perf_counter()
    nlp = LOADERS[method](folder)
    load_s, load_mb = time.perf_counter() - start, peak_mb() - before
    nlp(TEXT)
    doc_s, doc_mb = time.perf_counter() - start, peak_mb() - before
    return {
        "import_s": import_s,
        "load_s": load_s,
        "load_and_doc_s": doc_s,
        "load_peak_mb": load_mb,
        "load_and_doc_peak_mb": doc_mb,
    }


def measure_save(method: str, folder: Path) -> dict[str, float]:
    import_all()
    import spacy_pickled_ner as spn

    nlp = load_directory(folder)
    nlp(TEXT)
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    before = status_mb("VmRSS")
    start = time.perf_counter()
    if method == "nlp.to_disk":
        nlp.to_disk(folder / "saved")
    else:
        spn.dump(nlp, folder / "saved.pkl", format=method.rpartition(" ")[2])
    return {"save_s": time.perf_counter() - start, "save_peak_mb": status_mb("VmHWM") - before}


def measure_inspect(folder: Path) -> dict[str, float]:
    import_all()
    import spacy_pickled_ner as spn

    before, start = peak_mb(), time.perf_counter()
    spn.inspect(folder / "model.pkl")
    return {"inspect_s": time.perf_counter() - start, "inspect_peak_mb": peak_mb() - before}


def hold(method: str, folder: Path) -> None:
    """Load the pipeline, print a line, and wait until the input ends."""
    import_all()
    nlp = LOADERS[method](folder)
    print("loaded", flush=True)
    sys.stdin.read()
    del nlp


def prepare(stock: Path, folder: Path, n_vectors: int) -> None:
    """Write a pipeline, with or without vectors added, in every format."""
    import numpy as np
    import spacy
    from spacy.vectors import Vectors

    import spacy_pickled_ner as spn

    nlp = spacy.load(stock)
    if n_vectors:
        data = np.random.default_rng(0).standard_normal((n_vectors, 300), dtype=np.float32)
        keys = [nlp.vocab.strings.add(f"word{i:x}") for i in range(n_vectors)]
        nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=keys, name="random")
    folder.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(folder / "stock")
    spn.dump(nlp, folder / "model.pkl")
    with (folder / "seed.pkl").open("wb") as file:
        record = {"bytes_data": nlp.to_bytes(), "lang": nlp.lang, "pipeline": list(nlp.pipe_names)}
        pickle.dump(record, file, protocol=4)
    with (folder / "nlp.pickle").open("wb") as file:
        pickle.dump(nlp, file, protocol=5)


def main() -> None:
    action, method, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if action == "prepare":
        prepare(Path(method), folder, int(sys.argv[4]))
    elif action == "hold":
        hold(method, folder)
    elif action == "save":
        print(json.dumps(measure_save(method, folder)))
    elif action == "inspect":
        print(json.dumps(measure_inspect(folder)))
    else:
        print(json.dumps(measure_load(method, folder)))


if __name__ == "__main__":
    main()
