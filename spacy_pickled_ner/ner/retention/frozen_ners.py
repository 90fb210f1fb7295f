"""Predictions of the base's NERs.

There are three kinds: copies of the NERs of a pipeline; these copies behind the trained NER; and
the NER of a base with its own vocab, for texts of another pipeline.
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
    """Copies of some NERs of a pipeline. Each one keeps the entities of those before it.

    nlp (Language): The pipeline; not changed.
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
        """Return the entities of unchanged Docs as (first token, end token, label)."""
        for doc in self(doc.copy() for doc in docs):
            yield [(ent.start, ent.end, ent.label_) for ent in doc.ents]


class InFrontOf:
    """Annotates with the trained NER, and the frozen NERs behind it.

    The frozen NERs run again only on Docs in which the trained NER has found something. For other
    Docs, their predictions are the same as before.

    ner (EntityRecognizer): The trained NER.
    others (FrozenNers): The NERs behind it.
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
    """Predicts the entities of a base in the texts of another pipeline.

    Loading a base into the vocab of that pipeline would replace its vectors. So the base has its
    own vocab and tokenizes the texts itself. Its entities are transferred by character offsets.

    base (Union[str, Path]): Package name, directory or model file.
    component (str): Name of its NER.
    trusted (Sequence[str]): For `.pkl` files, see `spacy_pickled_ner.load`.
    RAISES (BasePipelineError): The base cannot be loaded, or has no such NER with labels.
    """

    def __init__(
        self, base: str | os.PathLike[str], *, component: str, trusted: Sequence[str] = ()
    ):
        source = load_base(base, trusted=trusted)
        check_component(source, component)
        self.labels = find_ners(source).get(component, ())
        if not self.labels:
            raise BasePipelineError(
                f"the base {base} has no NER with labels, so nothing can be forgotten. Use the "
                "pipeline that training starts from"
            )
        self._make_doc = source.make_doc
        self._ners = FrozenNers(source, [component])

    def find(self, docs: Iterable[Doc]) -> Iterator[Found]:
        """Predict the entities of Docs. The Docs do not change.

        YIELDS (List[Tuple[int, int, str]]): For each Doc, its entities as (first token, end token,
            label), without those that do not match tokens of the Doc.
        """
        docs = list(docs)
        own = [self._make_doc(doc.text) for doc in docs]
        for doc, read, found in zip(docs, own, self._ners.find(own), strict=True):
            spans = [(read[start:end], label) for start, end, label in found]
            moved = [(doc.char_span(s.start_char, s.end_char), label) for s, label in spans]
            yield [(s.start, s.end, label) for s, label in moved if s is not None]
