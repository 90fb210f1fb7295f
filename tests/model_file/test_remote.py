"""Model files at URLs, through fsspec; local paths never get near it."""

from __future__ import annotations

import functools
import http.server
import sys
import threading
from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.model_file import source
from spacy_pickled_ner.model_file.remote import is_url, shown_url

fsspec = pytest.importorskip("fsspec")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/breaks-off":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"\x80\x04}")
        return None

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A folder, and the address it is served at."""
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    yield fs
    fs.store.clear()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://bucket/model.pkl", True),
        ("HTTPS://host/model.pkl", True),
        ("simplecache::gs://bucket/model.pkl", True),
        ("model.pkl", False),
        ("/a/b:c//d.pkl", False),
        ("c://models/model.pkl", False),
        (Path("s3://bucket/model.pkl"), False),
        (b"s3://", False),
    ],
)
def test_what_is_a_url(name, expected):
    assert is_url(name) is expected


def test_secrets_are_not_shown():
    assert shown_url("ftp://me:p@ss@host/a/model.pkl") == "ftp://host/a/model.pkl"
    assert shown_url("https://host/model.pkl?X-Signature=1#x") == "https://host/model.pkl"
    assert shown_url("zip://m.pkl::http://u:p@h/a.zip?k=1") == "zip://m.pkl::http://h/a.zip"


def test_memory(nlp, memory):
    spn.dump(nlp, "memory://models/a.pkl")
    assert memory.cat_file("/models/a.pkl") == spn.dumps(nlp)
    assert spn.load("memory://models/a.pkl").to_bytes() == nlp.to_bytes()
    assert spn.inspect("memory://models/a.pkl")["file"] == "memory://models/a.pkl"


def test_http(nlp, server):
    folder, address = server
    spn.dump(nlp, folder / "model.pkl")
    loaded = spn.load(f"{address}/model.pkl?token=secret")
    assert loaded.to_bytes() == nlp.to_bytes()
    with pytest.raises(spn.SaveError):
        spn.dump(nlp, f"{address}/other.pkl")


def test_http_errors_hide_secrets(server):
    folder, address = server
    (folder / "page").write_text("<html>Please log in")
    with pytest.raises(spn.ModelFileError) as error:
        spn.load(f"{address}/nothing.pkl?token=secret")
    assert error.value.code == "not-found"
    assert "secret" not in str(error.value)
    with pytest.raises(spn.UnsafeFileError, match="web page"):
        spn.load(f"{address}/page")
    with pytest.raises(spn.ModelFileError) as error:
        spn.load(f"{address}/breaks-off")
    assert error.value.code == "unreadable"


def test_a_server_that_is_not_there_is_no_missing_file():
    with pytest.raises(spn.ModelFileError, match="cannot read http://127") as error:
        spn.load("http://127.0.0.1:9/model.pkl?token=secret")
    assert error.value.code == "unreadable"
    assert "secret" not in str(error.value)


def test_damage_is_found(nlp, memory):
    data = bytearray(spn.dumps(nlp))
    data[-1000] ^= 1
    memory.pipe_file("/a.pkl", bytes(data))
    with pytest.raises(spn.UnsafeFileError):
        spn.load("memory://a.pkl")


def test_size_is_bounded(nlp, memory, monkeypatch):
    memory.pipe_file("/a.pkl", spn.dumps(nlp))
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 1000)
    with pytest.raises(spn.UnsafeFileError) as error:
        spn.load("memory://a.pkl")
    assert error.value.code == "too-big"


@pytest.mark.parametrize("url", ["nosuchthing://a/model.pkl", "http://127.0.0.1:9/model.pkl"])
def test_unusable_urls(nlp, url):
    with pytest.raises(spn.ModelFileError):
        spn.load(url)
    with pytest.raises(spn.SaveError):
        spn.dump(nlp, url)


def test_what_cannot_be_finished_is_not_uploaded(nlp, memory, monkeypatch):
    memory.pipe_file("/a.pkl", b"old")

    def broken(*args):
        yield b"\x80"
        raise spn.SaveError("broken")

    monkeypatch.setattr("spacy_pickled_ner.model_file.saving._serialize", broken)
    with pytest.raises(spn.SaveError, match="broken"):
        spn.dump(nlp, "memory://a.pkl")
    assert memory.cat_file("/a.pkl") == b"old"


def test_without_fsspec(nlp, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for use in (spn.load, spn.inspect, lambda url: spn.dump(nlp, url)):
        with pytest.raises(spn.MissingExtraError, match=r"spacy-pickled-ner\[fsspec\]") as error:
            use("memory://a.pkl")
        assert error.value.extra == "fsspec"
    spn.dump(nlp, tmp_path / "a.pkl")
    assert spn.load(str(tmp_path / "a.pkl")).to_bytes() == nlp.to_bytes()
