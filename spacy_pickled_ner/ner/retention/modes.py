"""How to keep what the base knows: which mode, and which NER is trained.

`stack` gives the new labels an NER of their own in front of the base's, which stays as it is:
nothing can be forgotten, but a label that the base has cannot be corrected. `replay` trains the
base's own NER on the data mixed with texts that the base itself has annotated. `none` trains it on
the data.
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
    """What was decided before training.

    mode (str): "stack", "replay" or "none".
    component (str): The NER that is trained; it may have to be made.
    source (Optional[str]): The base's NER that a new one is copied from, for `stack`.
    others (Tuple[str, ...]): The NERs that stay as they are and run after it, in order.
    why (str): The reason, in words.
    """

    mode: str
    component: str
    source: str | None
    others: tuple[str, ...]
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The decision as plain data, for the metrics file."""
        ners = [self.component, *self.others]
        return {"mode": self.mode, "why": self.why, "component": self.component, "ners": ners}


def find_ners(nlp: Language) -> dict[str, tuple[str, ...]]:
    """Find the NERs of a pipeline, in its order, also disabled ones: names to labels."""
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
    component (Optional[str]): The NER to train, or with `stack` a name for the new one.
    RETURNS (Choice): What to do.
    RAISES (BasePipelineError): The component is no NER or not there, or there are several to choose
        from. (SettingsError): The mode cannot do that.
    """
    ners = find_ners(nlp)
    check_component(nlp, component, may_be_new=mode == "stack")
    if not ners:
        name = component or DEFAULT_NAME
        return Choice("none", name, None, (), "the base has no NER, so that it has nothing to lose")
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
        return "stack", f"the data's labels have an NER of their own ({', '.join(owners)})"
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
    """Name a new NER after its labels, e.g. "ner_fashion_brand"; never as another component.

    labels (Collection[str]): Its labels; of more than three the name has the first and the number.
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
    """The NER that knows nothing but labels of the data, beside others that know none of them."""
    if len(owners) != 1 or len(ners) < 2:
        return None
    (name,) = owners
    return name if set(ners[name]) <= set(labels) else None


def _most_general(ners: Mapping[str, Collection[str]]) -> str:
    # The one with the most labels has seen the most; the base's own comes after those stacked.
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
        + (f"{', '.join(owners)} know labels of the data" if owners else "none is named 'ner'")
        + f": name the one to train with {mode!r} (component, --component)"
    )


def check_component(nlp: Language, component: str | None, *, may_be_new: bool = False) -> None:
    """Refuse a component that cannot be trained.

    component (Optional[str]): Its name; None, or any name in a base without an NER, is well.
    may_be_new (bool): So is a name that the base does not have yet.
    RAISES (BasePipelineError): It is no NER, or the base has others but not this one.
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
        # A second NER beside the base's would be a slip of the pen more often than a wish.
        raise BasePipelineError(
            f"the base has no component {component!r}; its NER components are: {listed} (to give a "
            "new NER in front of it this name, use retention 'stack')"
        )


def _said(labels: Collection[str]) -> str:
    return ", ".join(sorted(labels))
