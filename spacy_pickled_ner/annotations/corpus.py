"""Read all rows of a source, checked, with a report; also as a spaCy corpus reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from spacy.language import Language
from spacy.training import Example

from ..errors import AnnotationError
from ..ty import Corpus
from .checks import check_row
from .examples import AlignmentMode, make_examples
from .formats import iter_file, iter_list
from .report import DataReport
from .rows import AnnotatedText

AnnotationSource: TypeAlias = str | os.PathLike[str] | Iterable[Any] | Corpus


class AnnotatedCorpus:
    """A spaCy corpus reader over a file of annotations, for `[corpora.train]` of any config.

    path (Union[str, Path]): A `.spacy`, `.jsonl`, `.json`, `.conll` or `.iob` file; see `formats`.
    alignment_mode (Optional[str]): How to handle spans that do not match tokens: "strict" leaves
        their tokens unknown, "contract" and "expand" move the bounds. None uses the mode of the
        run, or else "strict". Gold Docs have their own tokens, which spaCy aligns; for them, the
        mode is always "strict".
    skip_invalid (bool): Skip and count invalid rows instead of raising an error.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        alignment_mode: AlignmentMode | None = None,
        skip_invalid: bool = False,
    ):
        self.path = Path(path)
        self.alignment_mode = alignment_mode
        self.skip_invalid = skip_invalid

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Read, check and align the file.

        nlp (Language): Its tokenizer makes the Docs.
        YIELDS (Example): One per valid row.
        RAISES (AnnotationError): A row is invalid, without `skip_invalid`.
        """
        rows, report = read_annotations(self)
        mode = choose_alignment(self, "strict")
        yield from make_examples(rows, nlp, report, alignment_mode=mode)
        report.log_warnings()


def choose_alignment(source: AnnotationSource | None, default: AlignmentMode) -> AlignmentMode:
    """Return the alignment mode of a source: its own, if it has one.

    source (Optional[AnnotationSource]): The source, if there is one.
    default (str): The mode for all others.
    RETURNS (str): See `AnnotatedCorpus`.
    """
    own = source.alignment_mode if isinstance(source, AnnotatedCorpus) else None
    return own or default


def read_annotations(
    source: AnnotationSource, *, nlp: Language | None = None, skip_invalid: bool = False
) -> tuple[list[AnnotatedText], DataReport]:
    """Read and check every row of a source.

    source (AnnotationSource): A path, an `AnnotatedCorpus`, an iterable of rows or Examples, or any
        spaCy corpus reader (`nlp` → Examples).
    nlp (Optional[Language]): For corpus readers other than ours.
    skip_invalid (bool): Skip and count invalid rows instead of raising an error.
    RETURNS (Tuple[List[AnnotatedText], DataReport]): The valid rows, and the report.
    RAISES (AnnotationError): A row is invalid, or there is no row.
    """
    report = start_report(source)
    rows = list(iter_annotations(source, report, nlp=nlp, skip_invalid=skip_invalid))
    report.texts = len(rows)
    check_not_empty(report)
    _find_conflicts(rows, report)
    return rows, report


def start_report(source: AnnotationSource) -> DataReport:
    """Create an empty report on a source."""
    if isinstance(source, AnnotatedCorpus):
        source = source.path
    is_file = isinstance(source, str | os.PathLike)
    return DataReport(source=str(source) if is_file else f"<{_kind(source)}>")


def iter_annotations(
    source: AnnotationSource,
    report: DataReport,
    *,
    nlp: Language | None = None,
    skip_invalid: bool = False,
) -> Iterator[AnnotatedText]:
    """Read and check the rows of a source one by one.

    source (AnnotationSource), nlp (Optional[Language]), skip_invalid (bool): As in
        `read_annotations`.
    report (DataReport): Counts trimmed spans and skipped rows.
    YIELDS (AnnotatedText): The valid rows.
    RAISES (AnnotationError): A row is invalid.
    """
    if isinstance(source, AnnotatedCorpus):
        skip_invalid = skip_invalid or source.skip_invalid
        source = source.path

    def on_error(error: AnnotationError) -> None:
        if not skip_invalid:
            raise error
        report.skipped["invalid"] += 1
        report.note("invalid", f"{error.unit} {error.row}: {error.reason}")

    for row in _iter_source(source, nlp, report, on_error):
        try:
            checked = check_row(row, report)
        except AnnotationError as error:
            on_error(error)
            continue
        yield checked


def check_not_empty(report: DataReport) -> None:
    """Refuse a source without valid rows.

    RAISES (AnnotationError): There is no valid row.
    """
    if not report.texts:
        raise AnnotationError(_why_empty(report), source=report.source)


def _iter_source(
    source: AnnotationSource,
    nlp: Language | None,
    report: DataReport,
    on_error: Callable[[AnnotationError], None],
) -> Iterator[AnnotatedText]:
    if isinstance(source, str | os.PathLike):
        yield from iter_file(Path(source), report, on_error)
        return
    if callable(source):
        if nlp is None:
            raise TypeError("a corpus reader needs the pipeline: pass nlp")
        source = source(nlp)
    yield from iter_list(source, report, on_error)


def _kind(source: AnnotationSource) -> str:
    return type(source).__name__ if callable(source) else "list"


def _why_empty(report: DataReport) -> str:
    if not any(report.skipped.values()):
        return "it has no annotated texts"
    said = ", ".join(f"{count} {reason}" for reason, count in sorted(report.skipped.items()))
    return f"it has no annotated texts: all rows were skipped ({said})"


def _find_conflicts(rows: list[AnnotatedText], report: DataReport) -> None:
    seen: dict[str, AnnotatedText] = {}
    for row in rows:
        first = seen.setdefault(row.text, row)
        if first.spans != row.spans:
            report.conflicts += 1
            report.note("conflict", f"{first.position} and {row.position}")
