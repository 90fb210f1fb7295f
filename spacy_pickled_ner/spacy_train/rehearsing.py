"""Replay against forgetting inside stock `spacy train`: a callback for `[training.before_update]`.

Before each update of spaCy's loop, it adds the gradients of a batch of raw texts, with the base's
predictions as gold. The loop then adds the gradients of its own batch, and one step of its
optimizer uses both. spaCy's own `rehearse` keeps the outputs of new labels near zero, as in the old
model; here they are trained normally.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from spacy.util import registry, resolve_dot_names

from ..annotations.raw_text import read_raw_text
from ..errors import BasePipelineError, SettingsError
from ..ner.data.epochs import ShuffledEpochs
from ..ner.data.gold import aligned_tags
from ..ner.prepare import prepare_ner
from ..ner.retention.anchor import Anchor
from ..ner.retention.copying import start_alike
from ..ner.retention.frozen_ners import BaseNer, Found
from ..ner.retention.relations import (
    LabelRelation,
    compare,
    find_likeness,
    find_relations,
    find_renamed,
)
from ..ner.retention.replaying import annotate
from ..ner.unseen import known_labels
from ..ner.update import FastUpdate, can_update
from ..ty import Batcher
from .completing import CompletedCorpus, gold_labels

# A stream of training texts may be endless: only the first texts are compared with the base.
STREAM_SAMPLE = 1000

logger = logging.getLogger("spacy_pickled_ner")


@dataclass
class Rehearsal:
    """Replays texts with the predictions of a base, while an NER that started from it is trained.

    Labels that the data renames are replayed under their new name, or left unknown, as in
    `fine_tune` with retention "replay".

    raw_text (Union[str, Path]): Raw text, see `read_raw_text`. Texts that are also in the training
        or dev data are not used.
    base (Union[str, Path]): The base of the training: package name, directory or model file.
    component (str): The NER, in the pipeline and in the base.
    ratio (float): Batches of replayed texts per batch of training texts, both from the config's
        batcher. More takes more time.
    pull (float): How far each weight is pulled back to its first value after an update, as a part
        of the distance: 0 (not at all) to 1.
    seed (int): Seed of the order of replayed texts.
    trusted (Sequence[str]): For `.pkl` files, see `spacy_pickled_ner.load`.
    """

    raw_text: str | os.PathLike[str]
    base: str | os.PathLike[str]
    component: str = "ner"
    ratio: float = 0.5
    pull: float = 0.0001
    seed: int = 0
    trusted: Sequence[str] = ()

    _replay: _Replay | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        if not 0 < self.ratio < float("inf"):
            raise SettingsError("ratio", self.ratio, "a number above 0")
        if not 0 <= self.pull < 1:
            raise SettingsError("pull", self.pull, "a number from 0 to less than 1")

    def __call__(self, nlp: Language, info: dict[str, Any]) -> None:
        """Add the gradients of replayed texts. spaCy's loop calls this before each update.

        nlp (Language): The pipeline. Its NER gets its own copy of a tok2vec that it shares.
        info (Dict[str, Any]): The loop's "step", from 0, and "epoch".
        RAISES (BasePipelineError): Base or pipeline has no such NER, or the two differ.
        RAISES (AnnotationError): The raw text cannot be used.
        """
        step = info["step"]
        if self._replay is None or step == 0:
            self._replay = self._start(nlp)
        self._replay.before_update(step)

    def _start(self, nlp: Language) -> _Replay:
        _check_trained(nlp, self.component)
        base = BaseNer(self.base, component=self.component, trusted=self.trusted)
        _check_knows(nlp.get_pipe(self.component), base, self.base)
        settings = nlp.config.interpolate()["training"]
        examples, known, is_completed = _read_corpora(nlp, settings)
        raw = [nlp.make_doc(text) for text in read_raw_text(self.raw_text, known=known)]
        labels = gold_labels(examples)
        found = list(base.find(example.predicted for example in examples))
        texts = list(compare(examples, found))
        relations = find_relations(texts, base_labels=base.labels, labels=labels)
        for text in filter(None, (relation.warning() for relation in relations.values())):
            logger.warning("%s", text)
        if not is_completed:
            _warn_of_denials(examples, found, relations)
        replayed = [
            annotate(doc, entities, relations)
            for doc, entities in zip(raw, base.find(raw), strict=True)
        ]
        renamed = find_renamed(relations)
        ner = prepare_ner(nlp, self.component, labels, ())
        # A new label starts as the mean of the labels that the base predicts for its mentions. So
        # the NER need not be trained anew to find entities.
        unknown = set(labels) - set(known_labels(ner))
        likeness = find_likeness(texts, labels=labels) | renamed
        start_alike(ner, ner, {label: likeness[label] for label in unknown})
        new = set(labels) - set(base.labels) - set(renamed)
        anchor = Anchor(ner, free=new, rate=self.pull) if self.pull else None
        batches = _batches(replayed, settings, seed=self.seed)
        return _Replay(ner, batches, settings["dropout"], self.ratio, anchor)


class _Replay:
    """One run of spaCy's loop.

    ner (EntityRecognizer): The component to train.
    batches (Iterator[Sequence[Example]]): Batches of replayed texts, endless.
    dropout (float): Dropout rate.
    ratio (float): Batches per update.
    anchor (Optional[Anchor]): Pulls the weights back.
    """

    def __init__(
        self,
        ner: EntityRecognizer,
        batches: Iterator[Sequence[Example]],
        dropout: float,
        ratio: float,
        anchor: Anchor | None,
    ):
        self._ner, self._batches, self._dropout = ner, batches, dropout
        self._ratio, self._anchor = ratio, anchor
        self._fast = FastUpdate(ner, dropout=dropout) if can_update(ner) else None
        self._due = 0.0

    def before_update(self, step: int) -> None:
        """Pull the weights back if it is due, and add gradients to the model.

        step (int): Updates so far.
        """
        if self._anchor is not None and step and self._anchor.is_due(step):
            self._anchor.pull()
        self._due += self._ratio
        while self._due >= 1:
            self._due -= 1
            self._add_gradients(next(self._batches))

    def _add_gradients(self, examples: Sequence[Example]) -> None:
        loss = None
        if self._fast is not None:
            loss = self._fast(examples)
            for table in self._fast.tables:
                table.give_gradient()
        if loss is None:
            self._ner.update(examples, drop=self._dropout)


def _check_trained(nlp: Language, component: str) -> None:
    where = f"cannot rehearse {component!r}: "
    if component not in nlp.component_names:
        raise BasePipelineError(
            f"{where}the pipeline has no such component, only {', '.join(nlp.component_names)}"
        )
    if not isinstance(nlp.get_pipe(component), EntityRecognizer):
        factory = nlp.get_pipe_meta(component).factory
        raise BasePipelineError(f"{where}it is a {factory!r}, not an NER")
    if component in [*nlp.disabled, *nlp.config["training"]["frozen_components"]]:
        raise BasePipelineError(f"{where}it is frozen or disabled, so it is not trained")


def _check_knows(ner: Any, base: BaseNer, path: str | os.PathLike[str]) -> None:
    unknown = [label for label in base.labels if label not in ner.labels]
    if unknown:
        raise BasePipelineError(
            f"cannot rehearse {ner.name!r}: it lacks the labels {', '.join(unknown)} of {path}. "
            "Start from there: use spacy-pickled-ner.resume_from_base.v1 in "
            "[initialize.after_init], or source the component"
        )


def _read_corpora(nlp: Language, settings: dict[str, Any]) -> tuple[list[Example], set[str], bool]:
    """Read the training data, the texts of all data, and whether the data is completed.

    Only the data without completion shows which labels are new.
    """
    names = [settings["train_corpus"], settings["dev_corpus"]]
    train, dev = resolve_dot_names(nlp.config.interpolate(), names)
    is_completed = isinstance(train, CompletedCorpus)
    train, dev = (c.corpus if isinstance(c, CompletedCorpus) else c for c in (train, dev))
    is_stream = settings["max_epochs"] < 0
    examples = list(itertools.islice(train(nlp), STREAM_SAMPLE if is_stream else None))
    return examples, {example.text for example in [*examples, *dev(nlp)]}, is_completed


def _warn_of_denials(
    examples: Sequence[Example], found: Sequence[Found], relations: Mapping[str, LabelRelation]
) -> None:
    kept = {label for label, relation in relations.items() if relation.is_kept}
    denied = 0
    for example, entities in zip(examples, found, strict=True):
        tags = aligned_tags(example)
        denied += sum(
            label in kept and set(tags[start:end]) == {"O"} for start, end, label in entities
        )
    if denied:
        logger.warning(
            "the training data does not annotate %d entities that the base predicts in its texts "
            "(%s), so these labels will be forgotten. Wrap its reader in "
            "spacy-pickled-ner.CompletedCorpus.v1",
            denied,
            ", ".join(sorted(kept)),
        )


def _batches(
    replayed: Sequence[Example], settings: dict[str, Any], *, seed: int
) -> Iterator[Sequence[Example]]:
    # The same batcher as the loop's, so that batches grow in the same way.
    batcher: Batcher
    batcher = registry.resolve({"batcher": settings["batcher"]})["batcher"]
    epochs = ShuffledEpochs(replayed, seed=seed)
    for number in itertools.count(1):
        yield from batcher(epochs(number))
