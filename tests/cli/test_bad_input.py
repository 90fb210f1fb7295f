"""Whatever is wrong: one clear screen, exit code 1, no traceback, and nothing written."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy

import spacy_pickled_ner as spn

from ..conftest import TRAIN_ROWS, write_jsonl
from .conftest import Run, snapshot

Rows = list[Any]


def refused(run: Run, work: Path, *args: str) -> str:
    """Run a command that must fail, and return its message."""
    before = snapshot(work)
    ran = run(*args)
    assert ran.code == 1
    assert "Traceback" not in ran.raw
    assert len(ran.raw.strip().splitlines()) <= 24
    assert snapshot(work) == before
    return ran.output


def fine_tune(run: Run, work: Path, **changes: str) -> str:
    given = {"base": "base.pkl", "train": "train.jsonl", "--dev": "dev.jsonl", "-o": "model.pkl"}
    given |= changes
    base, train = given.pop("base"), given.pop("train")
    options = [part for name, value in given.items() if value for part in (name, value)]
    return refused(run, work, "fine-tune", base, train, *options)


def with_row(number: int, row: Any) -> Rows:
    return [*TRAIN_ROWS[: number - 1], row, *TRAIN_ROWS[number - 1 :]]


def spans(*given: tuple[int, int, str]) -> dict[str, Any]:
    made = [{"start": start, "end": end, "label": label} for start, end, label in given]
    return {"text": "Tea with milk", "spans": made}


BAD_ROWS: dict[str, tuple[Rows, str]] = {
    "out_of_range": (
        with_row(4, spans((0, 99, "DRINK"))),
        "line 4: the DRINK span 0-99 is outside",
    ),
    "negative": (with_row(4, spans((-3, 3, "DRINK"))), "line 4: the DRINK span -3-3 is outside"),
    "overlap": (
        with_row(2, spans((0, 8, "A"), (4, 13, "B"))),
        "line 2: the spans 0-8 'Tea with' (A) and 4-13 'with milk' (B) overlap",
    ),
    "empty_label": (with_row(1, spans((0, 3, ""))), "line 1: the span 0-3 has an empty label"),
    "no_entities": (
        [{**row, "spans": []} for row in TRAIN_ROWS],
        "none of its 12 texts has an entity to train on or to score",
    ),
    "no_annotation": ([{"text": "Tea"}], 'line 1: a row needs "spans", "entities" or "label"'),
    "rejected": ([{**row, "answer": "reject"} for row in TRAIN_ROWS], "skipped (12 not accepted)"),
    "cut_words": (
        [{"text": "unbelievable tea", "spans": [{"start": 2, "end": 5, "label": "PART"}]}] * 3,
        "3 of 3 spans do not match the tokens of en_tiny (first: line 1: 'bel'",
    ),
}


@pytest.mark.parametrize("part", ["train", "--dev", "--retention-dev"])
@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows(name: str, part: str, run: Run, work: Path) -> None:
    rows, message = BAD_ROWS[name]
    write_jsonl(work / "bad.jsonl", rows)
    output = fine_tune(run, work, **{part: "bad.jsonl"})
    assert "bad.jsonl" in output
    assert message in output


BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("bad.jsonl", b"", "bad.jsonl: the file is empty"),
    "blank": ("bad.jsonl", b"\n \n", "bad.jsonl: it has no annotated texts"),
    "line_7": (
        "bad.jsonl",
        b"\n".join([json.dumps(TRAIN_ROWS[0]).encode()] * 6 + [b'{"text": "a", "spans": [}']),
        "bad.jsonl, line 7: invalid JSON at character 25: Expecting value",
    ),
    "json": ("bad.json", b'[{"text": "a"', "bad.json, line 1: invalid JSON"),
    "latin_1": ("bad.jsonl", b'{"text": "Caf\xe9"}', "line 1: not UTF-8 text"),
    "docbin": ("bad.spacy", b"no DocBin", "bad.spacy: damaged, or not a .spacy file"),
    "kind": ("bad.csv", b"a,b", "unknown file type '.csv': use .spacy, .jsonl, .json"),
}


@pytest.mark.parametrize("part", ["train", "--dev"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_files(kind: str, part: str, run: Run, work: Path) -> None:
    name, content, message = BAD_FILES[kind]
    (work / name).write_bytes(content)
    assert message in fine_tune(run, work, **{part: name})
    if part == "--dev":
        assert message in refused(run, work, "evaluate", "base.pkl", name)


@pytest.mark.parametrize("part", ["train", "--dev", "--retention-dev"])
def test_missing_files(part: str, run: Run, work: Path) -> None:
    assert "none.jsonl: no such file" in fine_tune(run, work, **{part: "none.jsonl"})
    assert "this is a directory" in fine_tune(run, work, **{part: "base"})


def test_too_little_to_split_dev_data_off(run: Run, work: Path) -> None:
    write_jsonl(work / "one.jsonl", TRAIN_ROWS[:1])
    output = fine_tune(run, work, **{"train": "one.jsonl", "--dev": "", "-o": "model.pkl"})
    assert "(at least two different texts are needed): pass dev data" in output


def test_evaluating_on_nothing(run: Run, work: Path) -> None:
    write_jsonl(work / "bad.jsonl", [{"text": "Tea", "spans": []}])
    output = refused(run, work, "evaluate", "base.pkl", "bad.jsonl", "--metrics", "m.json")
    assert "none of its 1 texts has an entity" in output


BAD_BASES = {
    "en_no_such_package": "neither an installed package, nor a directory, nor a .pkl file",
    "no/such/folder": "there is no such file or directory",
    "none.pkl": "there is no such file or directory",
    "blank:qq": "Can't import language qq",
    "blank:": "cannot load the pipeline 'blank:'",
    "empty_folder": "cannot load the pipeline 'empty_folder'",
    "damaged": "cannot load the pipeline 'damaged'",
    "train.jsonl": "not a model file: it is JSON",
}


@pytest.mark.parametrize("base", BAD_BASES)
def test_bad_bases(base: str, run: Run, work: Path) -> None:
    (work / "empty_folder").mkdir()
    (work / "base").rename(work / "damaged")
    weights = work / "damaged" / "ner" / "model"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert BAD_BASES[base] in fine_tune(run, work, base=base)
    assert BAD_BASES[base] in refused(run, work, "evaluate", base, "dev.jsonl")


class RunsCode:
    """Makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, ("code_was_run",)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.pkl", "x")
    return file.getvalue()


def flipped(good: bytes) -> bytes:
    return good[: len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1 :]


BAD_PICKLES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (lambda good: good[: len(good) // 2], "ends in the middle of a value"),
    "code": (lambda _: pickle.dumps(RunsCode()), "run code. Nothing in it was run"),
    "code_inside": (
        lambda _: pickle.dumps({"bytes_data": RunsCode(), "lang": "en", "pipeline": []}),
        "run code. Nothing in it was run",
    ),
    "zip": (lambda _: zipped(), "it is a zip archive"),
    "web_page": (lambda _: b"<!DOCTYPE html><html>Log in</html>", "it is a web page"),
    "lfs_pointer": (
        lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "it is a Git LFS pointer",
    ),
    "empty": (lambda _: b"", "the model file is empty"),
    "text": (lambda _: b"hello", "not a model file"),
    "other_pickle": (lambda _: pickle.dumps([1, 2]), "not a model file"),
}


@pytest.mark.parametrize("kind", BAD_PICKLES)
def test_bad_model_files(kind: str, run: Run, work: Path) -> None:
    make, message = BAD_PICKLES[kind]
    (work / "bad.pkl").write_bytes(make((work / "base.pkl").read_bytes()))
    assert message in fine_tune(run, work, base="bad.pkl")
    assert message in refused(run, work, "evaluate", "bad.pkl", "dev.jsonl", "--metrics", "m.json")
    assert message in refused(run, work, "inspect", "bad.pkl")
    assert not (work / "code_was_run").exists()


def test_a_single_flipped_bit(run: Run, work: Path) -> None:
    (work / "bad.pkl").write_bytes(flipped((work / "base.pkl").read_bytes()))
    assert "damaged" in fine_tune(run, work, base="bad.pkl")
    assert "damaged" in refused(run, work, "evaluate", "bad.pkl", "dev.jsonl")


def test_inspecting_what_is_no_model_file(run: Run, work: Path) -> None:
    assert "there is no file none.pkl" in refused(run, work, "inspect", "none.pkl")
    assert "there is no model.pkl in base" in refused(run, work, "inspect", "base")


OUTPUTS = ("-o", "--metrics", "--report", "--save-config")


@pytest.mark.parametrize("option", OUTPUTS)
def test_unwritable_outputs(option: str, run: Run, work: Path) -> None:
    def message(path: str) -> str:
        return fine_tune(run, work, **{option: path})

    (work / "link").symlink_to("base.pkl")
    (work / "dangling").symlink_to("nowhere")
    assert "cannot write train.jsonl/x: Not a directory" in message("train.jsonl/x")
    assert "cannot write train.jsonl/x/y: Not a directory" in message("train.jsonl/x/y")
    assert "cannot write base: it is a directory" in message("base")
    assert "cannot write .: it is a directory" in message(".")
    assert "it is a symbolic link" in message("link")
    assert "it is a symbolic link" in message("dangling")
    assert "File name too long" in message("x" * 300)
    assert "base.pkl already exists: use --force to replace it" in message("base.pkl")
    assert "base.pkl already exists" in message("none/../base.pkl")
    if Path("/proc/self").exists():
        assert "no file can be created in /proc" in message("/proc/x")
        assert "no file can be created in /proc" in message("/proc/x/y")
        assert "cannot write /dev/null: it is not a regular file" in message("/dev/null")


@pytest.mark.parametrize("option", OUTPUTS)
@pytest.mark.parametrize("name", ["train.jsonl", "dev.jsonl", "./dev.jsonl", "old.jsonl"])
def test_no_force_replaces_the_data_of_the_run(
    option: str, name: str, run: Run, work: Path
) -> None:
    before = snapshot(work)
    args = ["fine-tune", "base.pkl", "train.jsonl", "--dev", "dev.jsonl", "-o", "model.pkl"]
    ran = run(*args, "--retention-dev", "old.jsonl", option, name, "--force")
    assert ran.code == 1
    assert f"cannot write {Path(name)}: this run reads it" in ran.output
    assert snapshot(work) == before


def test_every_output_needs_a_name_of_its_own(run: Run, work: Path) -> None:
    output = fine_tune(run, work, **{"-o": "new.pkl", "--metrics": "./new.pkl"})
    assert "cannot write two files to new.pkl" in output


def test_evaluate_overwrites_nothing(run: Run, work: Path) -> None:
    output = refused(run, work, "evaluate", "base.pkl", "dev.jsonl", "--metrics", "train.jsonl")
    assert "train.jsonl already exists" in output


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--dropout", "2", "--dropout 2.0 is not allowed; allowed: from 0 to below 1"),
        ("--dropout", "nan", "--dropout nan is not allowed"),
        ("--patience", "-1", "--patience -1 is not allowed"),
        ("--min-delta", "-1", "--min-delta -1.0 is not allowed"),
        ("--max-seconds", "-1", "--max-seconds -1.0 is not allowed"),
        ("--eval-frequency", "-1", "--eval-frequency -1 is not allowed"),
        ("--max-epochs", "-1", "--max-epochs -1 is not allowed"),
        ("--max-steps", "-1", "--max-steps -1 is not allowed"),
        ("--gpu-id", "-2", "--gpu-id -2 is not allowed"),
        ("--gpu-id", "99", "cannot use GPU 99"),
        ("--component", "tagger", "the component 'tagger' of the base is a 'tagger', not an NER"),
        ("--monitor", "nonsense", "cannot monitor 'nonsense': the metrics of this run are ents_f"),
        ("--monitor", "ents_per_type.FOOD.f", "ents_per_type.DRINK.f"),
        ("--code", "none.py", "cannot import --code none.py: no such file"),
        ("--code", "train.jsonl", "cannot import --code train.jsonl"),
    ],
)
def test_bad_option_values(option: str, value: str, message: str, run: Run, work: Path) -> None:
    assert message in fine_tune(run, work, **{option: value})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--dropout", "much"),
        ("--retention", "foo"),
        ("--format", "zip"),
        ("--alignment-mode", "bend"),
        ("--nonsense", "1"),
    ],
)
def test_wrong_usage_is_exit_code_2_as_in_all_commands(
    option: str, value: str, run: Run, work: Path
) -> None:
    before = snapshot(work)
    ran = run("fine-tune", "base.pkl", "train.jsonl", "-o", "model.pkl", option, value)
    assert ran.code == 2
    assert option in ran.output
    assert "--help" in ran.output
    assert snapshot(work) == before


def test_retention_cannot_be_watched_where_nothing_was_known(run: Run, work: Path) -> None:
    output = fine_tune(run, work, **{"base": "blank:en", "--monitor": "retention"})
    assert "cannot monitor retention" in output
    assert "Pass retention_dev (--retention-dev)" in output


def test_code_that_fails_says_how(run: Run, work: Path) -> None:
    (work / "own.py").write_text("raise ValueError('boom')", encoding="utf-8")
    output = fine_tune(run, work, **{"--code": "own.py"})
    assert "cannot import --code own.py: ValueError: boom" in output


def test_a_disk_that_fills_up_is_no_traceback(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_text(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device", "m.json")

    monkeypatch.setattr(Path, "write_text", write_text)
    ran = run("evaluate", "base.pkl", "dev.jsonl", "--metrics", "m.json")
    assert ran.code == 1
    assert "No space left on device: 'm.json'" in ran.output


def test_what_a_file_needs_trusted_is_named_as_the_option(run: Run, work: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": [{"OP": "*"}] * 12}])
    spn.dump(nlp, work / "stars.pkl")
    ran = run("evaluate", "stars.pkl", "dev.jsonl")
    assert ran.code == 1
    assert "--trust patterns:entity_ruler" in ran.output
