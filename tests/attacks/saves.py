"""Saving where it must not work, and pipelines that want to be saved elsewhere."""

from __future__ import annotations

import os
import resource
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import spacy

from spacy_pickled_ner.model_file import dump, dumps, loads

from .case import LOADED, Case
from .configs import changed, renamed

OLD = b"old"


def into(prepare: Callable[[Path], Path | None], **meta: object) -> Case:
    """Save where it cannot work; an old file must be intact, and nothing left beside it."""

    def attack(target: Path) -> None:
        nlp = spacy.blank("xx", meta=meta)
        other = prepare(target) or target
        before = sorted(target.parent.iterdir())
        try:
            dump(nlp, other)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
            if target.read_bytes() != OLD or sorted(target.parent.rglob("*")) != before:
                raise RuntimeError("something is left of it")

    def make(marker: Path) -> Path:
        target = Path(tempfile.mkdtemp()) / "model.pkl"
        target.write_bytes(OLD)
        return target

    return Case(make, "SaveError", attack)


def full(target: Path) -> None:
    """A disk that has room for a part only."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))


def linked(target: Path) -> Path:
    link = target.with_name("link.pkl")
    link.symlink_to(target)
    return link


def folder(target: Path) -> Path:
    inner = target.with_name("folder")
    inner.mkdir()
    return inner


def pipe(target: Path) -> Path:
    path = target.with_name("pipe")
    os.mkfifo(path)
    return path


def save_to_disk(data: bytes) -> None:
    """A component's name becomes a folder in `nlp.to_disk`: nothing may appear outside."""
    nlp = loads(data)
    with tempfile.TemporaryDirectory() as parent:
        nlp.to_disk(Path(parent) / "pipeline")
        if [path.name for path in Path(parent).iterdir()] != ["pipeline"]:
            raise RuntimeError("it writes outside")


def named(name: str) -> Case:
    def make(marker: Path) -> bytes:
        nlp = spacy.blank("xx")
        nlp.add_pipe("sentencizer", name=name)
        return dumps(nlp)

    return Case(make, LOADED, save_to_disk)


def absolute(marker: Path) -> bytes:
    data: bytes = changed(renamed(str(marker)), "").make(marker)
    return data


UNUSABLE = (
    "../x", "..", ".", "a/b", "a\\b", "/x", "~", "C:x", "vocab", "tokenizer", "config.cfg",
    "meta.json", "strings", "", " ", "\n", "a\nb", "a\0b", "x" * 65, "x" * 10**4, "\u202egpj.x",
    "\ud800", "a.b", "\u2024\u2024/x", "\u2215etc", "$", "${nlp.lang}", "con:", "-x", "+",
    "e\u0301",
)  # fmt: skip

CASES: dict[str, Case] = {
    "disk full": into(full),
    "symbolic link": into(linked),
    "folder": into(folder),
    "pipe": into(pipe),
    "file in a file": into(lambda target: target / "model.pkl"),
    "name too long": into(lambda target: target.with_name("x" * 300)),
    "exception": into(lambda target: target, opened=object()),
    "system folder": into(lambda target: Path("/proc/self/model.pkl")),
    **{
        f"component {name!a:.24}": changed(renamed(name), "bad-config", save_to_disk)
        for name in UNUSABLE
    },
    "component named by a path": Case(absolute, "bad-config", save_to_disk),
    **{
        f"component {name!a:.24} is kept": named(name)
        for name in ("ner", "ner-2", "实体", "a b", "é", "x" * 64)
    },
}
