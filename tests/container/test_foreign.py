"""Files that are something else get a message that says what, and what to do."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import tarfile
import zipfile

import numpy as np
import pytest

from spacy_pickled_ner.errors import ModelFileError, UnsafeFileError
from spacy_pickled_ner.model_file import inspect, load, loads

from ..attacks.editing import file, replaced


def zip_file() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "b")
    return out.getvalue()


def tar_file() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


def npy_file() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


FOREIGN = {
    "empty": (b"", "empty", "empty"),
    "zip": (zip_file(), "not-a-pickle", "zip archive"),
    "gzip": (gzip.compress(b"x"), "not-a-pickle", "decompress it first"),
    "tar": (tar_file(), "not-a-pickle", "tar archive"),
    "npy": (npy_file(), "not-a-pickle", "numpy array"),
    "html": (b"\n<!DOCTYPE html><html>", "not-a-pickle", "web page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "not-a-pickle", "git lfs pull"),
    "safetensors": (b"\x40\0\0\0\0\0\0\0" + b'{"a":{}}', "not-a-pickle", "safetensors"),
    "json": (b'{"text": "a"}', "not-a-pickle", "JSON"),
    "utf16": ("text".encode("utf-16"), "not-a-pickle", "UTF-16"),
    "text": (b"hello", "not-a-pickle", "not a pickle"),
    "protocol 0": (pickle.dumps({"a": 1}, 0), "unsupported-protocol", "protocol 3, 4 or 5"),
    "protocol 2": (pickle.dumps({"a": 1}, 2), "unsupported-protocol", "protocol 3, 4 or 5"),
    "other data": (pickle.dumps({"weights": b"x"}), "unknown-format", "keys are 'weights'"),
    "list": (pickle.dumps([1]), "unknown-format", "pickled list"),
    "code": (pickle.dumps(print), "forbidden-opcode", "Nothing in it was run"),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("function", [load, inspect])
def test_foreign(name, function, tmp_path):
    data, code, message = FOREIGN[name]
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    for source in (path, data, io.BytesIO(data)):
        with pytest.raises(UnsafeFileError, match=message) as error:
            function(source)
        assert error.value.code == code
        assert len(str(error.value)) < 500


def test_folder_without_model(tmp_path, pipelines):
    with pytest.raises(ModelFileError, match=r"no model\.pkl in") as error:
        load(tmp_path)
    assert error.value.code == "no-model-file"
    pipelines("blank").to_disk(tmp_path)
    with pytest.raises(ModelFileError, match=r"spacy\.load"):
        load(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_pipes_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ModelFileError) as error:
            load(path)
        assert error.value.code == "not-a-file"


def test_sparse_giant(tmp_path):
    path = tmp_path / "giant"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(UnsafeFileError) as error:
        load(path)
    assert error.value.code == "too-big"


def test_unusable_path():
    with pytest.raises(ModelFileError) as error:
        load("a\0b")
    assert error.value.code == "unreadable"


def test_loads_is_load_on_bytes():
    with pytest.raises(UnsafeFileError):
        loads(b"")


def test_trusted_factory_that_nobody_has_registered():
    config = bytes(pickle.loads(file("bare"))["config.json"])
    renamed = config.replace(b'"factory":"sentencizer"', b'"factory":"nobody.has"')
    data = replaced("bare", {"config.json": renamed})
    with pytest.raises(ModelFileError, match=r"'nobody.has', which is not registered: .*--code"):
        loads(data, trusted=["factories:nobody.has"])
