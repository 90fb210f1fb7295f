"""Paths that lead to something else than a model file."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from spacy_pickled_ner.model_file import load

from .case import Case

FOLDER = Path(tempfile.gettempdir())


def file(content: bytes, expected: str) -> Case:
    return at(lambda path: path.write_bytes(content), expected)


def at(make: Callable[[Path], object], expected: str) -> Case:
    """A case on the disk; what is made is removed when it was loaded."""

    def build(marker: Path) -> Path:
        path = Path(tempfile.mkdtemp(dir=FOLDER)) / "model.pkl"
        make(path)
        return path

    return Case(build, expected, load_and_remove)


def load_and_remove(path: Path) -> None:
    try:
        load(path)
    finally:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        path.parent.rmdir()


def sparse(path: Path) -> None:
    with path.open("wb") as opened:
        opened.write(pickle.dumps({}, 4))
        opened.truncate(2**40)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    return buffer.getvalue()


def arrays() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{}, Path()], dtype=object))
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("data.pkl"))
    return buffer.getvalue()


CASES: dict[str, Case] = {
    "empty": file(b"", "empty"),
    "zip": file(zipped(), "not-a-pickle"),
    "zip cut off": file(zipped()[:-30], "not-a-pickle"),
    "zip with a changed head": file(b"PK\0\0" + zipped()[4:], "not-a-pickle"),
    "7z": file(b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(24), "not-a-pickle"),
    "numpy arrays of objects": file(arrays(), "not-a-pickle"),
    "PyTorch of old": file(pickle.dumps(0x1950A86A20F9469CFC6C, 2), "unsupported-protocol"),
    "gzip": file(gzip.compress(b"x"), "not-a-pickle"),
    "tar": file(tarred(), "not-a-pickle"),
    "safetensors": file(b"\x10\0\0\0\0\0\0\0" + b'{"a":{}}        ', "not-a-pickle"),
    "numpy array": file(b"\x93NUMPY\x01\0v\0", "not-a-pickle"),
    "web page": file(b"<!doctype html><html>", "not-a-pickle"),
    "Git LFS pointer": file(b"version https://git-lfs.github.com/spec/v1\n", "not-a-pickle"),
    "UTF-16": file("model".encode("utf-16"), "not-a-pickle"),
    "one byte": file(b"\x80", "truncated"),
    "folder": at(Path.mkdir, "no-model-file not-a-file unreadable"),
    "pipe": at(os.mkfifo, "not-a-file"),
    "endless device": at(lambda path: path.symlink_to("/dev/zero"), "not-a-file"),
    "terminal": at(lambda path: path.symlink_to("/dev/tty"), "not-a-file unreadable"),
    "link to itself": at(lambda path: path.symlink_to(path), "unreadable"),
    "terabyte without content": at(sparse, "too-big"),
    "nothing": at(lambda path: None, "not-found"),
    "name too long": Case(lambda marker: "a" * 300, "unreadable not-found", load),
}
