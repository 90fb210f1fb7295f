"""What annotation tools export: each shape as its tool writes it, and where it cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.training.converters import conll_ner_to_docs, iob_to_docs

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import AnnotatedCorpus, EntitySpan, read_annotations

TEXT = "Aspirin helps Ada."
SPANS = (EntitySpan(0, 7, "DRUG"), EntitySpan(14, 17, "PERSON"))


def region(first: int, end: int, label: str, **changes: Any) -> dict[str, Any]:
    value = {"start": first, "end": end, "text": TEXT[first:end], "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value | changes}


def task(*annotations: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "annotations": list(annotations),
        "predictions": [],
        "data": data or {"text": TEXT},
    }


def annotation(*regions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"id": 7, "was_cancelled": False, "ground_truth": False, "result": regions} | changes


DRUG, PERSON = region(0, 7, "DRUG"), region(14, 17, "PERSON")
TURKS = {
    "content": TEXT,
    "annotation": [
        {"label": ["PERSON"], "points": [{"start": 14, "end": 16, "text": "Ada"}]},
        {"label": "DRUG", "points": [{"start": 0, "end": 6, "text": "Aspirin"}]},
    ],
    "extras": None,
    "metadata": {"status": "done"},
}
SHAPES: dict[str, Any] = {
    "doccano": {"text": TEXT, "label": [[14, 17, "PERSON"], [0, 7, "DRUG"]], "Comments": []},
    "doccano_labels": {"text": TEXT, "labels": [[0, 7, "DRUG"], [14, 17, "PERSON"]]},
    "doccano_relations": {
        "text": TEXT,
        "relations": [],
        "entities": [
            {"id": 1, "label": "DRUG", "start_offset": 0, "end_offset": 7},
            {"id": 2, "label": "PERSON", "start_offset": 14, "end_offset": 17},
        ],
    },
    "label_studio": task(annotation(DRUG, PERSON)),
    "label_studio_min": {"text": TEXT, "ner": [DRUG["value"], PERSON["value"]], "annotator": 1},
    "label_studio_other_key": task(annotation(DRUG, PERSON), review=TEXT, stars=5),
    "label_studio_choices": task(annotation(DRUG, PERSON, {"type": "choices", "value": {}})),
    "label_studio_cancelled": task(annotation(was_cancelled=True), annotation(DRUG, PERSON)),
    "label_studio_truth": task(annotation(DRUG), annotation(DRUG, PERSON, ground_truth=True)),
    "label_studio_agreed": task(annotation(DRUG, PERSON), annotation(PERSON, DRUG)),
    "dataturks": TURKS,
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_files_of_every_shape(shape: str, suffix: str, tmp_path: Path) -> None:
    row = json.dumps(SHAPES[shape])
    path = tmp_path / f"data{suffix}"
    path.write_text(f"{row}\n{row}\n" if suffix == ".jsonl" else f"[{row}, {row}]")
    rows, report = read_annotations(path)
    assert [(row.text, row.spans) for row in rows] == [(TEXT, SPANS)] * 2
    assert report.warnings() == []
    assert read_annotations([SHAPES[shape]])[0][0].spans == SPANS


@pytest.mark.parametrize(
    "row",
    [
        {"text": TEXT, "label": []},
        task(annotation()),
        {"content": TEXT, "annotation": None},
        {"content": TEXT, "annotation": []},
    ],
)
def test_rows_without_entities(row: dict[str, Any]) -> None:
    assert read_annotations([row])[0][0].spans == ()


def test_lines_in_a_json_file_are_read_as_lines(tmp_path: Path) -> None:
    path = tmp_path / "dataturks.json"
    path.write_bytes(b"\xef\xbb\xbf" + (json.dumps(TURKS) + "\r\n").encode() * 2)
    rows, _ = read_annotations(path)
    assert [row.place for row in rows] == [f"{path}, line 1", f"{path}, line 2"]
    path.write_text(json.dumps(TURKS) + "\n{broken\n")
    with pytest.raises(AnnotationError, match=r"dataturks\.json, line 2: invalid JSON"):
        read_annotations(path)


def test_offsets_of_a_browser_count_some_characters_twice() -> None:
    text = "😀 Ada"
    value = {"start": 3, "end": 6, "text": "Ada", "labels": ["PERSON"]}
    row = task(annotation({"type": "labels", "value": value}), text=text)
    (span,) = read_annotations([row])[0][0].spans
    assert text[span.start : span.end] == "Ada"


def test_line_breaks_as_label_studio_writes_them() -> None:
    value = {"start": 0, "end": 7, "text": "New\\nYork"[:9], "labels": ["GPE"]}
    row = task(annotation({"type": "labels", "value": value | {"end": 8}}), text="New\nYork")
    assert read_annotations([row])[0][0].spans == (EntitySpan(0, 8, "GPE"),)


def test_tasks_that_nobody_has_annotated_are_counted() -> None:
    rows = [task(annotation(DRUG)), task(), task(annotation(DRUG, was_cancelled=True))]
    used, report = read_annotations(rows)
    assert len(used) == 1
    assert report.skipped["not accepted"] == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": TEXT, "label": ["positive"]}, "must be [start, end, label], not 'positive'"),
        ({"text": TEXT, "label": "positive"}, 'needs "spans", "entities" or "label"'),
        ({"text": None, "label": []}, 'needs a string "text"'),
        ({"text": TEXT, "entities": [{"start_offset": 0}]}, "start and end must be whole numbers"),
        (task(annotation(region(0, 7, "A", text="Ibuprofen"))), "covers 'Aspirin', but the file"),
        (task(annotation(region(0, 7, "A", labels=[]))), "labels must be a list of strings"),
        (task(annotation(region(0, 7, "A", labels=["A", "B"]))), "overlap"),
        (task(annotation(region(0, 7, "A", start="0"))), "whole numbers"),
        (task(annotation({"type": "hypertextlabels"})), "'hypertextlabels' have no offsets"),
        (task(annotation(DRUG), annotation(PERSON)), "2 annotations differ"),
        (task(annotation(DRUG), first="a", second="b"), "cannot tell which of first, second"),
        (task(annotation(DRUG), stars=5), "cannot tell which of its data"),
        (task(annotation(result=None)), '"result" must be a list'),
        (task(annotation({"type": "labels", "value": 3})), "a region must be an object"),
        (
            task(annotation(region(0, 1, "A", text="x")), text="😀 Ada"),
            "splits a character",
        ),
        ({"content": 3, "annotation": []}, 'needs a string "content"'),
        ({"content": TEXT, "annotation": [{"label": ["A"]}]}, '"points" must be a list'),
        ({"content": TEXT, "annotation": [3]}, "an annotation must be an object"),
        (
            {"content": TEXT, "annotation": [{"label": [], "points": [{"start": 0, "end": 6}]}]},
            "labels must be a list of strings",
        ),
        (
            {"content": TEXT, "annotation": [{"label": ["A"], "points": [{"start": 0}]}]},
            "whole numbers",
        ),
        (
            # Ends that somebody has made exclusive before.
            {
                "content": TEXT,
                "annotation": [
                    {"label": ["A"], "points": [{"start": 14, "end": 17, "text": "Ada"}]}
                ],
            },
            "covers 'Ada.', but the file says 'Ada'",
        ),
    ],
)
def test_what_cannot_be_used_is_named(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(AnnotationError) as caught:
        read_annotations([SHAPES["doccano"], row])
    assert caught.value.row == 2
    assert reason in caught.value.reason
    assert len(read_annotations([SHAPES["doccano"], row], skip_invalid=True)[0]) == 1


CONLL_2003 = """-DOCSTART- -X- -X- O

Ada NNP I-NP I-PER
Lovelace NNP I-NP I-PER
met VBD I-VP O
Grace NNP I-NP B-PER

London NNP I-NP I-LOC
calls VBZ I-VP O
"""
PIPES = """Ada|NNP|B-PER Lovelace|NNP|I-PER met|VBD|O Grace|NNP|B-PER
London|NNP|B-LOC calls|VBZ|O
"""
SENTENCES = [
    ("Ada Lovelace met Grace", [(0, 12, "PER"), (17, 22, "PER")]),
    ("London calls", [(0, 6, "LOC")]),
]
COLUMNS = CONLL_2003.replace("-DOCSTART- -X- -X- O\n\n", "")
TWO_COLUMNS = "\n".join(" ".join(line.split()[::3]) for line in COLUMNS.split("\n"))
LAYOUTS = {
    "conll_2003": CONLL_2003,
    "iob": TWO_COLUMNS,
    "iob2": TWO_COLUMNS.replace("Ada I-", "Ada B-").replace("London I-", "London B-"),
    "biluo": TWO_COLUMNS.replace("Ada I-", "Ada B-").replace("Lovelace I-", "Lovelace L-")
    .replace("Grace B-", "Grace U-").replace("London I-", "London U-"),
    "iobes": TWO_COLUMNS.replace("Ada I-", "Ada B-").replace("Lovelace I-", "Lovelace E-")
    .replace("Grace B-", "Grace S-").replace("London I-", "London S-"),
    "tabs_and_comments": "# id 1\n" + TWO_COLUMNS.replace(" ", "\t"),
    "windows": "\ufeff" + TWO_COLUMNS.replace("\n", "\r\n"),
    "no_last_line_end": TWO_COLUMNS.rstrip(),
    "pipes": PIPES,
    "pipes_two": "Ada|B-PER Lovelace|I-PER met|O Grace|B-PER\nLondon|B-LOC calls|O\n",
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("suffix", [".conll", ".iob"])
def test_tagged_tokens(layout: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    path.write_bytes(LAYOUTS[layout].encode())
    rows, report = read_annotations(path)
    assert [(row.text, [tuple(span) for span in row.spans]) for row in rows] == SENTENCES
    assert report.warnings() == []


def test_rows_are_numbered_by_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(CONLL_2003)
    assert [row.place for row in read_annotations(path)[0]] == [
        f"{path}, line 3",
        f"{path}, line 8",
    ]


@pytest.mark.parametrize(
    ("text", "convert"),
    [(COLUMNS, conll_ner_to_docs), (TWO_COLUMNS, conll_ner_to_docs), (PIPES, iob_to_docs)],
)
def test_spacys_converters_find_the_same(text: str, convert: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(text)
    ours = [
        (row.text[span.start : span.end], span.label)
        for row in read_annotations(path)[0]
        for span in row.spans
    ]
    docs = list(convert(text, n_sents=1, no_print=True))
    assert ours == [(ent.text, ent.label_) for doc in docs for ent in doc.ents]


def test_bars_and_hashes_are_tokens_too(tmp_path: Path) -> None:
    path = tmp_path / "a.iob"
    path.write_text("||O Ada|B-PER\n||SYM|O Ada|NNP|B-PER\n\n# O\nAda B-PER\n")
    assert [row.text for row in read_annotations(path)[0]] == ["| Ada", "| Ada", "# Ada"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("Ada NNP O\n", "3 columns, but 2 in the lines before"),
        ("Ada\n", "needs a tag in the last column: 'Ada' has none"),
        ("Ada PERSON\n", "'PERSON' is not a tag"),
        ("Ada X-PER\n", "'X-PER' is not a tag"),
        ("Ada B-\n", "'B-' is not a tag"),
        ("Ada|PERSON\n", "'PERSON' is not a tag"),
        ("Ada| is|O\n", "'Ada|' is not token|tag"),
        (b"Caf\xe9 O\n", "not UTF-8 text (byte 3"),
    ],
)
def test_a_bad_line_costs_its_sentence(bad: str | bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    raw = bad if isinstance(bad, bytes) else bad.encode()
    path.write_bytes(b"Ada B-PER\n\nis O\n" + raw + b"\nGrace B-PER\n")
    with pytest.raises(AnnotationError) as caught:
        read_annotations(path)
    assert (caught.value.row, caught.value.unit) == (4, "line")
    assert reason in caught.value.reason
    rows, report = read_annotations(path, skip_invalid=True)
    assert (rows[0].text, rows[-1].text) == ("Ada", "Grace")
    assert report.skipped["invalid"] == 1


def test_they_are_corpora_too(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(CONLL_2003)
    first, _ = AnnotatedCorpus(path)(spacy.blank("en"))
    assert first.get_aligned_ner() == ["B-PER", "L-PER", "O", "U-PER"]
