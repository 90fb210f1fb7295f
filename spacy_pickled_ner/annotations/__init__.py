"""Users' annotated texts, from files or Python, to checked spaCy Examples and a report on the data.

Data flows one way: `formats` (files and lists → rows) → `checks` (each row is sound) → `corpus`
(all rows of a source, with its report) → `examples` (rows → spaCy Examples, token alignment).
Knows nothing of training.
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
