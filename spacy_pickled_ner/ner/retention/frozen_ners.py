"""NERs as they are in the base, to be asked what they find.

Three ways to ask: copies of NERs of one pipeline; the same behind the NER that is trained; and the
NER of a base in a vocab of its own, asked about the texts of another pipeline.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc, Span

from ...errors import BasePipelineError
from ...pipelines import load_base
from .copying import copy_ner
from .modes import check_component, find_ners

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


class BaseNer:
    """Finds the entities of a base in the texts of another pipeline.

    Loading a base into the vocab of that pipeline would replace the vectors there. So the base has
    its own vocab and tokenises the texts itself. Its entities are carried over by characters.

    base (Union[str, Path]): Package name, directory or model file.
    component (str): Its NER.
    trusted (Sequence[str]): For `.pkl` files, see `spacy_pickled_ner.load`.
    RAISES (BasePipelineError): It cannot be loaded, has no such NER, or one without labels.
    """

    def __init__(
        self, base: str | os.PathLike[str], *, component: str, trusted: Sequence[str] = ()
    ):
        source = load_base(base, trusted=trusted)
        check_component(source, component)
        self.labels = find_ners(source).get(component, ())
        if not self.labels:
            raise BasePipelineError(
                f"the base {base} has no NER that knows any label: there is nothing that could be "
                "forgotten. Name the pipeline that training starts from"
            )
        self._make_doc = source.make_doc
        self._ners = FrozenNers(source, [component])

    def find(self, docs: Iterable[Doc]) -> Iterator[Found]:
        """Find the entities of Docs, which stay as they are.

        YIELDS (List[Tuple[int, int, str]]): For each Doc (first token, end token, label), without
            those that do not begin and end with tokens of the Doc.
        """
        docs = list(docs)
        own = [self._make_doc(doc.text) for doc in docs]
        for doc, read, found in zip(docs, own, self._ners.find(own), strict=True):
            spans = [(read[start:end], label) for start, end, label in found]
            moved = [(doc.char_span(s.start_char, s.end_char), label) for s, label in spans]
            yield [(s.start, s.end, label) for s, label in moved if s is not None]
