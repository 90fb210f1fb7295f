"""What is wrong with a row is said with its place; what can be mended is mended and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import DataReport, EntitySpan, compare_parts, read_annotations

TEXT = "Aspirin helps Ada Lovelace."


def row(*spans: tuple[int, int, str], text: str = TEXT) -> dict[str, Any]:
    return {"text": text, "entities": [list(span) for span in spans]}


def error_of(*spans: tuple[int, int, str], text: str = TEXT) -> AnnotationError:
    with pytest.raises(AnnotationError) as caught:
        read_annotations([row((0, 7, "DRUG")), row(*spans, text=text)])
    assert str(caught.value) == f"<list>, row 2: {caught.value.reason}"
    return caught.value


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        ((-1, 7, "DRUG"), "the DRUG span -1-7 is outside the text, which has 27 characters"),
        ((0, 28, "DRUG"), "the DRUG span 0-28 is outside the text, which has 27 characters"),
        ((99, 101, "DRUG"), "the DRUG span 99-101 is outside the text"),
        ((7, 7, "DRUG"), "the DRUG span 7-7 is empty: start must be below end"),
        ((7, 0, "DRUG"), "the DRUG span 7-0 is empty: start must be below end"),
        ((7, 8, "DRUG"), "the DRUG span 7-8 covers only white space"),
        ((0, 7, ""), "the span 0-7 has an empty label"),
        ((0, 7, " "), "the span 0-7 has an empty label"),
        ((0, 7, " DRUG"), "has white space at its start or end"),
    ],
)
def test_a_bad_span_is_named(span: tuple[int, int, str], reason: str) -> None:
    assert reason in error_of(span).reason


@pytest.mark.parametrize("second", [(4, 13, "X"), (0, 7, "X"), (1, 3, "DRUG"), (0, 13, "DRUG")])
def test_overlapping_spans_are_both_shown(second: tuple[int, int, str]) -> None:
    reason = error_of(second, (0, 7, "DRUG"), (14, 17, "PERSON")).reason
    start, end, label = second
    assert "0-7 'Aspirin' (DRUG)" in reason
    assert f"{start}-{end} {TEXT[start:end]!r} ({label})" in reason
    assert "overlap" in reason


def test_a_long_span_is_shown_short() -> None:
    reason = error_of((0, 200, "X"), (198, 209, "Y"), text="word " * 50).reason
    assert "word wo..." in reason
    assert len(reason) < 200


def test_spans_that_touch_do_not_overlap() -> None:
    rows, _ = read_annotations([row((0, 7, "A"), (7, 13, "B"))])
    assert rows[0].spans == (EntitySpan(0, 7, "A"), EntitySpan(8, 13, "B"))


def test_white_space_is_cut_off_and_counted() -> None:
    data = [row((0, 8, "DRUG"), (13, 18, "PERSON"))]
    rows, report = read_annotations(data)
    assert rows[0].spans == (EntitySpan(0, 7, "DRUG"), EntitySpan(14, 17, "PERSON"))
    assert report.trimmed == 2
    assert report.warnings() == ["<list>: 2 spans trimmed of white space (first: row 1)"]


def test_a_span_given_twice_counts_once_and_is_said() -> None:
    rows, report = read_annotations([row((0, 7, "DRUG"), (0, 8, "DRUG"), (0, 7, "DRUG"))])
    assert rows[0].spans == (EntitySpan(0, 7, "DRUG"),)
    assert report.repeated == 2
    assert "2 spans repeated in the same row" in report.warnings()[0]


def test_bad_rows_are_skipped_only_when_asked_and_counted(tmp_path: Path) -> None:
    lines = [row((0, 7, "DRUG")), row((0, 99, "DRUG")), {"text": 1}, row((7, 8, "DRUG"))]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"line 2: .*outside the text"):
        read_annotations(path)
    rows, report = read_annotations(path, skip_invalid=True)
    assert len(rows) == 1
    assert report.skipped["invalid"] == 4
    (warning,) = report.warnings()
    assert "4 invalid rows skipped" in warning
    # Three are enough to see what is going on.
    assert [f"line {n}:" in warning for n in (2, 3, 4, 5)] == [True, True, True, False]


def test_texts_that_occur_again_with_other_entities_are_counted() -> None:
    data = [row((0, 7, "DRUG")), row(), row((0, 7, "DRUG")), row((14, 17, "PERSON"))]
    rows, report = read_annotations(data)
    assert len(rows) == 4
    assert report.conflicts == 2
    assert (
        "2 texts repeated with different entities (first: row 1 and row 2" in report.warnings()[0]
    )


def test_the_report_as_plain_data() -> None:
    _, report = read_annotations([row((0, 8, "DRUG")), row((0, 7, "DRUG"))])
    found = report.to_dict()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        *("source", "texts", "words", "spans", "labels", "trimmed", "repeated", "misaligned"),
        *("unusable", "skipped", "conflicts", "warnings"),
    }


def test_warnings_go_to_the_log_where_there_is_no_other_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    DataReport("a.jsonl", trimmed=1).log_warnings()
    assert [record.name for record in caplog.records] == ["spacy_pickled_ner"]
    assert "a.jsonl: 1 span trimmed" in caplog.text


def compared(train: list[dict[str, Any]], dev: list[dict[str, Any]]) -> list[str]:
    return compare_parts(read_annotations(train)[0], read_annotations(dev)[0])


def test_dev_texts_that_are_trained_on_are_counted() -> None:
    other = row((0, 3, "DRUG"), text="Tea is fine.")
    (warning,) = compared([row((0, 7, "DRUG"))], [other, row((0, 7, "DRUG")), row()])
    assert "2 of 3 dev texts are also in the training data" in warning
    assert "(first: row 2)" in warning


def test_labels_that_only_one_part_has_are_named() -> None:
    train = [row((0, 7, "DRUG"), (14, 17, "PERSON"))]
    dev = [row((0, 3, "DRUG"), (4, 6, "FOOD"), text="Tea is fine.")]
    assert compared(train, dev) == [
        "<list>: no entity of PERSON, so it cannot be scored",
        "<list>: no training data for FOOD",
    ]


def test_dev_data_without_any_trained_label_is_said_to_be_useless() -> None:
    train = [row((0, 7, "DRUG"))]
    first, second = compared(train, [row((0, 3, "FOOD"), text="Tea is fine.")])
    assert "none of its entities has a trained label (DRUG)" in first
    assert "no training data for FOOD" in second


def test_parts_that_fit_give_no_warning() -> None:
    assert compared([row((0, 7, "A"))], [row((0, 3, "A"), text="Tea is fine.")]) == []


@given(
    text=st.text(alphabet="ab \n\t", max_size=12),
    spans=st.lists(
        st.tuples(st.integers(-2, 14), st.integers(-2, 14), st.sampled_from(["A", "B", ""])),
        max_size=4,
    ),
)
def test_whatever_passes_is_sound(text: str, spans: list[tuple[int, int, str]]) -> None:
    given_row = row(*spans, text=text)
    try:
        rows, _ = read_annotations([given_row])
    except AnnotationError:
        return
    last_end = 0
    for start, end, label in rows[0].spans:
        assert last_end <= start < end <= len(text)
        assert label
        assert text[start:end] == text[start:end].strip()
        last_end = end
    assert len(rows[0].spans) <= len(spans)
    assert given_row == row(*spans, text=text)
