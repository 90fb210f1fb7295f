"""Model files at URLs, through fsspec; local paths never get near it."""

from __future__ import annotations

import functools
import http.server
import io
import sys
import threading
from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.container import source
from spacy_pickled_ner.container.urls.remote import is_url, url_exists

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


def reachable(error: BaseException) -> str:
    """All texts that can be reached from an error, but for the frames of its traceback."""
    texts, seen, left = [], set(), [error]
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        texts += [repr(value), str(value)]
        if isinstance(value, (list, tuple, set)):
            left += value
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, BaseException):
            left += [value.__cause__, value.__context__, value.args, vars(value)]
            left += [getattr(value, "filename", None), getattr(value, "request_info", None)]
    return "\n".join(texts)


class LeakyFileSystem(fsspec.AbstractFileSystem):
    """Repeats the URL in all errors, as some file systems do."""

    protocol = "leaky"
    cachable = False

    @classmethod
    def _strip_protocol(cls, path):
        return path

    def fail(self, path, *args, **options):
        error = PermissionError(13, f"no access to {path}", path)
        error.request_info = {"url": path}
        raise error from ValueError(path)

    _open = exists = info = ls = put_file = fail


class FailsWhileReading(LeakyFileSystem):
    protocol = "leaky-read"

    def _open(self, path, *args, **options):
        class File(io.BytesIO):
            def read(_, *args):  # noqa: N805
                self.fail(path)

        return File()


@pytest.fixture
def leaky():
    for cls in (LeakyFileSystem, FailsWhileReading):
        fsspec.register_implementation(cls.protocol, cls, clobber=True)


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
    assert "secret" not in reachable(error.value)
    with pytest.raises(spn.UnsafeFileError, match="web page"):
        spn.load(f"{address}/page")
    with pytest.raises(spn.ModelFileError) as error:
        spn.load(f"{address}/breaks-off")
    assert error.value.code == "unreadable"


def test_a_server_that_is_not_there_is_no_missing_file():
    with pytest.raises(spn.ModelFileError, match="cannot read http://127") as error:
        spn.load("http://127.0.0.1:9/model.pkl?token=secret")
    assert error.value.code == "unreadable"
    assert "secret" not in reachable(error.value)


@pytest.mark.parametrize("scheme", ["leaky", "leaky-read", "simplecache::leaky"])
@pytest.mark.parametrize("place", ["user:secret@host/f", "tok/secret@host/f", "host/f?k=secret"])
def test_no_error_can_be_followed_to_a_secret(nlp, scheme, place, leaky):
    url = f"{scheme}://{place}"
    for use in (spn.load, spn.inspect, spn.verify, spn.get_untrusted):
        with pytest.raises(spn.ModelFileError) as error:
            use(url)
        assert error.value.code == "unreadable"
        assert "secret" not in reachable(error.value)
        assert error.value.__context__ is None
    with pytest.raises(spn.SaveError) as error:
        spn.dump(nlp, url)
    assert "secret" not in reachable(error.value)
    if "::" not in scheme:  # a cache calls what it cannot see missing
        with pytest.raises(spn.SaveError) as error:
            url_exists(url)
        assert "secret" not in reachable(error.value)


def test_unknown_schemes_repeat_no_secret(nlp):
    for use in (spn.load, lambda url: spn.dump(nlp, url)):
        with pytest.raises(spn.PickledNerError) as error:
            use("nosuchthing://user:secret@host/f")
        assert "secret" not in reachable(error.value)


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
