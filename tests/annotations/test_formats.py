"""Every shape of annotated data gives the same rows, and says where it is broken."""

from __future__ import annotations

import copy
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
import srsly
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import AnnotatedCorpus, EntitySpan, read_annotations
from spacy_pickled_ner.annotations.formats.docbin import iter_docbin

TEXT = "Aspirin helps Ada."
SPANS = (EntitySpan(0, 7, "DRUG"), EntitySpan(14, 17, "PERSON"))
PRODIGY = {
    "text": TEXT,
    "spans": [
        {"start": 14, "end": 17, "label": "PERSON", "token_start": 2, "token_end": 2},
        {"start": 0, "end": 7, "label": "DRUG"},
    ],
    "answer": "accept",
    "_input_hash": 1,
}
TRIPLES = [[0, 7, "DRUG"], [14, 17, "PERSON"]]
SHAPES = {
    "spans": PRODIGY,
    "entities": {"text": TEXT, "entities": TRIPLES},
    "pair": [TEXT, {"entities": TRIPLES, "cats": {"A": 1.0}}],
}


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.blank("en")


def gold_doc(nlp: Language) -> Doc:
    doc = nlp.make_doc(TEXT)
    doc.ents = [doc.char_span(span.start, span.end, span.label) for span in SPANS]
    return doc


def write(path: Path, text: str, *, encoding: str = "utf-8", newline: str = "\n") -> Path:
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    return path


def error_of(source: Any, **options: Any) -> AnnotationError:
    with pytest.raises(AnnotationError) as caught:
        read_annotations(source, **options)
    return caught.value


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".JSONL"])
def test_files_of_every_shape(shape: str, suffix: str, tmp_path: Path) -> None:
    row = json.dumps(SHAPES[shape])
    text = f"{row}\n{row}\n" if suffix.lower() == ".jsonl" else f"[{row}, {row}]"
    path = write(tmp_path / f"data{suffix}", text)
    rows, report = read_annotations(path)
    assert [(row.text, row.spans) for row in rows] == [(TEXT, SPANS)] * 2
    unit = "line" if suffix.lower() == ".jsonl" else "row"
    assert [row.place for row in rows] == [f"{path}, {unit} 1", f"{path}, {unit} 2"]
    assert (report.source, report.texts, report.warnings()) == (str(path), 2, [])


@pytest.mark.parametrize("shape", SHAPES)
def test_python_lists_of_every_shape_are_left_as_they_are(shape: str) -> None:
    data = [SHAPES[shape], SHAPES[shape]]
    before = copy.deepcopy(data)
    rows, report = read_annotations(data)
    assert [row.spans for row in rows] == [SPANS, SPANS]
    assert rows[1].place == "<list>, row 2"
    assert report.source == "<list>"
    assert data == before


def test_tuples_and_generators() -> None:
    pairs = ((TEXT, {"entities": [(0, 7, "DRUG"), (14, 17, "PERSON")]}) for _ in range(3))
    rows, _ = read_annotations(pairs)
    assert [row.spans for row in rows] == [SPANS] * 3


def test_strings_are_paths(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps(PRODIGY))
    assert read_annotations(str(path))[0][0].spans == SPANS


def test_spacy_files(nlp: Language, tmp_path: Path) -> None:
    path = tmp_path / "data.spacy"
    DocBin(docs=[gold_doc(nlp), gold_doc(nlp)]).to_disk(path)
    rows, _ = read_annotations(path)
    assert [row.spans for row in rows] == [SPANS, SPANS]
    assert rows[1].place == f"{path}, doc 2"
    assert rows[0].reference is not None


def test_examples_are_copied(nlp: Language) -> None:
    example = Example(nlp.make_doc(TEXT), gold_doc(nlp))
    rows, _ = read_annotations([example])
    assert rows[0].spans == SPANS
    assert rows[0].reference is not None
    rows[0].reference.set_ents([])
    assert len(example.reference.ents) == 2


def test_corpus_readers_get_the_pipeline(nlp: Language) -> None:
    class Corpus:
        def __call__(self, given: Language) -> list[Example]:
            assert given is nlp
            return [Example(given.make_doc(TEXT), gold_doc(given))]

    rows, report = read_annotations(Corpus(), nlp=nlp)
    assert (rows[0].spans, report.source) == (SPANS, "<Corpus>")
    with pytest.raises(TypeError, match="pass nlp"):
        read_annotations(Corpus())


def test_our_own_corpus_keeps_its_options_and_its_file_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps(PRODIGY) + "\n{}\n")
    rows, report = read_annotations(AnnotatedCorpus(path, skip_invalid=True))
    assert len(rows) == 1
    assert (report.source, report.skipped["invalid"]) == (str(path), 1)


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_byte_order_mark_and_windows_line_ends(suffix: str, tmp_path: Path) -> None:
    row = json.dumps(PRODIGY)
    text = f"{row}\n\n{row}\n" if suffix == ".jsonl" else f"[\n{row},\n{row}\n]\n"
    path = write(tmp_path / f"a{suffix}", text, encoding="utf-8-sig", newline="\r\n")
    rows, _ = read_annotations(path)
    assert [row.text for row in rows] == [TEXT, TEXT]


def test_blank_lines_count_as_lines_and_a_last_line_needs_no_end(tmp_path: Path) -> None:
    row = json.dumps(PRODIGY)
    rows, _ = read_annotations(write(tmp_path / "a.jsonl", f"\n{row}\n  \t\n\n{row}"))
    assert [row.row for row in rows] == [2, 5]


def test_line_separators_inside_a_text_end_no_line(tmp_path: Path) -> None:
    row = {"text": "a\u2028b\x85c", "spans": []}
    path = write(tmp_path / "a.jsonl", json.dumps(row, ensure_ascii=False) + "\n")
    assert read_annotations(path)[0][0].text == row["text"]


def test_offsets_count_characters_outside_the_basic_plane_once(tmp_path: Path) -> None:
    row = {"text": "😀 Ada", "spans": [{"start": 2, "end": 5, "label": "PERSON"}]}
    path = write(tmp_path / "a.jsonl", json.dumps(row))
    rows, _ = read_annotations(path)
    span = rows[0].spans[0]
    assert rows[0].text[span.start : span.end] == "Ada"


def test_only_accepted_answers_are_used_and_the_others_counted(tmp_path: Path) -> None:
    answers = ["accept", "reject", "ignore", None]
    data = [{**PRODIGY, "answer": answer} for answer in answers]
    # A rejected row may be anything.
    data.append({"text": None, "answer": "reject"})
    rows, report = read_annotations(data)
    assert [row.row for row in rows] == [1]
    assert report.to_dict()["skipped"] == {"not accepted": 4}
    assert "4 rows skipped" in report.warnings()[0]


def test_rows_without_text_are_counted() -> None:
    data = [PRODIGY, {"text": "", "spans": []}, {"text": " \n", "spans": []}]
    rows, report = read_annotations(data)
    assert len(rows) == 1
    assert report.skipped["empty"] == 2
    assert "2 rows without text" in report.warnings()[0]


def test_null_spans_fall_back_to_entities() -> None:
    rows, _ = read_annotations([{"text": TEXT, "spans": None, "entities": TRIPLES}])
    assert rows[0].spans == SPANS


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (3, "cannot read this row"),
        (None, "cannot read this row"),
        ("text", "cannot read this row"),
        ([TEXT], "cannot read this row"),
        ([TEXT, []], "cannot read this row"),
        ([1, {"entities": []}], "cannot read this row"),
        ({}, 'needs a string "text"'),
        ({"text": 1, "spans": []}, 'needs a string "text"'),
        ({"text": TEXT}, 'needs "spans", "entities" or "label"'),
        ([TEXT, {"cats": {}}], 'need "entities"'),
        ({"text": TEXT, "spans": {}}, "must be a list, not dict"),
        ({"text": TEXT, "spans": "DRUG"}, "must be a list, not str"),
        ([TEXT, {"entities": None}], "must be a list, not NoneType"),
        ({"text": TEXT, "spans": [[0, 7, "DRUG"]]}, "must be an object"),
        ({"text": TEXT, "entities": [{"start": 0}]}, "must be [start, end, label]"),
        ({"text": TEXT, "entities": [[0, 7]]}, "must be [start, end, label]"),
        ({"text": TEXT, "entities": ["0,7"]}, "must be [start, end, label]"),
        ({"text": TEXT, "spans": [{"start": True, "end": 7, "label": "X"}]}, "whole numbers"),
        ({"text": TEXT, "spans": [{"start": "0", "end": 7, "label": "X"}]}, "whole numbers"),
        ({"text": TEXT, "spans": [{"start": 0, "end": 7.0, "label": "X"}]}, "whole numbers"),
        ({"text": TEXT, "spans": [{"end": 7, "label": "X"}]}, "whole numbers"),
        ({"text": TEXT, "spans": [{"start": 0, "end": 7}]}, "label must be a string"),
        ({"text": TEXT, "spans": [{"start": 0, "end": 7, "label": 1}]}, "label must be a string"),
        ({"text": "half \ud83d", "spans": []}, "half of a surrogate pair"),
        (["half \ud83d", {"entities": []}], "half of a surrogate pair"),
        ({"text": TEXT, "entities": [[0, 7, "\ud83d"]]}, "half of a surrogate pair"),
    ],
)
def test_a_row_of_a_wrong_shape_is_named(row: object, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", f"{json.dumps(PRODIGY)}\n{json.dumps(row)}\n")
    error = error_of(path)
    assert (error.source, error.row, error.unit) == (str(path), 2, "line")
    assert reason in error.reason
    assert str(error).startswith(f"{path}, line 2: ")
    assert reason in error_of([PRODIGY, row]).reason


def test_broken_json_on_line_7(tmp_path: Path) -> None:
    lines = [json.dumps(PRODIGY)] * 6 + ['{"text": "a", "spans": [}'] + [json.dumps(PRODIGY)] * 2
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    error = error_of(path)
    assert str(error) == f"{path}, line 7: invalid JSON at character 25: Expecting value"
    rows, report = read_annotations(path, skip_invalid=True)
    assert (len(rows), report.skipped["invalid"]) == (8, 1)
    assert "line 7: invalid JSON" in report.warnings()[0]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": "Caf\xe9", "spans": []}', "not UTF-8 text (byte 13"),
        ('{"text": "a", "spans": []}'.encode("utf-16"), "save the file as UTF-8"),
        (b'{"text": "a"', "invalid JSON at character 13"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"text": "a", "spans": [' + b"1" * 5000 + b"]}", ""),
    ],
)
def test_lines_that_are_no_json(raw: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(raw + b"\n")
    error = error_of(path)
    assert (error.row, error.unit) == (1, "line")
    assert reason in error.reason


def test_broken_json_file_names_its_line(tmp_path: Path) -> None:
    row = json.dumps(PRODIGY)
    error = error_of(write(tmp_path / "a.json", f"[\n{row},\n{row}"))
    assert (error.row, error.unit) == (3, "line")
    assert "invalid JSON at character" in error.reason


def test_the_two_kinds_of_json_files_are_told_apart(tmp_path: Path) -> None:
    pair, row = json.dumps(SHAPES["pair"]), json.dumps(PRODIGY)
    lines = write(tmp_path / "a.json", f"{pair}\n{pair}\n")
    assert "name the file .jsonl" in error_of(lines).reason
    assert "name it .json" in error_of(write(tmp_path / "a.jsonl", f"[\n{row}\n]\n")).reason


def test_a_json_file_must_be_a_list(tmp_path: Path) -> None:
    error = error_of(write(tmp_path / "a.json", json.dumps(PRODIGY)))
    assert error.reason == "expected a list of rows, not dict"


@pytest.mark.parametrize("suffix", [".spacy", ".jsonl", ".json"])
def test_an_empty_file(suffix: str, tmp_path: Path) -> None:
    assert error_of(write(tmp_path / f"a{suffix}", "")).reason == "the file is empty"


def test_files_and_lists_without_rows(nlp: Language, tmp_path: Path) -> None:
    DocBin(docs=[]).to_disk(tmp_path / "a.spacy")
    sources: list[Any] = [
        tmp_path / "a.spacy",
        write(tmp_path / "a.jsonl", " \n\n"),
        write(tmp_path / "a.json", "[]"),
        write(tmp_path / "b.json", "\n"),
        [],
    ]
    for source in sources:
        assert error_of(source).reason == "it has no annotated texts"


def test_a_file_of_which_nothing_is_left_says_why() -> None:
    data = [{**PRODIGY, "answer": "reject"}, {**PRODIGY, "answer": "ignore"}, {"text": ""}]
    data[2]["spans"] = []
    assert error_of(data).reason.endswith("all rows were skipped (1 empty, 2 not accepted)")
    assert "(1 invalid)" in error_of([{}], skip_invalid=True).reason


@pytest.mark.parametrize("damage", ["junk", "truncated"])
def test_a_damaged_spacy_file(damage: str, nlp: Language, tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    whole = DocBin(docs=[gold_doc(nlp)]).to_bytes()
    path.write_bytes(b"junk" * 20 if damage == "junk" else whole[: len(whole) // 2])
    error = error_of(path)
    assert error.row is None
    assert "damaged" in error.reason


def packed_docbin(**parts: Any) -> bytes:
    """A DocBin of no texts, with some of its parts replaced."""
    empty = {"version": "0.1", "attrs": [ORTH], "strings": [], "cats": [], "flags": []}
    parts = {**empty, "tokens": b"", "spaces": b"", "lengths": b"", "span_groups": [], **parts}
    return zlib.compress(srsly.msgpack_dumps(parts))


def texts_of(*lengths: int) -> dict[str, Any]:
    """Parts of a DocBin with texts of so many tokens each."""
    count, tokens = len(lengths), sum(lengths)
    per_text = {"cats": [{}] * count, "flags": [{}] * count, "span_groups": [b""] * count}
    packed = np.asarray(lengths, dtype="int32").tobytes()
    return {"tokens": bytes(8 * tokens), "spaces": bytes(tokens), "lengths": packed, **per_text}


BOMBS = {
    "zeros": (lambda: zlib.compress(bytes(2**27)), "more than 71 MB when decompressed"),
    "tokens": (lambda: packed_docbin(**texts_of(3_000_000)), "3,000,000 tokens"),
    "texts": (lambda: packed_docbin(**texts_of(*[0] * 110_000)), "110,000 texts"),
    "strings": (lambda: packed_docbin(strings=[""] * 5_000_000), "values"),
    "maps": (lambda: packed_docbin(cats=[{}] * 5_000_000), "values"),
    "depth": (lambda: zlib.compress(b"\x91" * 100_000 + b"\xc0"), "nested"),
    "spans": (
        lambda: packed_docbin(
            **{**texts_of(0), "span_groups": [srsly.msgpack_dumps([[]] * 5_000_000)]}
        ),
        "values",
    ),
    "user data": (
        lambda: packed_docbin(**texts_of(0), user_data=[srsly.msgpack_dumps([0] * 5_000_000)]),
        "values",
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_spacy_file_cannot_fill_the_memory(kind: str, tmp_path: Path) -> None:
    make, reason = BOMBS[kind]
    path = tmp_path / "a.spacy"
    path.write_bytes(make())
    tracemalloc.start()
    error = error_of(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reason in error.reason
    assert "store the texts as .jsonl" in error.reason
    assert peak < 2**27


@pytest.mark.parametrize(
    "parts",
    [
        {**texts_of(2), "spaces": b"\0"},
        {**texts_of(2), "lengths": np.asarray([3], dtype="int32").tobytes()},
        {**texts_of(2), "lengths": np.asarray([3, -1], dtype="int32").tobytes()},
        {**texts_of(2), "tokens": [0, 0]},
        {**texts_of(2), "attrs": []},
        {**texts_of(2), "cats": []},
    ],
)
def test_a_spacy_file_whose_parts_do_not_fit(parts: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    path.write_bytes(packed_docbin(**parts))
    assert "damaged" in error_of(path).reason


def test_a_spacy_file_keeps_all_that_docs_have(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = gold_doc(nlp)
    doc.spans["more"] = [Span(doc, 0, 2, "BOTH")]
    doc.cats = {"A": np.float32(0.5)}
    doc.user_data["note"] = ("kept", 1)
    docs = [doc, Doc(nlp.vocab), Doc(nlp.vocab, words=["Ada"] * 30_000)]
    whole = DocBin(docs=docs, store_user_data=True).to_bytes()
    path = tmp_path / "a.spacy"
    path.write_bytes(whole)
    expected = [doc.to_json() for doc in DocBin().from_bytes(whole).get_docs(nlp.vocab)]
    found = [row.reference for row in iter_docbin(path)]
    assert [doc.to_json() for doc in found if doc is not None] == expected
    assert found[0] is not None
    assert found[0].user_data["note"] == ("kept", 1)


def test_many_short_texts_of_few_words_are_no_bomb(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(f"I like {thing}s.") for thing in ("shoe", "hat", "sock")] * 10_000
    path = tmp_path / "a.spacy"
    DocBin(docs=docs).to_disk(path)
    assert len(read_annotations(path)[0]) == 30_000


@pytest.mark.parametrize("shape", ["spans", "label"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_values_of_any_depth_are_an_error_of_their_row(
    shape: str, suffix: str, tmp_path: Path
) -> None:
    for depth in (*range(700, 1000, 3), 100_000):
        deep = '{"a":' * depth + "1" + "}" * depth
        row = f'{{"text": "a", "{shape}": {deep}}}'
        error = error_of(write(tmp_path / f"a{suffix}", row if suffix == ".jsonl" else f"[{row}]"))
        assert error.source.endswith(suffix)


def test_wrong_paths(tmp_path: Path) -> None:
    assert error_of(tmp_path / "none.jsonl").reason == "no such file"
    assert "directory" in error_of(tmp_path).reason
    assert (
        "use .spacy, .jsonl, .json, .conll or .iob"
        in error_of(write(tmp_path / "a.txt", "x")).reason
    )
    assert "(no suffix)" in error_of(write(tmp_path / "a", "x")).reason
    assert "cannot be read" in error_of(tmp_path / ("x" * 300 + ".jsonl")).reason


def test_gold_docs_keep_what_offsets_cannot_say(nlp: Language, tmp_path: Path) -> None:
    doc = nlp.make_doc(TEXT)
    doc.set_ents([Span(doc, 0, 1, "DRUG")], missing=[doc[1:3]], default="outside")
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    example = next(AnnotatedCorpus(tmp_path / "a.spacy")(nlp))
    assert example.get_aligned_ner() == ["U-DRUG", None, None, "O"]
