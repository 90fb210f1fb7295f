"""Create the NER to train, its epochs, and the annotator for scores.

`docs/decisions/retention-tried.md` lists what was measured and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example

from ...evaluation.scoring import Annotator
from ..data.augmentation import MentionSwapper
from ..data.epochs import Epochs, MixedEpochs, ShuffledEpochs, as_it_is
from ..prepare import prepare_ner
from .anchor import Anchor
from .copying import make_stacked, start_alike
from .frozen_ners import FrozenNers, InFrontOf
from .replaying import Silence, annotate, complete
from .retention_plan import RetentionPlan

# Words of raw text for each word of training data, in each epoch.
STACK_RATIO = 1.0
REPLAY_RATIO = 1.0
# The part of the way back to the base that each weight moves after an update.
REPLAY_PULL = 0.0005
# Share of mentions that are replaced in each epoch.
SWAP_SHARE = 0.5


@dataclass(frozen=True)
class Prepared:
    """Everything that a run needs for training and scoring.

    ner (EntityRecognizer): The component to train.
    epochs (Epochs): The training data.
    annotate (Annotator): Annotates with the trained NER and the others, to measure retention.
    anchor (Optional[Anchor]): Pulls the weights towards those of the base.
    """

    ner: EntityRecognizer
    epochs: Epochs
    annotate: Annotator
    anchor: Anchor | None = None


def prepare(
    nlp: Language,
    plan: RetentionPlan,
    labels: Sequence[str],
    examples: Sequence[Example],
    *,
    seed: int,
) -> Prepared:
    """Prepare the first update.

    nlp (Language): The pipeline, changed in place.
    plan (RetentionPlan): How old labels are kept.
    labels (Sequence[str]): Labels of the training data.
    examples (Sequence[Example]): The training data.
    seed (int): Seed of the epochs.
    RETURNS (Prepared): The NER with its first weights, and its epochs.
    """
    if plan.choice.mode == "stack":
        return _prepare_stack(nlp, plan, labels, examples, seed=seed)
    if plan.choice.mode == "replay":
        return _prepare_replay(nlp, plan, labels, examples, seed=seed)
    ner = prepare_ner(nlp, plan.choice.component, labels, examples)
    return Prepared(ner, ShuffledEpochs(examples, seed=seed), ner.pipe)


def _prepare_stack(
    nlp: Language,
    plan: RetentionPlan,
    labels: Sequence[str],
    examples: Sequence[Example],
    *,
    seed: int,
) -> Prepared:
    """Add an NER for the new labels in front. Raw texts train it to predict nothing else."""
    choice = plan.choice
    others = FrozenNers(nlp, choice.others)
    if choice.source is None:
        ner = prepare_ner(nlp, choice.component, labels, examples)
    else:
        ner = make_stacked(nlp, choice.source, choice.component, plan.likeness, examples)
    silence = Silence(plan.raw, others.find(plan.raw), share=SWAP_SHARE)
    epochs = MixedEpochs(
        examples,
        silence.examples,
        ratio=STACK_RATIO,
        vary_gold=MentionSwapper(examples, _new_labels(plan, labels), share=SWAP_SHARE),
        vary_replayed=silence,
        seed=seed,
    )
    return Prepared(ner, epochs, InFrontOf(ner, others))


def _prepare_replay(
    nlp: Language,
    plan: RetentionPlan,
    labels: Sequence[str],
    examples: Sequence[Example],
    *,
    seed: int,
) -> Prepared:
    """Train the base's own NER, on the gold mixed with its own predictions in raw texts."""
    component, new = plan.choice.component, _new_labels(plan, labels)
    base = FrozenNers(nlp, [component])
    gold = [
        complete(example, found, plan.relations)
        for example, found in zip(examples, plan.found, strict=True)
    ]
    replayed = [
        annotate(doc, found, plan.relations)
        for doc, found in zip(plan.raw, base.find(plan.raw), strict=True)
    ]
    ner = prepare_ner(nlp, component, labels, examples)
    epochs = MixedEpochs(
        gold,
        replayed,
        ratio=REPLAY_RATIO,
        vary_gold=MentionSwapper(examples, new, share=SWAP_SHARE),
        vary_replayed=as_it_is,
        seed=seed,
    )
    start_alike(ner, ner, plan.renamed)
    anchor = Anchor(ner, free=new, rate=REPLAY_PULL)
    return Prepared(ner, epochs, ner.pipe, anchor)


def _new_labels(plan: RetentionPlan, labels: Sequence[str]) -> set[str]:
    return set(labels) - set(plan.base_labels) - set(plan.renamed)
