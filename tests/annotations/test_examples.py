"""Rows become Examples: what happens to spans and tokens that do not fit each other."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_pickled_ner import AnnotationError
from spacy_pickled_ner.annotations import (
    AlignmentMode,
    DataReport,
    make_examples,
    read_annotations,
)


@pytest.fixture
def nlp() -> Language:
    return spacy.blank("en")


def examples_of(
    nlp: Language, *rows: tuple[str, list[tuple[int, int, str]]], mode: AlignmentMode = "strict"
) -> tuple[list[Example], DataReport]:
    data = [(text, {"entities": spans}) for text, spans in rows]
    before = copy.deepcopy(data)
    read, report = read_annotations(data)
    made = list(make_examples(read, nlp, report, alignment_mode=mode))
    assert data == before
    return made, report


def tags_of(example: Example) -> list[str | None]:
    return example.get_aligned_ner()


def test_spans_on_token_edges_are_entities_and_the_rest_is_outside(nlp: Language) -> None:
    (made,), report = examples_of(nlp, ("Aspirin helps Ada Lovelace.", [(14, 26, "PERSON")]))
    assert tags_of(made) == ["O", "O", "B-PERSON", "L-PERSON", "O"]
    assert made.predicted.ents == ()
    assert made.predicted.vocab is nlp.vocab
    assert (report.words, dict(report.labels), report.misaligned) == (5, {"PERSON": 1}, 0)


@pytest.mark.parametrize(
    ("mode", "tags", "unusable"),
    [
        # Nothing is known of the tokens that the span cuts; the others are outside.
        ("strict", [None, None, "O", "U-DRUG", "O"], 1),
        ("expand", ["B-PAIN", "L-PAIN", "O", "U-DRUG", "O"], 0),
        ("contract", ["U-PAIN", "O", "O", "U-DRUG", "O"], 0),
    ],
)
def test_misaligned_spans(
    mode: AlignmentMode, tags: list[str | None], unusable: int, nlp: Language
) -> None:
    text = "Severe headaches need Aspirin."
    (made,), report = examples_of(nlp, (text, [(0, 11, "PAIN"), (22, 29, "DRUG")]), mode=mode)
    assert tags_of(made) == tags
    assert (report.misaligned, report.unusable, report.spans) == (1, unusable, 2)
    (warning,) = report.warnings()
    done = "1 left out" if unusable else "1 moved"
    assert f"1 of 2 spans not matching the tokens of this pipeline: {done}" in warning
    assert "(first: row 1: 'Severe head')" in warning


def test_a_span_inside_one_token_cannot_be_contracted(nlp: Language) -> None:
    (made,), report = examples_of(nlp, ("headaches hurt", [(0, 4, "PAIN")]), mode="contract")
    assert tags_of(made) == [None, "O"]
    assert report.unusable == 1


def test_neighbours_that_expand_onto_one_token_do_not_both_get_it(nlp: Language) -> None:
    spans = [(0, 4, "BODY"), (4, 9, "PAIN")]
    (made,), report = examples_of(nlp, ("headaches hurt", spans), mode="expand")
    assert tags_of(made) == ["U-BODY", "O"]
    assert (report.misaligned, report.unusable) == (2, 1)


def test_a_misaligned_span_takes_no_token_from_an_aligned_neighbour(nlp: Language) -> None:
    spans = [(0, 7, "DRUG"), (8, 12, "BODY")]
    for mode in ("strict", "expand"):
        (made,), _ = examples_of(nlp, ("Aspirin headaches", spans), mode=mode)
        assert tags_of(made)[0] == "U-DRUG"


def test_a_text_that_is_too_long_is_named(nlp: Language) -> None:
    nlp.max_length = 10
    with pytest.raises(AnnotationError, match=r"<list>, row 2: .*maximum"):
        examples_of(nlp, ("Short.", []), ("Longer than that.", []))


def gold(nlp: Language, words: list[str], entities: list[tuple[int, int, str]]) -> Example:
    doc = Doc(nlp.vocab, words=words)
    doc.ents = [Span(doc, start, end, label) for start, end, label in entities]
    return Example(nlp.make_doc(doc.text), doc)


def test_gold_docs_move_to_the_vocab_of_the_pipeline_with_all_annotation(nlp: Language) -> None:
    other = spacy.blank("en")
    example = gold(other, ["Aspirin", "helps"], [(0, 1, "DRUG")])
    for token, tag in zip(example.reference, ("NN", "VB"), strict=True):
        token.tag_ = tag
    rows, report = read_annotations([example])
    (made,) = make_examples(rows, nlp, report)
    assert made.reference.vocab is nlp.vocab
    assert [token.tag_ for token in made.reference] == ["NN", "VB"]
    assert tags_of(made) == ["U-DRUG", "O"]
    assert example.reference.vocab is other.vocab


def test_gold_docs_with_other_tokens_are_counted_as_misaligned(nlp: Language) -> None:
    doc = Doc(nlp.vocab, words=["head", "aches", "hurt"], spaces=[False, True, False])
    doc.ents = [Span(doc, 0, 1, "BODY"), Span(doc, 2, 3, "VERB")]
    rows, report = read_annotations([Example(nlp.make_doc(doc.text), doc)])
    (made,) = make_examples(rows, nlp, report)
    assert tags_of(made) == [None, "U-VERB"]
    assert (report.misaligned, report.unusable) == (1, 1)


def test_white_space_is_cut_off_the_entities_of_gold_docs_too(nlp: Language) -> None:
    doc = nlp.make_doc("Ada  Lovelace wrote.")
    assert doc[1].is_space
    doc.set_ents([Span(doc, 0, 2, "PERSON")], missing=[doc[3:4]], default="outside")
    example = Example(nlp.make_doc(doc.text), doc)
    rows, report = read_annotations([example])
    (made,) = make_examples(rows, nlp, report)
    assert report.trimmed == 1
    assert [(ent.text, ent.label_) for ent in made.reference.ents] == [("Ada", "PERSON")]
    assert tags_of(made) == ["U-PERSON", "O", "O", None, "O"]
    assert len(doc.ents[0]) == 2


def test_rows_are_not_consumed_before_they_are_asked_for(nlp: Language) -> None:
    rows, report = read_annotations([("One.", {"entities": []}), ("Two.", {"entities": []})])
    made = make_examples(rows, nlp, report)
    assert next(made).text == "One."
    assert report.words == 2


def test_annotations_are_never_shared_with_the_rows(nlp: Language) -> None:
    data: list[Any] = [("Aspirin helps", {"entities": [(0, 7, "DRUG")]})]
    rows, report = read_annotations(data)
    first, second = (next(make_examples(rows, nlp, report)) for _ in range(2))
    first.reference.set_ents([])
    assert tags_of(second) == ["U-DRUG", "O"]
