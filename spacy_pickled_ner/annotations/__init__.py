"""Read annotated texts from files or Python, check them, and turn them into spaCy Examples.

Data flows one way: `formats` (files and lists → rows) → `checks` (of each row) → `corpus` (all rows
of a source, with a report) → `examples` (rows → spaCy Examples, with token alignment).
Nothing here imports training code.
"""

from .compare import compare_parts, split_dev
from .corpus import (
    AnnotatedCorpus,
    AnnotationSource,
    check_not_empty,
    choose_alignment,
    iter_annotations,
    read_annotations,
    start_report,
)
from .examples import AlignmentMode, make_examples
from .raw_text import RawTextSource, read_raw_text
from .report import DataReport
from .rows import AnnotatedText, EntitySpan

__all__ = [
    "AlignmentMode",
    "AnnotatedCorpus",
    "AnnotatedText",
    "AnnotationSource",
    "DataReport",
    "EntitySpan",
    "RawTextSource",
    "check_not_empty",
    "choose_alignment",
    "compare_parts",
    "iter_annotations",
    "make_examples",
    "read_annotations",
    "read_raw_text",
    "split_dev",
    "start_report",
]
