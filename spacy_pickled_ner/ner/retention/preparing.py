"""Make the NER that is trained, what it is trained on, and what shows how much is kept.

What was measured and left out, on one new label and a base of four (F of new and old labels). For
`stack`: drawing more of the texts in which the base finds much (66.9 and 77.3, three seeds, against
the plain 68.5 and 77.3); averages of the three or five best checkpoints (within a point either
way); dropout of 0.2 or 0.3 (67.4, 67.2);
an anchor at the base's weights (nothing won); a bias against new labels (new F falls before old F
rises); half the learning rate (67.0 and 77.9 after as many updates, against 68.5 and 77.9). More
raw text wins something since the names in it are swapped: half of it left the NERs alone at 77.3 to
77.9, against 77.9 now and 78.1 for the base.
For `replay`: soft targets from the frozen base (62.0 and 74.0 against 64.2 and 72.7 with hard ones,
before there was an anchor); swapped names in replayed texts (61.6 and 75.7 against 62.7 and 75.5);
output rows of a new label that start as those of like labels (62.4 and 75.7); a weaker anchor,
0.0001 (66.0 and 73.8) or 0.0002 (61.5 and 73.9); a learning rate that rises over the first 300
updates (60.2 and 76.1; without dropout 63.8 and 75.3); batches of 400 to 1,000 words from the start
(62.7 and 76.5, in 1.9 times the time); and mixing the trained weights with the base's (the new
label is gone before the old ones are back).
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
