"""NERs as they are in the base, to be asked what they find; and with a trained one in front."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span

from .copying import copy_ner

Found = list[tuple[int, int, str]]

BATCH_SIZE = 256


class FrozenNers:
    """Copies of some NERs of a pipeline, that each respect what those before have found.

    nlp (Language): The pipeline, which stays as it is.
    names (Sequence[str]): The NERs, in order.
    """

    def __init__(self, nlp: Language, names: Sequence[str]):
        self._ners = [copy_ner(nlp, name) for name in names]

    def __call__(self, docs: Iterable[Doc]) -> Iterable[Doc]:
        """Annotate Docs in place."""
        for ner in self._ners:
            docs = ner.pipe(docs, batch_size=BATCH_SIZE)
        return docs

    def find(self, docs: Iterable[Doc]) -> Iterator[Found]:
        """Find the entities of Docs, which stay as they are: (first token, end token, label)."""
        for doc in self(doc.copy() for doc in docs):
            yield [(ent.start, ent.end, ent.label_) for ent in doc.ents]


class InFrontOf:
    """An annotator: one NER that is being trained, in front of others that stay as they are.

    The others are asked again only about Docs in which the first finds something: elsewhere they
    find what they always found.

    ner (EntityRecognizer): The trained one.
    others (FrozenNers): Those behind it.
    """

    def __init__(self, ner: EntityRecognizer, others: FrozenNers):
        self._ner = ner
        self._others = others
        self._alone: dict[Doc, Found] = {}

    def __call__(self, docs: Sequence[Doc]) -> Iterable[Doc]:
        """Annotate Docs without entities, in place."""
        unknown = [doc for doc in docs if doc not in self._alone]
        self._alone.update(zip(unknown, self._others.find(unknown), strict=True))
        annotated = list(self._ner.pipe(docs, batch_size=BATCH_SIZE))
        for _ in self._others(doc for doc in annotated if doc.ents):
            pass
        for doc in annotated:
            if not doc.ents:
                spans = [Span(doc, start, end, label) for start, end, label in self._alone[doc]]
                doc.set_ents(spans, default="outside")
        return annotated
