"""`@readers`: annotated texts in any format."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from spacy.language import Language
from spacy.training import Example

from ..annotations import AnnotatedCorpus

Corpus = Callable[[Language], Iterable[Example]]


def create_annotated_corpus(
    path: str | Path,
    alignment_mode: Literal["strict", "contract", "expand"] | None = None,
    skip_invalid: bool = False,
) -> Corpus:
    """`@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"`: see `AnnotatedCorpus`."""
    return AnnotatedCorpus(path, alignment_mode=alignment_mode, skip_invalid=skip_invalid)
