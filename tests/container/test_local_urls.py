"""A URL that names a local file is that file: regular, mapped, and written in one step."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner.container.source import map_source
from spacy_pickled_ner.container.urls.local_urls import end_of_chain, local_path
from spacy_pickled_ner.container.urls.remote import is_url, url_exists

USES = (spn.load, spn.inspect, spn.verify, spn.get_untrusted)


@pytest.fixture
def folder(nlp, tmp_path, monkeypatch):
    """The current folder, with a model file whose name has to be encoded in a URL."""
    monkeypatch.chdir(tmp_path)
    spn.dump(nlp, tmp_path / "a b.pkl")
    return tmp_path


def urls(path: Path) -> list[str]:
    absolute, name = path.as_posix(), path.name
    return [
        f"file://{absolute}",
        f"FILE://{absolute}",
        f"local://{absolute}",
        f"file://localhost{absolute}",
        f"file://{absolute.replace(' ', '%20').replace('a', '%61')}",
        f"file:{absolute}",
        f"File:{name.replace(' ', '%20')}",
        f"file://{name}",
        f"local:{name}",
    ]


def test_all_forms_are_mapped_like_a_path(folder, nlp):
    path = folder / "a b.pkl"
    for url in urls(path):
        assert is_url(url)
        assert local_path(url) is not None
        source = map_source(url)
        assert source.mapped
        assert os.path.abspath(source.name) == str(path)  # noqa: PTH100
        assert spn.load(url).to_bytes() == nlp.to_bytes()
        assert spn.load(url, mmap=False).lang == nlp.lang
        assert spn.PipelineHandle(url).file == str(path)


@pytest.mark.parametrize("kind", ["pipe", "folder", "missing", "device", "NUL"])
def test_errors_are_those_of_a_path(folder, kind):
    path = folder / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "NUL":
        path = folder / "a\0b"
    for use in USES:
        with pytest.raises(spn.ModelFileError) as expected:
            use(path)
        for url in urls(path):
            with pytest.raises(spn.ModelFileError) as error:
                use(url)
            assert error.value.code == expected.value.code


@pytest.mark.parametrize(
    "chain", ["simplecache::file://{}", "zip://m.pkl::{}", "zip://m::FILE://{}"]
)
def test_no_chain_ends_in_a_pipe(folder, chain, nlp):
    pytest.importorskip("fsspec")
    os.mkfifo(folder / "pipe")
    for path in (folder / "pipe", folder / "p%69pe" if "file" in chain.lower() else Path("pipe")):
        for use in USES:
            with pytest.raises(spn.ModelFileError) as error:
                use(chain.format(path))
            assert error.value.code == "not-a-file"
    with pytest.raises(spn.SaveError, match="not a regular file"):
        spn.dump(nlp, chain.format(folder / "pipe"))
    with pytest.raises(spn.ModelFileError) as error:
        spn.load(chain.format(folder / "missing"))
    assert error.value.code == "not-found"


def test_chains_to_regular_files(folder, nlp):
    pytest.importorskip("fsspec")
    with zipfile.ZipFile(folder / "a b.zip", "w") as packed:
        packed.write(folder / "a b.pkl", "m.pkl")
    for url in (
        f"zip://m.pkl::{folder}/a b.zip",
        f"zip://m.pkl::file://{folder}/a%20b.zip",
        "zip://m.pkl::FILE://a b.zip",
        f"simplecache::file://{folder}/a%20b.pkl",
    ):
        assert spn.load(url).to_bytes() == nlp.to_bytes()


def test_a_name_with_percent_signs_is_taken_as_it_is(folder):
    (folder / "a b.pkl").rename(folder / "a%20b.pkl")
    assert local_path("file://a%20b.pkl") == Path("a%20b.pkl")
    assert spn.load(f"file://{folder}/a%20b.pkl").lang


def test_a_path_that_begins_like_a_scheme_is_a_path(folder):
    (folder / "a b.pkl").rename(folder / "file:a.pkl")
    assert local_path("file:a.pkl") is None
    assert spn.load("file:a.pkl").lang
    assert not is_url("file:a.pkl")


def test_what_is_no_local_file():
    for name in (
        "model.pkl",
        "/a/file://b",
        "files://a",
        "https://a/file://b",
        "zip://a::file://b",
    ):
        assert local_path(name) is None
    assert end_of_chain("file:///a") is None
    assert end_of_chain("zip://a::https://host/b") is None
    assert end_of_chain("simplecache::memory://a") is None


@pytest.mark.parametrize("name", ["new.pkl", "new%20name.pkl", "some/new/folders/a.pkl"])
def test_writing_is_atomic(folder, nlp, name, monkeypatch):
    url = f"FILE://{folder}/{name}"
    assert not url_exists(url)

    def broken(*args):
        yield b"\x80"
        raise spn.SaveError("broken")

    with monkeypatch.context() as patched:
        patched.setattr("spacy_pickled_ner.model_file.saving._serialize", broken)
        with pytest.raises(spn.SaveError, match="broken"):
            spn.dump(nlp, url)
    assert [path.name for path in folder.rglob("*")] == ["a b.pkl"]
    spn.dump(nlp, url)
    assert url_exists(url)
    assert (folder / name.replace("%20", " ")).is_file()
    assert spn.load(url).to_bytes() == nlp.to_bytes()


def test_only_regular_files_are_replaced(folder, nlp):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(folder / "a b.pkl")
    for name in ("pipe", "link", ""):
        with pytest.raises(spn.SaveError):
            spn.dump(nlp, f"file://{folder}/{name}")
