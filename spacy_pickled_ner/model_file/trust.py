"""List the names that a file needs the caller's trust for, without building it."""

from __future__ import annotations

from collections.abc import Mapping

from ..container.sections import Sections
from .guards import (
    Budget,
    own_degree,
    segmenter_names,
    state_names,
    tokenizer_pattern_names,
)
from .guards.budget import DEGREE, STEEP_DEGREE
from .guards.config import usable_names
from .pipeline.plan import DEFAULT_TOKENIZER, Plan


def needed_names(
    plan: Plan, tokenizer: bytes | memoryview, states: Mapping[str, bytes | memoryview]
) -> list[str]:
    """List the names that need the caller's trust to load a pipeline.

    plan (Plan): Its config, variables resolved, its structure checked.
    tokenizer (Union[bytes, memoryview]): The state of its tokenizer in the file.
    states (Mapping[str, Union[bytes, memoryview]]): The states of its components, by name.
    RETURNS (List[str]): The names, sorted.
    RAISES (UnsafeFileError): The file cannot be used, whatever is trusted.
    """
    names = usable_names(plan.nlp, plan.components)
    # Looking up a language from another package would import that package.
    if any(name.startswith("languages:") for name in names):
        budget = Budget(find_degree=lambda: STEEP_DEGREE)
    else:
        budget = make_budget(plan, tokenizer)
        if plan.tokenizer == DEFAULT_TOKENIZER:
            names |= {*tokenizer_pattern_names(tokenizer, plan.nlp["lang"])}
    if plan.tokenizer != DEFAULT_TOKENIZER:
        names |= {*segmenter_names(plan.tokenizer, tokenizer)}
    for name, state in states.items():
        names |= {*state_names(name, plan.components[name]["factory"], state, budget)}
    return sorted(names)


def make_budget(plan: Plan, tokenizer: bytes | memoryview) -> Budget:
    """Create the budget of a file.

    plan (Plan): Its config. Its language is one of spaCy's, or trusted.
    tokenizer (Union[bytes, memoryview]): The state of its tokenizer.
    RETURNS (Budget): The budget, unused.
    """
    lang = plan.nlp["lang"]

    def find_degree() -> float:
        if plan.tokenizer != DEFAULT_TOKENIZER:
            return DEGREE
        return own_degree(tokenizer, lang)

    return Budget(lang=lang, find_degree=find_degree)


def component_states(plan: Plan, sections: Sections) -> dict[str, memoryview]:
    """Return the states of the components of a file.

    plan (Plan): The config of the file.
    sections (Sections): The file.
    RETURNS (Dict[str, memoryview]): States by component, for components with a state.
    """
    states = {name: f"pipe/{name}/state" for name in plan.nlp["pipeline"]}
    return {name: sections[path] for name, path in states.items() if path in sections}
