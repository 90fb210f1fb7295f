"""Check from a config alone if a pipeline may be built, before any name is looked up.

A config names the functions that build a pipeline, and naming one is enough to import a package,
read a path or create a file. So `[nlp]` and `[components]`, the two blocks that are used to build,
are checked first. A function must be in the tables of `schemas.py`, in a place for its role, with
arguments as the tables allow them; or the caller trusts it by name. All other blocks stay data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import spacy.lang

from ...errors import UntrustedContentError
from .budget import LIMITS, over_budget
from .names import check_kinds
from .rules import Rule, optional
from .schemas import FUNCTIONS, RULES, Schema, fits
from .structure import bad_config, check_structure, names_in

CALLBACKS: Final = ("before_creation", "after_creation", "after_pipeline_creation")
# No function of spaCy has this role: a callback always needs the caller's trust.
_CALLBACK: Final = Rule(lambda value: value is None, "null, or a callback", role="callback")
_CHECKED_ELSEWHERE: Final = frozenset({"lang", "pipeline", "disabled"})
_NLP: Final[dict[str, Rule | None]] = {
    **dict.fromkeys(_CHECKED_ELSEWHERE),
    **dict.fromkeys(CALLBACKS, _CALLBACK),
    "batch_size": optional(RULES["batch_size"]),
    "tokenizer": RULES["tokenizer"],
    "vectors": RULES["vectors"],
}
# Layers that each function builds at most, besides those that its arguments count.
_LAYERS_PER_FUNCTION: Final = 8
_TRUST: Final = frozenset({"attributes", "settings"})
_LISTENER: Final = "architectures:spacy.Tok2VecListener.v1"


def required_names(nlp: dict[str, Any], components: dict[str, Any]) -> tuple[str, ...]:
    """List the names that need the caller's trust to build a pipeline.

    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    RETURNS (Tuple[str, ...]): Names to pass as `trusted`, sorted; empty for spaCy's own.
    """
    return tuple(sorted(_survey(nlp, components).names))


def usable_names(nlp: dict[str, Any], components: dict[str, Any]) -> set[str]:
    """List the names that need the caller's trust to build a pipeline. Refuse unusable configs.

    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    RETURNS (Set[str]): Names to pass as `trusted`; empty for spaCy's own.
    RAISES (UnsafeFileError): No caller could allow this ("bad-config", "over-budget").
    """
    check_structure(nlp, components)
    survey = _survey(nlp, components)
    survey.refuse_problems()
    return survey.names


def component_names(name: str, block: dict[str, Any]) -> set[str]:
    """List the code that needs the caller's trust to build one component.

    name (str): Name of the component.
    block (Dict[str, Any]): Its config, variables resolved.
    RETURNS (Set[str]): Names of registered functions; not those of mere settings.
    """
    survey = _Survey()
    survey.component(name, block)
    return {found for found in survey.names if found.partition(":")[0] not in _TRUST}


def check_config(
    nlp: dict[str, Any], components: dict[str, Any], trusted: Iterable[str] = ()
) -> None:
    """Check the two blocks that build a pipeline.

    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    trusted (Iterable[str]): Names that the caller allows besides spaCy's own.
    RAISES (UnsafeFileError): No caller could allow this ("bad-config", "over-budget").
    RAISES (UntrustedContentError): The config names code that is neither spaCy's own nor trusted,
        or uses spaCy's own in a way that needs trust.
    RAISES (SettingsError): A trusted name has an unknown kind, and is not needed.
    """
    check_structure(nlp, components)
    survey = _survey(nlp, components)
    trusted = {*trusted}
    check_kinds(sorted(trusted), survey.names)
    missing = sorted(survey.names - trusted)
    if missing:
        raise UntrustedContentError(
            f"the model file uses code that is not spaCy's own, or settings that need "
            f"trust: {list_names(missing)}. If you trust the author of the file, and these names, "
            "pass them as trusted=[…]",
            names=missing,
        )
    survey.refuse_problems()


def list_names(names: Sequence[str]) -> str:
    """Name a few things out of a file in a message, without its control characters or its length.

    names (Sequence[str]): The names.
    RETURNS (str): The first ten, each cut to 80 characters.
    """
    return ", ".join(ascii(name)[1:-1][:80] for name in names[:10])


class _Survey:
    """Collects the names of a config that need trust, its problems, and its number of layers."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.problems: list[str] = []
        self.n_layers = 0

    def refuse_problems(self) -> None:
        """Refuse the config if it has problems that trust cannot solve."""
        if self.problems:
            raise bad_config(self.problems[0])
        if self.n_layers > LIMITS["layers"]:
            raise over_budget("layers", self.n_layers)

    def component(self, name: str, block: dict[str, Any]) -> None:
        function = f"factories:{block['factory']}"
        arguments = {key: value for key, value in block.items() if key != "factory"}
        self._function(function, arguments, FUNCTIONS.get(function), name)

    def value(self, value: Any, rule: Rule | None, where: str, component: str) -> None:
        """Check one value; without a rule, it is an argument of code that only trust allows."""
        function = _function_of(value)
        if function is not None:
            schema = FUNCTIONS.get(function)
            role = None if rule is None else rule.role or "value"
            is_layer = function.startswith("layers:")
            if schema is not None and not fits(schema, role, layer=is_layer):
                schema = None
            arguments = {key: item for key, item in value.items() if not key.startswith("@")}
            self._function(function, arguments, schema, component)
        elif rule is not None:
            self._plain(value, rule, where, component)
        elif isinstance(value, (dict, list)):
            for item in value.values() if isinstance(value, dict) else value:
                self.value(item, None, where, component)

    def _function(
        self, function: str, arguments: dict[str, Any], schema: Schema | None, component: str
    ) -> None:
        self.n_layers += _LAYERS_PER_FUNCTION
        if schema is None:
            self.names.add(function)
        for name, value in arguments.items():
            where = f"{name} of {function.partition(':')[2]}"
            rule = None if schema is None else schema.arguments.get(name)
            if schema is not None and rule is None and not {*names_in(value)}:
                self.problems.append(f"{ascii(where)[1:-1][:160]} is not an argument of it")
            self.value(value, rule, where, component)

    def _plain(self, value: Any, rule: Rule, where: str, component: str) -> None:
        if functions := {*names_in(value)}:
            self.names |= functions
        elif not rule.accepts(value) or (rule.role is not None and value is not None):
            if rule.needs_trust(value):
                self.names.add(f"{rule.trust}:{component}")
            else:
                self.problems.append(f"{ascii(where)[1:-1][:160]} is not {rule.words}")
        elif rule.cost:
            self.n_layers += rule.cost * (value if isinstance(value, int) else len(value))


def _survey(nlp: dict[str, Any], components: dict[str, Any]) -> _Survey:
    survey = _Survey()
    for key, value in nlp.items():
        if key not in _NLP:
            survey.problems.append(f"{ascii(key)[1:-1][:80]} is not a setting of [nlp]")
        if key not in _CHECKED_ELSEWHERE:
            survey.value(value, _NLP.get(key), f"{key} of [nlp]", "nlp")
    for name, block in components.items():
        survey.component(name, block)
    survey.names |= {*_misplaced_splitters(nlp.get("pipeline", []), components)}
    lang = nlp.get("lang")
    if not _is_shipped(lang):
        survey.names.add(f"languages:{lang}")
    return survey


def _misplaced_splitters(pipeline: list[str], components: dict[str, Any]) -> Iterator[str]:
    """Find each `token_splitter` behind a shared tok2vec or a component that listens to one.

    spaCy adds a row too many to `doc.tensor` for each token that it splits. A listener takes the
    rows for tokens, and compiled code writes a tag for each of them, beyond the end of the doc. The
    listener may be in front: a caller can run the same doc again.
    """
    blocks = {name: components.get(name, {}) for name in pipeline}
    listeners = {name for name, block in blocks.items() if _LISTENER in names_in(block)}
    is_behind = False
    for name, block in blocks.items():
        if block.get("factory") == "token_splitter" and is_behind and listeners:
            yield f"settings:{name}"
        is_behind = is_behind or block.get("factory") == "tok2vec" or name in listeners


def _function_of(value: Any) -> str | None:
    """Return the function that a block names, as "registry:name"."""
    if not isinstance(value, dict):
        return None
    return next((f"{key[1:]}:{value[key]}" for key in value if key.startswith("@")), None)


def _is_shipped(lang: object) -> bool:
    """Return True if spaCy comes with a language. Its name becomes that of a module to import."""
    folders = map(Path, spacy.lang.__path__)
    return isinstance(lang, str) and any(
        # Some file systems would find "EN" too.
        lang in (path.name for path in folder.iterdir())
        and (folder / lang / "__init__.py").is_file()
        for folder in folders
    )
