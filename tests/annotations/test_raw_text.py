"""Raw text: whatever holds it, each text once, and none that is annotated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_pickled_ner.annotations import read_raw_text
from spacy_pickled_ner.errors import AnnotationError

TEXTS = ["One text.", "Another one.", "Ein dritter, größer."]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    rows = [{"text": text, "spans": [{"anything": 1}]} for text in TEXTS]
    paths = {kind: tmp_path / f"raw.{kind}" for kind in ("jsonl", "json", "txt", "spacy")}
    paths["jsonl"].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    paths["json"].write_text(json.dumps(TEXTS), encoding="utf-8")
    paths["txt"].write_text("\n\n".join(TEXTS) + "\n", encoding="utf-8-sig")
    nlp = spacy.blank("en")
    DocBin(docs=[nlp(text) for text in TEXTS]).to_disk(paths["spacy"])
    return paths


@pytest.mark.parametrize("kind", ["jsonl", "json", "txt", "spacy"])
def test_kinds_of_files(files: dict[str, Path], kind: str):
    assert read_raw_text(files[kind]) == TEXTS
    assert read_raw_text(str(files[kind])) == TEXTS


def test_python_rows():
    nlp = spacy.blank("en")
    assert read_raw_text([TEXTS[0], {"text": TEXTS[1]}, nlp(TEXTS[2])]) == TEXTS
    assert read_raw_text(iter(TEXTS)) == TEXTS


def test_each_text_once_and_none_that_is_annotated():
    assert read_raw_text([*TEXTS, TEXTS[0], "", " \n"], known=[TEXTS[1]]) == [TEXTS[0], TEXTS[2]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "it has no text"),
        (["  "], "it has no text"),
        ([TEXTS[0], {"tekst": "x"}], r"<raw text>, row 2: cannot read this row as raw text"),
        (["\ud83d"], "row 1: .*half of a surrogate pair"),
    ],
)
def test_rows_that_are_no_text(rows: list[object], message: str):
    with pytest.raises(AnnotationError, match=message):
        read_raw_text(rows)


def test_nothing_left_but_annotated_texts():
    with pytest.raises(AnnotationError, match="all of its 3 texts are also in the annotated data"):
        read_raw_text(TEXTS, known=TEXTS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("raw.csv", b"a,b", r"unknown file type '.csv' for raw text: use .jsonl"),
        ("raw.jsonl", b'{"text": "x"}\n{"text": \n', "line 2: invalid JSON"),
        ("raw.jsonl", b"", "the file is empty"),
        ("raw.txt", b"one\n\xff\xfe\n", "line 2: not UTF-8 text"),
        ("raw.spacy", b"no docs", "damaged, or not a .spacy file"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, name: str, content: bytes, message: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=message):
        read_raw_text(path)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(AnnotationError, match="no such file"):
        read_raw_text(tmp_path / "raw.jsonl")
