"""A save leaves the old file or the new one, never anything else."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import spacy

from spacy_pickled_ner.container.atomic import TEMP_PREFIX, atomic_write
from spacy_pickled_ner.errors import SaveError
from spacy_pickled_ner.model_file import dump, dumps, load

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def left_overs(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(TEMP_PREFIX)]


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"old")
    return path


def test_replaces(target, nlp):
    dump(nlp, target)
    assert load(target).pipe_names == nlp.pipe_names
    assert left_overs(target.parent) == []


def test_same_pipeline_same_bytes(nlp):
    assert dumps(nlp) == dumps(nlp)


@posix
def test_mode_is_kept(target, nlp):
    target.chmod(0o640)
    dump(nlp, target)
    assert target.stat().st_mode & 0o777 == 0o640


@posix
def test_new_file_follows_umask(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "new") as file:
            file.write(b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_failure_keeps_the_old_file(target, error):
    def write():
        with atomic_write(target) as file:
            file.write(b"half")
            raise error

    with pytest.raises(SaveError if error is OSError else error):
        write()
    assert target.read_bytes() == b"old"
    assert left_overs(target.parent) == []


def test_failing_component_keeps_the_old_file(target):
    nlp = spacy.blank("en")

    @spacy.Language.factory("model_file_test_unsaveable")
    def create(nlp, name):
        class Broken:
            def __call__(self, doc):
                return doc

            def to_bytes(self, **kwargs):
                raise RuntimeError("no bytes today")

        return Broken()

    nlp.add_pipe("model_file_test_unsaveable")
    with pytest.raises(SaveError, match="no bytes today"):
        dump(nlp, target)
    assert target.read_bytes() == b"old"


def test_component_that_would_be_lost(tmp_path):
    @spacy.Language.factory("model_file_test_to_disk_only")
    def create(nlp, name):
        class OnlyDisk:
            def __call__(self, doc):
                return doc

            def to_disk(self, path, **kwargs): ...

        return OnlyDisk()

    nlp = spacy.blank("en")
    nlp.add_pipe("model_file_test_to_disk_only")
    with pytest.raises(SaveError, match="has to_disk, but no to_bytes"):
        dump(nlp, tmp_path / "model.pkl")


def test_meta_that_is_not_json(tmp_path):
    nlp = spacy.blank("en")
    nlp.meta["opened"] = object()
    with pytest.raises(SaveError, match="object values cannot be written as JSON"):
        dump(nlp, tmp_path / "model.pkl")
    assert list(tmp_path.iterdir()) == []


def test_targets_that_are_no_files(tmp_path, nlp):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(SaveError, match="it is a folder"):
        dump(nlp, tmp_path / "folder")
    with pytest.raises(SaveError, match="cannot write"):
        dump(nlp, tmp_path / "file" / "model.pkl")
    with pytest.raises(SaveError, match="cannot create the folder"):
        dump(nlp, tmp_path / "folder" / "new" / ("x" * 300) / "model.pkl")


def test_missing_folders_are_made(tmp_path, nlp):
    dump(nlp, tmp_path / "new" / "and" / "deep" / "model.pkl")
    assert load(tmp_path / "new" / "and" / "deep").pipe_names == nlp.pipe_names


def test_arguments_the_wrong_way_round(tmp_path, nlp):
    with pytest.raises(
        TypeError, match=r"cannot write a pipeline to a English: .*dump\(nlp, file\)"
    ):
        dump(str(tmp_path / "model.pkl"), nlp)
    with pytest.raises(TypeError, match=r"can save a pipeline \(a Language\), not a str"):
        dump("nlp", tmp_path / "model.pkl")
    with pytest.raises(TypeError, match="not a NoneType"):
        dumps(None)
    assert list(tmp_path.iterdir()) == []


@posix
def test_symlinks_and_pipes_are_refused(target, nlp):
    link, pipe = target.with_name("link"), target.with_name("pipe")
    link.symlink_to(target)
    os.mkfifo(pipe)
    with pytest.raises(SaveError, match="symbolic link"):
        dump(nlp, link)
    with pytest.raises(SaveError, match="not a regular file"):
        dump(nlp, pipe)
    assert target.read_bytes() == b"old"


def test_read_only_folder(target, nlp, monkeypatch):
    """As a read-only file system answers, which not even root may write to."""
    original = os.open

    def read_only(path, flags, *args, **kwargs):
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return original(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(SaveError, match=r"cannot write into .*: Read-only file system"):
        dump(nlp, target)
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert left_overs(target.parent) == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder where nobody may write")
def test_folder_of_the_system(nlp):
    with pytest.raises(SaveError, match="cannot write into /proc"):
        dump(nlp, "/proc/self/model.pkl")


@posix
def test_full_disk(target):
    script = (
        "import resource, signal, spacy, sys\n"
        "from spacy_pickled_ner.errors import SaveError\n"
        "from spacy_pickled_ner.model_file import dump\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: dump(spacy.blank('xx'), sys.argv[1])\n"
        "except SaveError: raise SystemExit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(target)]).returncode == 7
    assert target.read_bytes() == b"old"
    assert left_overs(target.parent) == []


@posix
def test_killed_writer_leaves_the_old_file_and_its_litter_goes(target):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from spacy_pickled_ner.container.atomic import atomic_write\n"
        "with atomic_write(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half'); file.flush(); print('ready', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        assert len(left_overs(target.parent)) == 1
        with atomic_write(target) as file:
            file.write(b"mine")
        assert len(left_overs(target.parent)) == 1, "another writer's file is not litter"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert target.read_bytes() == b"mine"
    with atomic_write(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert left_overs(target.parent) == []


def test_without_locks_only_old_left_overs_go(target, monkeypatch):
    monkeypatch.setattr("spacy_pickled_ner.container.atomic.fcntl", None)
    recent, stale = (target.with_name(f"{TEMP_PREFIX}{n}.tmp") for n in ("recent", "stale"))
    for path in (recent, stale):
        path.write_bytes(b"")
    os.utime(stale, (0, time.time() - 10 * 24 * 3600))
    with atomic_write(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert left_overs(target.parent) == [recent.name]


@pytest.mark.parametrize("format_", ["v1", "seed"])
def test_a_tokenizer_with_a_function_of_ones_own(format_):
    nlp = spacy.blank("en")
    nlp.tokenizer.token_match = lambda text: None
    with pytest.raises(SaveError, match=r"the tokenizer: its token_match must be .* pattern"):
        dumps(nlp, format=format_)
    nlp.tokenizer.token_match = re.compile("a+").match
    assert dumps(nlp, format=format_)


def test_unknown_format(nlp):
    with pytest.raises(ValueError, match=r"unknown format 'v9': there are v1, seed, .*pickle\.v1"):
        dumps(nlp, format="v9")
