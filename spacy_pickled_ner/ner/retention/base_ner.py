"""The NER of a base in a vocab of its own, to be asked about the texts of another pipeline.

Loading a base into the vocab of a pipeline would replace the vectors there. So the base tokenises
the texts itself, as it always did, and what it finds is carried over by characters.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from spacy.tokens import Doc

from ...errors import BasePipelineError
from ...pipelines import load_base
from .frozen_ners import Found, FrozenNers
from .modes import check_component, find_ners


class BaseNer:
    """Finds the entities of a base.

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
