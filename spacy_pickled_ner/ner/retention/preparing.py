"""Make the NER that is trained, what it is trained on, and what shows how much is kept.

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
# How much of the way back to the base each weight goes after an update.
REPLAY_PULL = 0.0005
# Mentions that are swapped for others in each epoch.
SWAP_SHARE = 0.5


@dataclass(frozen=True)
class Prepared:
    """What a run trains and measures with.

    ner (EntityRecognizer): The component to train.
    epochs (Epochs): What it is trained on.
    annotate (Annotator): The trained NER together with those that stay, to see what is kept.
    anchor (Optional[Anchor]): Pulls the weights back after updates.
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
    """Make everything ready for the first update.

    nlp (Language): The pipeline, changed in place.
    plan (RetentionPlan): What was decided.
    labels (Sequence[str]): Labels of the training data.
    examples (Sequence[Example]): The training data.
    seed (int): Of the epochs.
    RETURNS (Prepared): The NER with the weights it starts from, and its epochs.
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
    """Put an NER for the new labels in front of the base's; raw texts teach it to be silent."""
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
    """Train the base's own NER, on the gold mixed with what that NER finds in raw texts."""
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
