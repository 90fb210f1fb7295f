"""Plan how old labels are kept, without changing the pipeline."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from .frozen_ners import Found, FrozenNers
from .modes import Choice, choose, find_ners
from .relations import LabelRelation, compare, find_likeness, find_relations, find_renamed

HELD_OUT_SHARE = 0.1
MAX_HELD_OUT = 200


@dataclass(frozen=True)
class RetentionPlan:
    """How old labels are kept, and the texts for it.

    choice (Choice): The mode, and the components.
    base_labels (Tuple[str, ...]): The base labels that this run could forget.
    relations (Dict[str, LabelRelation]): The relation of each to the data; empty if not needed.
    likeness (Mapping[str, Counter[str]]): For each label of the data, the labels of overlapping
        predictions of the base in the training texts.
    found (Sequence[Found]): The base's predictions for each training text; empty if not needed.
    raw (Sequence[Doc]): Raw texts to train on.
    held_out (Sequence[Doc]): Raw texts to measure agreement with the base.
    warnings (Tuple[str, ...]): Warnings for the user.
    """

    choice: Choice
    base_labels: tuple[str, ...]
    relations: Mapping[str, LabelRelation] = field(default_factory=dict)
    likeness: Mapping[str, Counter[str]] = field(default_factory=dict)
    found: Sequence[Found] = ()
    raw: Sequence[Doc] = ()
    held_out: Sequence[Doc] = ()
    warnings: tuple[str, ...] = ()

    @property
    def superseded(self) -> frozenset[str]:
        """Base labels that the data renames, or decides alone."""
        relations = self.relations.items()
        return frozenset(label for label, relation in relations if relation.target != label)

    @property
    def renamed(self) -> dict[str, dict[str, int]]:
        """Labels of the data that only rename base labels, with those labels and counts."""
        return find_renamed(self.relations)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data, for the metrics file."""
        return {
            **self.choice.to_dict(),
            "raw_texts": len(self.raw),
            "raw_words": sum(map(len, self.raw)),
            "held_out_texts": len(self.held_out),
            "labels": {label: relation.to_dict() for label, relation in self.relations.items()},
        }


def plan_retention(
    nlp: Language,
    examples: Sequence[Example],
    labels: Sequence[str],
    raw_texts: Sequence[str],
    *,
    mode: str,
    component: str | None,
    has_gold: bool,
    seed: int,
) -> RetentionPlan:
    """Plan how old labels are kept.

    nlp (Language): The base; not changed.
    examples (Sequence[Example]): Training data.
    labels (Sequence[str]): Labels of the training data.
    raw_texts (Sequence[str]): Raw texts, without those of the annotated data.
    mode (str): "auto", "stack", "replay" or "none".
    component (Optional[str]): See `choose`.
    has_gold (bool): True if there is gold for the base labels; otherwise, some raw texts are held
        out.
    seed (int): Seed for choosing held-out texts.
    RETURNS (RetentionPlan): The plan.
    RAISES (BasePipelineError, SettingsError): See `choose`.
    """
    plan = _ask_base(nlp, examples, labels, choose(nlp, labels, mode=mode, component=component))
    if mode == "auto" and plan.choice.mode == "stack" and plan.superseded:
        # Only a new name: an NER in front of the base's could not remove the old name.
        ners = find_ners(nlp)
        owners = [name for name, known in ners.items() if plan.superseded & set(known)]
        choice = choose(nlp, labels, mode="replay", component=component or owners[-1])
        said = ", ".join(sorted(plan.superseded))
        why = f"the data renames the base label {said}"
        plan = _ask_base(nlp, examples, labels, replace(choice, why=why))
    warnings = _warnings(plan, labels, has_raw=bool(raw_texts))
    raw, held_out = _split_raw(nlp, raw_texts, hold_out=not has_gold, seed=seed)
    uses_raw = plan.choice.mode in ("stack", "replay")
    if raw_texts and not uses_raw:
        warnings.append(
            f"raw text is not used: retention is {plan.choice.mode!r} ({plan.choice.why})"
        )
    return replace(plan, raw=raw if uses_raw else (), held_out=held_out, warnings=tuple(warnings))


def _ask_base(
    nlp: Language, examples: Sequence[Example], labels: Sequence[str], choice: Choice
) -> RetentionPlan:
    ners = find_ners(nlp)
    asked = [name for name in ners if choice.mode == "stack" or name == choice.component]
    known = tuple(dict.fromkeys(label for name in asked for label in ners[name]))
    if not asked or choice.mode == "none":
        return RetentionPlan(choice, known)
    found = list(FrozenNers(nlp, asked).find(example.predicted for example in examples))
    texts = list(compare(examples, found))
    relations = find_relations(texts, base_labels=known, labels=labels)
    return RetentionPlan(choice, known, relations, find_likeness(texts, labels=labels), found)


def _warnings(plan: RetentionPlan, labels: Sequence[str], *, has_raw: bool) -> list[str]:
    mode = plan.choice.mode
    relations = plan.relations.values()
    warnings = []
    if mode == "replay":
        warnings += [text for relation in relations if (text := relation.warning())]
    if mode == "stack" and plan.choice.source is not None:
        both = sorted(set(labels) & set(plan.base_labels) | plan.superseded)
        if both:
            warnings.append(
                f"the data annotates {', '.join(both)}, and the base's NER still predicts it where "
                "the new NER predicts nothing: use retention 'replay' to correct it"
            )
    if mode in ("stack", "replay") and not has_raw and set(plan.base_labels) - set(labels):
        warnings.append(
            "no raw text: old labels are only kept as far as they occur in the training texts. "
            "Some hundred other texts keep them much better (raw_text, --raw-text)"
        )
    return warnings


def _split_raw(
    nlp: Language, texts: Sequence[str], *, hold_out: bool, seed: int
) -> tuple[list[Doc], list[Doc]]:
    numbers = list(range(len(texts)))
    random.Random(f"{seed}/held out").shuffle(numbers)  # noqa: S311
    count = min(MAX_HELD_OUT, round(HELD_OUT_SHARE * len(texts))) if hold_out else 0
    held_out = set(numbers[:count])
    raw = [nlp.make_doc(text) for number, text in enumerate(texts) if number not in held_out]
    return raw, [nlp.make_doc(texts[number]) for number in sorted(held_out)]
