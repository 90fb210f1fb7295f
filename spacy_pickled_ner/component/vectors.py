"""The word vectors of an NER. It only works with the vectors that it was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from spacy.language import Language
from spacy.strings import StringStore
from spacy.util import OOV_RANK
from spacy.vectors import Vectors  # type: ignore[import-not-found]
from thinc.api import Model, get_current_ops

from ..errors import ComponentError

_SETTINGS: Final = ("mode", "minn", "maxn", "hash_count", "hash_seed", "bow", "eow", "attr")


def reads_vectors(model: Model[Any, Any]) -> bool:
    """Return True if a model reads the word vectors of the vocab.

    model (Model): The model.
    RETURNS (bool): True if one of its layers reads them.
    """
    return any(node.name == "static_vectors" for node in model.walk())


@dataclass(frozen=True)
class NeededVectors:
    """The word vectors of a model file, for an NER from it.

    vectors (Vectors): The vectors.
    strings (StringStore): The strings of their keys.
    path (str): The file, for errors.
    """

    vectors: Any
    strings: StringStore
    path: str

    def provide(self, nlp: Language, name: str) -> None:
        """Make sure that a pipeline has these vectors.

        A pipeline without vectors gets them. Other vectors are never replaced, because components
        may depend on them.

        nlp (Language): The pipeline.
        name (str): Name of the component that needs them.
        RAISES (ComponentError): The pipeline has other vectors.
        """
        present = nlp.vocab.vectors
        if not present.size:
            self._copy_into(nlp)
        elif not _same(present, self.vectors):
            raise ComponentError(
                f"it only works with the word vectors of its file "
                f"({_shown(self.vectors)}); this pipeline has others ({_shown(present)}). Add it "
                "to a pipeline with the same vectors or without vectors, or load the whole file "
                "(spacy_pickled_ner.load)",
                component=name,
                path=self.path,
            )

    def _copy_into(self, nlp: Language) -> None:
        theirs = self.vectors
        settings = {key: getattr(theirs, key) for key in _SETTINGS}
        # The table is shared; the parts that spaCy changes in place are copied.
        vectors: Any = Vectors(data=theirs.data, name=theirs.name, **settings)
        vectors.key2row = dict(theirs.key2row)
        for key in vectors.key2row:
            if key in self.strings:
                nlp.vocab.strings.add(self.strings[key])
        nlp.vocab.vectors = vectors
        for lexeme in nlp.vocab:
            lexeme.rank = vectors.key2row.get(lexeme.orth, OOV_RANK)


def _same(a: Any, b: Vectors) -> bool:
    if a is b:
        return True
    if type(a) is not Vectors or a.shape != b.shape:
        return False
    if any(getattr(a, key) != getattr(b, key) for key in _SETTINGS):
        return False
    to_numpy: Any = get_current_ops().to_numpy
    return dict(a.key2row) == dict(b.key2row) and (
        a.data is b.data or np.array_equal(to_numpy(a.data), to_numpy(b.data))
    )


def _shown(vectors: Any) -> str:
    return " x ".join(map(str, vectors.shape))
