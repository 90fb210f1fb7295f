"""spaCy's own `.spacy` files, and other gold Docs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from ...errors import AnnotationError
from ..rows import AnnotatedText, EntitySpan


def iter_docbin(path: Path) -> Iterator[AnnotatedText]:
    """Read a DocBin.

    path (Path): The file.
    YIELDS (AnnotatedText): A row per Doc.
    RAISES (AnnotationError): It is damaged, or something else.
    """
    # A vocab of their own: `make_examples` moves them to the vocab of the pipeline.
    try:
        docs = list(DocBin().from_disk(path).get_docs(Vocab()))
    except (
        Exception
    ) as err:  # msgpack, zlib and numpy each have their own errors for a damaged file
        raise AnnotationError(
            f"damaged, or not a .spacy file as `spacy convert` writes it ({type(err).__name__})",
            source=str(path),
        ) from err
    for number, doc in enumerate(docs, start=1):
        yield row_from_doc(doc, str(path), number)


def row_from_doc(doc: Doc, source: str, row: int) -> AnnotatedText:
    """Make a row out of a gold Doc, which stays its reference."""
    spans = tuple(EntitySpan(e.start_char, e.end_char, e.label_) for e in doc.ents)
    return AnnotatedText(doc.text, spans, source, row, "doc", doc)
