"""A corpus that adds a base's predictions to its texts.

Data for a new label does not annotate the old labels, so it says that there are none. A pipeline
that is trained on it forgets the old labels; a pipeline that is scored on it gets a false positive
for each entity with an old label.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language
from spacy.training import Example
from spacy.vocab import Vocab

from ..ner.retention.frozen_ners import BaseNer
from ..ner.retention.relations import compare, find_relations
from ..ner.retention.replaying import complete
from ..ty import Corpus


class CompletedCorpus:
    """A spaCy corpus reader around another, for `[corpora.train]` and `[corpora.dev]`.

    Predictions are added only for labels that the data does not annotate, and only where they do
    not overlap its entities. Everything else in the texts stays as it is. The corpus is read as a
    whole and kept in memory.

    corpus (Callable[[Language], Iterable[Example]]): The reader of the data.
    base (Union[str, Path]): Package name, directory or model file.
    component (str): Name of the NER in the base.
    trusted (Sequence[str]): For `.pkl` files, see `spacy_pickled_ner.load`.
    """

    def __init__(
        self,
        corpus: Corpus,
        base: str | os.PathLike[str],
        *,
        component: str = "ner",
        trusted: Sequence[str] = (),
    ):
        self.corpus = corpus
        self.base = base
        self.component = component
        self.trusted = trusted
        self._vocab: Vocab | None = None
        self._completed: list[Example] = []

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Read the corpus, and complete it.

        nlp (Language): The pipeline, for the reader of the data.
        YIELDS (Example): The same examples for each call with this pipeline.
        RAISES (BasePipelineError): The base cannot be loaded, or has no such NER.
        """
        if self._vocab is not nlp.vocab:
            self._completed = self._complete(nlp)
            self._vocab = nlp.vocab
        yield from self._completed

    def _complete(self, nlp: Language) -> list[Example]:
        examples = list(self.corpus(nlp))
        base = BaseNer(self.base, component=self.component, trusted=self.trusted)
        # In the tokens of the gold, so that its other annotations can be kept.
        gold = [Example(example.reference, example.reference) for example in examples]
        found = list(base.find(example.predicted for example in gold))
        relations = find_relations(
            compare(gold, found), base_labels=base.labels, labels=gold_labels(gold)
        )
        return [
            Example(example.predicted, complete(same, entities, relations).reference)
            for example, same, entities in zip(examples, gold, found, strict=True)
        ]


def gold_labels(examples: Iterable[Example]) -> list[str]:
    """List the entity labels that examples annotate, in alphabetical order."""
    return sorted({ent.label_ for example in examples for ent in example.reference.ents})
