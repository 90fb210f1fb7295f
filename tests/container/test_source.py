"""However reading a file fails, it is one of our errors."""

from __future__ import annotations

import array
import io
import json
import mmap
import os
import sys
from types import SimpleNamespace

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.container import source
from spacy_pickled_ner.model_file import loading, verification

from ..attacks.editing import v1

USES = (spn.load, lambda file: spn.load(file, mmap=False), spn.inspect, spn.verify)


def error_of(file, use=spn.load) -> spn.ModelFileError:
    with pytest.raises(spn.ModelFileError) as error:
        use(file)
    return error.value


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_files_that_cannot_be_read_or_say_no_size():
    for use in USES:
        assert error_of("/proc/self/mem", use).code == "unreadable"
        assert "/proc/self/mem" in str(error_of("/proc/self/mem", use))
        assert error_of("/proc/self/cmdline", use).code == "not-a-pickle"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "a/" * 3000, "\udcff\0"])
def test_names_that_no_file_can_have(name, nlp, tmp_path):
    for use in (*USES, spn.get_untrusted):
        assert error_of(tmp_path / name, use).code in ("unreadable", "not-found")
        assert error_of(name, use).code in ("unreadable", "not-found")
    with pytest.raises(spn.SaveError):
        spn.dump(nlp, tmp_path / name)


class Reading(io.RawIOBase):
    """Returns, or raises, what it is made with."""

    def __init__(self, result):
        self.result = result

    def read(self, size=-1):
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.mark.parametrize(
    "result",
    [OSError(5, "broken"), ValueError("closed"), KeyError(1), RecursionError(), None, 5, []],
)
def test_file_objects_that_fail(result):
    for use in USES:
        assert error_of(Reading(result), use).code == "unreadable"


def test_file_objects_in_text_mode_are_a_wrong_argument():
    for use in USES:
        for file in (Reading("text"), io.StringIO("text")):
            with pytest.raises(TypeError, match="text mode"):
                use(file)
        for wrong in (5, None, [1], object()):
            with pytest.raises(TypeError, match="pass a path, bytes"):
                use(wrong)


def test_file_objects_whose_name_fails():
    class Nameless(Reading):
        @property
        def name(self):
            raise OSError

    assert error_of(Nameless(OSError("broken"))).code == "unreadable"


@pytest.mark.parametrize("kind", [bytearray, memoryview, lambda data: array.array("B", data)])
def test_file_objects_that_return_other_bytes(nlp, kind):
    class Once(Reading):
        def read(self, size=-1):
            data, self.result = self.result, b""
            return data

    made = Once(kind(spn.dumps(nlp)))
    if isinstance(made.result, array.array):
        assert error_of(made).code == "unreadable"
    else:
        assert spn.load(made).to_bytes() == nlp.to_bytes()


def test_file_objects_that_return_too_much(monkeypatch):
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 1000)
    assert error_of(Reading(b"\x80" * 2000)).code == "too-big"
    assert error_of(Reading(b"\x80" * 10)).code == "too-big"


@pytest.mark.parametrize("size", [0, 100])
def test_a_file_that_shrinks_while_it_is_read(nlp, tmp_path, size, monkeypatch):
    path = tmp_path / "a.pkl"
    spn.dump(nlp, path)
    check = source.check_is_pickle

    def shrink(head):
        check(head)
        os.truncate(path, size)

    monkeypatch.setattr(source, "check_is_pickle", shrink)
    for use in USES:
        assert error_of(path, use).code in ("changed", "truncated", "empty", "not-canonical")
        spn.dump(nlp, path)


@pytest.mark.parametrize("error", [OSError(12, "no memory"), ValueError("empty")])
def test_what_cannot_be_mapped_is_read(nlp, tmp_path, error, monkeypatch):
    spn.dump(nlp, tmp_path / "a.pkl")

    def fail(*args, **options):
        raise error

    monkeypatch.setattr(source, "mmap", SimpleNamespace(**{**vars(mmap), "mmap": fail}))
    assert spn.load(tmp_path / "a.pkl").to_bytes() == nlp.to_bytes()


@pytest.mark.parametrize(
    "error", [AttributeError("x"), RecursionError(), MemoryError(), TypeError()]
)
def test_no_error_of_another_type_gets_out(nlp, tmp_path, error, monkeypatch):
    spn.dump(nlp, tmp_path / "a.pkl")

    def fail(*args, **options):
        raise error

    for module in (loading, verification):
        monkeypatch.setattr(module, "read_model_data", fail)
    for use in (spn.load, spn.verify, spn.get_untrusted):
        found = error_of(tmp_path / "a.pkl", use)
        assert found.code == "unreadable"
        assert found.file == str(tmp_path / "a.pkl")
        assert type(error).__name__ in str(found)


@pytest.mark.parametrize("block", ["nlp", "components"])
@pytest.mark.parametrize("value", ["text", ["list"], None, 5, {}], ids=repr)
def test_blocks_of_another_type(block, value):
    def change(raw):
        return json.dumps({**json.loads(bytes(raw)), block: value}).encode()

    data = v1("ner", "config.json", change)
    for use in (spn.load, spn.inspect, spn.verify, spn.get_untrusted):
        assert error_of(data, use).code == "bad-config"


def test_a_released_view_is_no_file(nlp):
    view = memoryview(spn.dumps(nlp))
    view.release()
    assert error_of(view).code == "unreadable"
