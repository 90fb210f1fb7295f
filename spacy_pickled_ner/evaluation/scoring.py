"""Precision, recall and F of entities, on texts that are tokenized once.

The counts are those of spaCy (`spacy.scorer.get_ner_prf`), with two differences. Predictions with
labels that the data does not annotate are ignored, because the data says nothing about them. And
gold is stored as sets, so that an evaluation only costs the predictions.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.scorer import PRFScore
from spacy.tokens import Doc
from spacy.training import Example

from .confusion import Entity, Pair, count_confusion, pair_entities
from .judging import Judged, judge

Annotator = Callable[[Sequence[Doc]], Iterable[Doc]]


@dataclass(frozen=True)
class EntityScores:
    """Scores of one evaluation.

    total (PRFScore): Counts over all labels.
    per_type (Dict[str, PRFScore]): Counts per label.
    """

    total: PRFScore
    per_type: Mapping[str, PRFScore]

    def to_dict(self) -> dict[str, Any]:
        """Scores under spaCy's names: `ents_p`, `ents_r`, `ents_f` (0 to 1), `ents_per_type`."""
        return {
            "ents_p": self.total.precision,
            "ents_r": self.total.recall,
            "ents_f": self.total.fscore,
            "ents_per_type": {label: prf.to_dict() for label, prf in self.per_type.items()},
        }

    def metrics(self) -> dict[str, float]:
        """Scores as one flat dict, e.g. `ents_f`, `ents_per_type.DRUG.f`."""
        flat = {
            "ents_p": self.total.precision,
            "ents_r": self.total.recall,
            "ents_f": self.total.fscore,
        }
        for label, prf in self.per_type.items():
            for name, value in prf.to_dict().items():
                flat[f"ents_per_type.{label}.{name}"] = value
        return flat

    def per_label(self) -> dict[str, dict[str, float]]:
        """Return `p`, `r`, `f`, `support` (gold spans) and `predicted` (spans) of each label."""
        return {
            label: {**prf.to_dict(), "support": prf.tp + prf.fn, "predicted": prf.tp + prf.fp}
            for label, prf in sorted(self.per_type.items())
        }


class EvaluationSet:
    """Texts to score on, tokenized once, with their gold entities.

    examples (Iterable[Example]): Gold annotations; tokens can be unknown.
    labels (Optional[Collection[str]]): Labels to score; None means those of the gold entities.
    """

    def __init__(self, examples: Iterable[Example], *, labels: Collection[str] | None = None):
        self.docs: list[Doc] = []
        self._gold: list[set[Entity]] = []
        self._unknown: list[list[tuple[int, int]]] = []
        for example in examples:
            gold = example.reference
            self.docs.append(example.predicted)
            self._gold.append(_entities(gold))
            self._unknown.append(
                [(t.idx, t.idx + len(t)) for t in gold if t.ent_iob == 0 and not t.is_space]
            )
        found = {label for gold in self._gold for _, _, label in gold}
        self.labels = frozenset(found if labels is None else labels)

    @classmethod
    def of_docs(cls, docs: Iterable[Doc]) -> EvaluationSet:
        """Create a set of texts without gold, for `expect`."""
        texts = cls([], labels=())
        texts.docs.extend(docs)
        return texts

    def expect(
        self, predictions: Sequence[set[Entity]], *, labels: Collection[str]
    ) -> EvaluationSet | None:
        """Use the predictions of a pipeline as gold, to measure agreement with it.

        predictions (Sequence[Set[Entity]]): The predictions for each text; see `predict`.
        labels (Collection[str]): Labels to compare.
        RETURNS (Optional[EvaluationSet]): The same Docs with this gold; None if no entity has one
            of the labels.
        """
        expected = EvaluationSet([], labels=labels)
        expected.docs = self.docs
        expected._gold = [{e for e in found if e[2] in labels} for found in predictions]
        expected._unknown = [[] for _ in predictions]
        # Labels that the pipeline does not predict here cannot be compared.
        expected.labels = frozenset(label for gold in expected._gold for _, _, label in gold)
        return expected if expected.labels else None

    def score(self, annotate: Annotator) -> EntityScores:
        """Annotate the texts and score the entities.

        annotate (Callable[[Sequence[Doc]], Iterable[Doc]]): Sets `doc.ents`; gets Docs without any.
        RETURNS (EntityScores): The scores for this set's labels.
        """
        return self.score_predictions(self.predict(annotate))

    def predict(self, annotate: Annotator) -> list[set[Entity]]:
        """Annotate the texts.

        annotate (Callable[[Sequence[Doc]], Iterable[Doc]]): See `score`.
        RETURNS (List[Set[Entity]]): The entities of each text, with any labels.
        """
        for doc in self.docs:
            doc.set_ents([], default="missing")
        return [_entities(doc) for doc in annotate(self.docs)]

    def score_predictions(self, predictions: Iterable[set[Entity]]) -> EntityScores:
        """Score the entities of each text; see `predict`."""
        per_type: dict[str, PRFScore] = defaultdict(PRFScore)
        for predicted, gold, unknown in zip(predictions, self._gold, self._unknown, strict=True):
            expected = {entity for entity in gold if entity[2] in self.labels}
            found = {entity for entity in predicted if entity[2] in self.labels}
            for entity in found - expected:
                if not _overlaps(entity, unknown):
                    per_type[entity[2]].fp += 1
            for _, _, label in found & expected:
                per_type[label].tp += 1
            for _, _, label in expected - found:
                per_type[label].fn += 1
        total = PRFScore()
        for prf in per_type.values():
            total += prf
        for label in self.labels:
            per_type.setdefault(label, PRFScore())
        return EntityScores(total, dict(sorted(per_type.items())))

    def pair(self, predictions: Iterable[set[Entity]]) -> Iterator[list[Pair]]:
        """Pair the gold entities of each text with those predicted; see `pair_entities`.

        YIELDS (List[Pair]): One list per text, without predictions in unknown places.
        """
        for predicted, gold, unknown in zip(predictions, self._gold, self._unknown, strict=True):
            expected = {entity for entity in gold if entity[2] in self.labels}
            known = {e for e in predicted if e in expected or not _overlaps(e, unknown)}
            yield pair_entities(expected, known)

    def judge(self, predictions: Sequence[set[Entity]]) -> Iterator[tuple[str, list[Judged]]]:
        """Judge the entities of each text; see `judging.judge`.

        YIELDS (Tuple[str, List[Judged]]): Each text, and the entities.
        """
        rows = zip(self.docs, predictions, self.pair(predictions), strict=True)
        return ((doc.text, judge(pairs, found, self.labels)) for doc, found, pairs in rows)

    def confusion(self, predictions: Iterable[set[Entity]]) -> list[dict[str, Any]]:
        """Count gold labels against predicted ones; see `count_confusion`."""
        return count_confusion(itertools.chain.from_iterable(self.pair(predictions)), self.labels)


def _entities(doc: Doc) -> set[Entity]:
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def _overlaps(entity: Entity, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start < entity[1] and entity[0] < end for start, end in ranges)
