"""spaCy's own `.spacy` files, and other gold Docs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ...errors import AnnotationError
from ..rows import AnnotatedText, EntitySpan
from .docbin_unpacking import unpack_docbin


def iter_docbin(path: Path) -> Iterator[AnnotatedText]:
    """Read a DocBin.

    path (Path): The file.
    YIELDS (AnnotatedText): A row per Doc.
    RAISES (AnnotationError): The file is damaged, or is not a DocBin.
    """
    # A separate vocab: `make_examples` moves the Docs to the vocab of the pipeline.
    docs = _iter_docs(path, Vocab())
    for number, doc in enumerate(docs, start=1):
        yield row_from_doc(doc, str(path), number)


def _iter_docs(path: Path, vocab: Vocab) -> Iterator[Doc]:
    data = path.read_bytes()
    # msgpack, zlib and numpy raise different errors for a damaged file.
    try:
        yield from unpack_docbin(data, str(path)).get_docs(vocab)
    except AnnotationError:
        raise
    except Exception as err:
        raise AnnotationError(
            f"damaged, or not a .spacy file as `spacy convert` writes it ({type(err).__name__})",
            source=str(path),
        ) from err


def row_from_doc(doc: Doc, source: str, row: int) -> AnnotatedText:
    """Create a row from a gold Doc, and keep the Doc as reference."""
    spans = tuple(EntitySpan(e.start_char, e.end_char, e.label_) for e in doc.ents)
    return AnnotatedText(doc.text, spans, source, row, "doc", doc)
