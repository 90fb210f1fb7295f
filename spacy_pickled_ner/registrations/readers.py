"""`@readers`: annotated texts in any format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..ty import Corpus


def create_annotated_corpus(
    path: str | Path,
    alignment_mode: Literal["strict", "contract", "expand"] | None = None,
    skip_invalid: bool = False,
) -> Corpus:
    """`@readers = "spacy-pickled-ner.AnnotatedCorpus.v1"`: see `AnnotatedCorpus`."""
    from ..annotations import AnnotatedCorpus

    return AnnotatedCorpus(path, alignment_mode=alignment_mode, skip_invalid=skip_invalid)


def create_completed_corpus(
    corpus: Corpus,
    base: str | Path,
    component: str = "ner",
    trusted: Sequence[str] = (),
) -> Corpus:
    """`@readers = "spacy-pickled-ner.CompletedCorpus.v1"`: see `CompletedCorpus`."""
    from ..spacy_train.completing import CompletedCorpus

    return CompletedCorpus(corpus, base, component=component, trusted=trusted)
