"""Rows → spaCy Examples: tokenize, and align spans with tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from ..errors import AnnotationError
from .report import DataReport
from .rows import AnnotatedText, EntitySpan

AlignmentMode: TypeAlias = Literal["strict", "contract", "expand"]


def make_examples(
    rows: Iterable[AnnotatedText],
    nlp: Language,
    report: DataReport,
    *,
    alignment_mode: AlignmentMode = "strict",
) -> Iterator[Example]:
    """Tokenize rows and set their entities.

    rows (Iterable[AnnotatedText]): Checked rows.
    nlp (Language): Its tokenizer makes the Docs.
    report (DataReport): Counts words, labels and misaligned spans.
    alignment_mode (str): See `AnnotatedCorpus`.
    YIELDS (Example): One per row, in order.
    RAISES (AnnotationError): A text is longer than `nlp.max_length`.
    """
    for row in rows:
        try:
            predicted = nlp.make_doc(row.text)
        except ValueError as err:
            raise AnnotationError(str(err), source=row.source, row=row.row, unit=row.unit) from err
        if row.reference is not None:
            reference = _move(row.reference, nlp, row)
            _count_misaligned(predicted, row, report)
        else:
            reference = predicted.copy()
            _set_entities(reference, row, report, alignment_mode)
        report.words += len(predicted)
        report.labels.update(span.label for span in row.spans)
        yield Example(predicted, reference)


def _move(gold: Doc, nlp: Language, row: AnnotatedText) -> Doc:
    doc = gold if gold.vocab is nlp.vocab else Doc(nlp.vocab).from_dict(gold.to_dict())
    if tuple((e.start_char, e.end_char, e.label_) for e in doc.ents) != row.spans:
        # White space was trimmed from its entities.
        missing = [doc[token.i : token.i + 1] for token in doc if token.ent_iob == 0]
        spans = (
            doc.char_span(s.start, s.end, s.label, alignment_mode="contract") for s in row.spans
        )
        doc = doc.copy()
        doc.set_ents([s for s in spans if s is not None], missing=missing, default="outside")
    return doc


def _count_misaligned(doc: Doc, row: AnnotatedText, report: DataReport) -> None:
    """Count spans of a gold Doc that do not match this pipeline's tokens: spaCy ignores them."""
    for span in row.spans:
        if doc.char_span(span.start, span.end) is None:
            _note_misaligned(span, row, report)
            report.unusable += 1


def _note_misaligned(span: EntitySpan, row: AnnotatedText, report: DataReport) -> None:
    report.misaligned += 1
    report.note("misaligned", f"{row.position}: {row.text[span.start : span.end]!r}")


def _set_entities(
    doc: Doc, row: AnnotatedText, report: DataReport, alignment_mode: AlignmentMode
) -> None:
    entities: list[Span] = []
    unknown: list[Span] = []
    for span in row.spans:
        exact = doc.char_span(span.start, span.end, label=span.label)
        if exact is not None:
            entities.append(exact)
            continue
        _note_misaligned(span, row, report)
        entity = _snap(doc, span, alignment_mode)
        # Two neighbours can be moved to the same token; then neither is annotated.
        if entity is not None and not (entities and entity.start < entities[-1].end):
            entities.append(entity)
        else:
            report.unusable += 1
            touched = doc.char_span(span.start, span.end, alignment_mode="expand")
            if touched is not None:
                unknown.append(touched)
    taken = {token.i for entity in entities for token in entity}
    missing = [doc[t.i : t.i + 1] for span in unknown for t in span if t.i not in taken]
    doc.set_ents(entities, missing=missing, default="outside")


def _snap(doc: Doc, span: EntitySpan, alignment_mode: AlignmentMode) -> Span | None:
    if alignment_mode == "strict":
        return None
    return doc.char_span(span.start, span.end, label=span.label, alignment_mode=alignment_mode)
