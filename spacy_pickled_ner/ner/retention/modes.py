"""Choose the retention mode and the NER to train.

`stack` adds a second NER for the labels of the data in front of the NER of the base, which does not
change: nothing can be forgotten, but labels of the base cannot be corrected. `replay` trains the
NER of the base on the data, mixed with texts that the base has annotated. `none` trains it on the
data alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.pipeline import EntityRecognizer

from ...errors import BasePipelineError, SettingsError
from ..unseen import known_labels

MODES = ("auto", "stack", "replay", "none")
DEFAULT_NAME = "ner"
MAX_NAMED_LABELS = 3


@dataclass(frozen=True)
class Choice:
    """The chosen mode and components.

    mode (str): "stack", "replay" or "none".
    component (str): The NER to train; it may not exist yet.
    source (Optional[str]): The base's NER to copy for a new NER, with `stack`.
    others (Tuple[str, ...]): The NERs that do not change and run after it, in order.
    why (str): The reason, in words.
    """

    mode: str
    component: str
    source: str | None
    others: tuple[str, ...]
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The choice as plain data, for the metrics file."""
        ners = [self.component, *self.others]
        return {"mode": self.mode, "why": self.why, "component": self.component, "ners": ners}


def find_ners(nlp: Language) -> dict[str, tuple[str, ...]]:
    """Return the labels of each NER of a pipeline, in order, including disabled NERs."""
    return {
        name: known_labels(pipe)
        for name, pipe in nlp.components
        if isinstance(pipe, EntityRecognizer)
    }


def choose(nlp: Language, labels: Collection[str], *, mode: str, component: str | None) -> Choice:
    """Decide how old labels are kept, and which NER is trained.

    nlp (Language): The base.
    labels (Collection[str]): Labels that the data annotates.
    mode (str): "auto", "stack", "replay" or "none".
    component (Optional[str]): The NER to train, or with `stack` the name of the new NER.
    RETURNS (Choice): The choice.
    RAISES (BasePipelineError): The component is not an NER or does not exist, or there are several
        NERs. (SettingsError): The mode does not support the component.
    """
    ners = find_ners(nlp)
    check_component(nlp, component, may_be_new=mode == "stack")
    if not ners:
        name = component or DEFAULT_NAME
        return Choice("none", name, None, (), "the base has no NER, so there are no old labels")
    owners = [name for name, known in ners.items() if set(known) & set(labels)]
    if mode == "auto":
        mode, why = _choose_mode(ners, owners, labels, component)
    else:
        why = "as asked"
    if mode == "stack":
        return _stack(nlp, ners, owners, labels, component, why)
    name = component or _only_one(ners, owners, mode)
    return Choice(mode, name, None, (), why)


def _choose_mode(
    ners: Mapping[str, Collection[str]],
    owners: Collection[str],
    labels: Collection[str],
    component: str | None,
) -> tuple[str, str]:
    if not owners:
        return "stack", f"all labels of the data are new to the base ({_said(labels)})"
    if component is None and _own_ner(ners, owners, labels):
        return "stack", f"the labels of the data have their own NER ({', '.join(owners)})"
    known = {label for name in owners for label in ners[name]} & set(labels)
    return "replay", f"the data annotates labels that the base has ({_said(known)})"


def _stack(
    nlp: Language,
    ners: Mapping[str, Collection[str]],
    owners: Collection[str],
    labels: Collection[str],
    component: str | None,
    why: str,
) -> Choice:
    own = _own_ner(ners, owners, labels)
    if own is not None and component in (None, own):
        return Choice("stack", own, None, tuple(name for name in ners if name != own), why)
    if owners and component in ners:
        raise SettingsError(
            "retention",
            "stack",
            f"'replay' or 'none' to train the NER {component!r} itself, or a component name that "
            "the base does not have",
        )
    source = component if component in ners else _most_general(ners)
    name = component if component and component not in ners else name_component(nlp, labels)
    return Choice("stack", name, source, tuple(ners), why)


def name_component(nlp: Language, labels: Collection[str]) -> str:
    """Create the name of a new NER from its labels, e.g. "ner_fashion_brand".

    labels (Collection[str]): Its labels. For more than three, the name has the first label and the
        number of labels.
    """
    listed = sorted(labels)
    if len(listed) > MAX_NAMED_LABELS:
        listed = [listed[0], "and", str(len(listed) - 1), "more"]
    said = "_".join(re.sub(r"\W+", "_", label.lower()).strip("_") for label in listed)
    name = f"ner_{said}"
    number = 2
    while name in nlp.component_names:
        name, number = f"ner_{said}_{number}", number + 1
    return name


def _own_ner(
    ners: Mapping[str, Collection[str]], owners: Collection[str], labels: Collection[str]
) -> str | None:
    """Return the NER that has only labels of the data, if no other NER has any of them."""
    if len(owners) != 1 or len(ners) < 2:
        return None
    (name,) = owners
    return name if set(ners[name]) <= set(labels) else None


def _most_general(ners: Mapping[str, Collection[str]]) -> str:
    # The NER with the most labels is the most general; the base's own is behind stacked ones.
    return max(reversed(list(ners)), key=lambda name: len(ners[name]))


def _only_one(ners: Mapping[str, Collection[str]], owners: Collection[str], mode: str) -> str:
    if len(owners) == 1:
        return next(iter(owners))
    if len(ners) == 1:
        return next(iter(ners))
    if not owners and DEFAULT_NAME in ners:
        return DEFAULT_NAME
    raise BasePipelineError(
        f"the base has several NER components ({', '.join(ners)}), and "
        + (f"{', '.join(owners)} have labels of the data" if owners else "none is named 'ner'")
        + f": choose the one to train with {mode!r} (component, --component)"
    )


def check_component(nlp: Language, component: str | None, *, may_be_new: bool = False) -> None:
    """Refuse a component that cannot be trained.

    component (Optional[str]): Its name. None is allowed; so is any name if the base has no NER.
    may_be_new (bool): Also allow a name that the base does not have.
    RAISES (BasePipelineError): The component is not an NER, or does not exist.
    """
    ners = find_ners(nlp)
    if component is None or component in ners:
        return
    listed = ", ".join(ners) or "none"
    if component in nlp.component_names:
        kind = nlp.get_pipe_meta(component).factory
        raise BasePipelineError(
            f"the component {component!r} of the base is a {kind!r}, not an NER; its NER "
            f"components are: {listed}"
        )
    if ners and not may_be_new:
        # A new name is more likely a typing mistake than a wish for a second NER.
        raise BasePipelineError(
            f"the base has no component {component!r}; its NER components are: {listed} (to give a "
            "new NER in front of it this name, use retention 'stack')"
        )


def _said(labels: Collection[str]) -> str:
    return ", ".join(sorted(labels))
