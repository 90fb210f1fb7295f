"""A pipeline goes from spaCy's folder into a file and back without any change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import spacy
import srsly

import spacy_pickled_ner as spn

from ..model_file.pipelines import PIPELINES, TEXTS


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    if "sentencizer.json" in files:
        # A set, which spaCy writes in the order that it happens to have.
        settings = srsly.json_loads(files["sentencizer.json"])
        settings["punct_chars"].sort()
        files["sentencizer.json"] = srsly.json_dumps(settings).encode()
    return files


def annotations(nlp):
    return [doc.to_json() for doc in nlp.pipe(TEXTS)]


@pytest.fixture
def model(pipelines, tmp_path):
    path = tmp_path / "model.pkl"
    spn.dump(pipelines("rulers"), path)
    return path


@pytest.mark.parametrize("file_format", ["v1", "seed"])
@pytest.mark.parametrize("name", PIPELINES)
def test_there_and_back(pipelines, tmp_path, name, file_format):
    original = pipelines(name)
    original.to_disk(tmp_path / "original")
    spn.pack(tmp_path / "original", tmp_path / "model.pkl", format=file_format)
    spn.unpack(tmp_path / "model.pkl", tmp_path / "unpacked")
    assert contents(tmp_path / "unpacked") == contents(tmp_path / "original")
    assert annotations(spacy.load(tmp_path / "unpacked")) == annotations(original)


def test_packing_what_was_unpacked_gives_the_same_file(pipelines, tmp_path):
    pipelines("full").to_disk(tmp_path / "original")
    spn.pack(tmp_path / "original", tmp_path / "a.pkl")
    spn.unpack(tmp_path / "a.pkl", tmp_path / "folder")
    spn.pack(tmp_path / "folder", tmp_path / "b.pkl")
    assert (tmp_path / "b.pkl").read_bytes() == (tmp_path / "a.pkl").read_bytes()


def test_a_model_file_can_be_packed_in_another_format(pipelines, tmp_path):
    spn.dump(pipelines("rulers"), tmp_path / "old.pkl", format="seed")
    spn.pack(tmp_path / "old.pkl", tmp_path / "new.pkl")
    assert spn.inspect(tmp_path / "new.pkl")["format"] == "pickle.v1"
    spn.unpack(tmp_path / "old.pkl", tmp_path / "old")
    spn.unpack(tmp_path / "new.pkl", tmp_path / "new")
    assert contents(tmp_path / "old") == contents(tmp_path / "new")


def test_blank_and_unknown_pipelines(tmp_path):
    spn.pack("blank:de", tmp_path / "model.pkl")
    assert spn.load(tmp_path / "model.pkl").lang == "de"
    with pytest.raises(spn.BasePipelineError, match="en_nothing"):
        spn.pack("en_nothing", tmp_path / "other.pkl")
    assert not (tmp_path / "other.pkl").exists()


def test_unpacked_folders_have_the_usual_permissions(model, tmp_path):
    (tmp_path / "usual").mkdir()
    spn.unpack(model, tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "folder"]


def test_an_empty_folder_is_filled(model, tmp_path):
    (tmp_path / "empty").mkdir()
    spn.unpack(model, tmp_path / "empty")
    assert spacy.load(tmp_path / "empty").component_names == spn.load(model).component_names


def test_only_a_pipeline_is_replaced_and_only_by_force(pipelines, model, tmp_path):
    pipelines("german").to_disk(tmp_path / "old")
    before = contents(tmp_path / "old")
    with pytest.raises(spn.SaveError, match="already exists"):
        spn.unpack(model, tmp_path / "old")
    assert contents(tmp_path / "old") == before
    spn.unpack(model, tmp_path / "old", force=True)
    pipelines("rulers").to_disk(tmp_path / "expected")
    assert contents(tmp_path / "old") == contents(tmp_path / "expected")


def test_the_current_folder_is_not_pulled_away(model, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for name in (".", tmp_path / "empty", ".."):
        with pytest.raises(spn.SaveError, match="current folder"):
            spn.unpack(model, name, force=True)


def test_other_things_are_never_replaced(model, tmp_path):
    (tmp_path / "home" / "letters").mkdir(parents=True)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "home", target_is_directory=True)
    for name in ("home", "file", "link", "file/below"):
        with pytest.raises(spn.SaveError):
            spn.unpack(model, tmp_path / name, force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"home", "file", "link", "model.pkl"}


@pytest.mark.parametrize("existing", [True, False])
def test_nothing_is_left_of_a_folder_that_fails(model, tmp_path, monkeypatch, existing):
    folder = tmp_path / "folder"
    if existing:
        spn.unpack(model, folder)
    before = contents(tmp_path)

    def full_disk(self, path, **kwargs):
        Path(path).mkdir()
        (Path(path) / "meta.json").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spacy.Language, "to_disk", full_disk)
    with pytest.raises(spn.SaveError, match="No space left"):
        spn.unpack(model, folder, force=True)
    assert contents(tmp_path) == before
    assert folder.exists() == existing


@pytest.mark.parametrize("pack", [spn.pack, lambda path, file: spn.dump(spn.load(path), file)])
def test_made_folders_go_away_if_a_file_cannot_be_written(model, tmp_path, monkeypatch, pack):
    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    (tmp_path / "old").mkdir()
    monkeypatch.setattr(os, "fsync", full_disk)
    for name in ("new/folders/a.pkl", "old/new/a.pkl", "old/a.pkl"):
        with pytest.raises(spn.SaveError, match="No space left"):
            pack(model, tmp_path / name)
        assert contents(tmp_path / "old") == contents(tmp_path / "nothing")
        assert {path.name for path in tmp_path.iterdir()} <= {"old", "model.pkl"}


def test_folders_that_others_use_by_then_stay(model, tmp_path, monkeypatch):
    def fail(self, path, **options):
        (tmp_path / "new" / "of another").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spacy.Language, "to_disk", fail)
    with pytest.raises(spn.SaveError):
        spn.unpack(model, tmp_path / "new" / "folders" / "a")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["of another"]


def test_a_folder_can_be_named_by_a_local_url(model, tmp_path):
    spn.unpack(model, f"file://{tmp_path}/a%20b")
    assert (tmp_path / "a b" / "config.cfg").is_file()


def test_a_damaged_file_makes_no_folder(model, tmp_path):
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    with pytest.raises(spn.UnsafeFileError):
        spn.unpack(data, tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("url", ["memory://folder", "s3://me:secret@bucket/folder"])
def test_a_folder_is_never_made_at_a_url(model, tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for make in (spn.unpack, spn.package):
        with pytest.raises(spn.SaveError, match="a folder on this machine is needed") as error:
            make(model, url)
        assert "secret" not in str(error.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_urls(pipelines, model, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    spn.pack(str(model), "memory://packed.pkl")
    spn.pack("memory://packed.pkl", tmp_path / "local.pkl")
    assert (tmp_path / "local.pkl").read_bytes() == model.read_bytes()
    fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("use", [spn.pack, spn.unpack])
def test_damaged_vectors_are_not_passed_on(pipelines, tmp_path, use):
    nlp = pipelines("static_vectors")
    data = bytearray(spn.dumps(nlp))
    data[data.index(nlp.vocab.vectors.data.tobytes())] ^= 1
    (tmp_path / "model.pkl").write_bytes(data)
    with pytest.raises(spn.UnsafeFileError) as error:
        use(tmp_path / "model.pkl", tmp_path / "out")
    assert error.value.code == "digest-mismatch"
    assert not (tmp_path / "out").exists()
