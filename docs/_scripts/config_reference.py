"""Generate the reference of registered functions and config blocks from entry points."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import EntryPoint, distribution
from typing import Any

import docstrings

from spacy_pickled_ner import ty

# The block of a config in which each function is used, and its purpose. Signatures have neither.
USES = {
    "spacy-pickled-ner.EarlyStopping.v1": (
        "[pickled_ner.early_stopping]",
        "the stop policy, also inside `EarlyStoppingLogger.v1`",
    ),
    "spacy-pickled-ner.FineTuning.v1": (
        "[pickled_ner]",
        "a whole run, for `pickled-ner train`",
    ),
    "spacy-pickled-ner.AnnotatedCorpus.v1": (
        "[corpora.train]",
        "annotated texts in any format, for stock `spacy train`",
    ),
    "spacy-pickled-ner.CompletedCorpus.v1": (
        "[corpora.train]",
        "any corpus reader, with its texts completed by the base's predictions",
    ),
    "spacy-pickled-ner.EarlyStoppingLogger.v1": (
        "[training.logger]",
        "stop stock `spacy train` by a stop policy",
    ),
    "spacy-pickled-ner.copy_from_pickled.v1": (
        "[initialize.before_init]",
        "vocab and tokenizer of a model file, directory or package",
    ),
    "spacy-pickled-ner.resume_from_base.v1": (
        "[initialize.after_init]",
        "the components of a base: the NER is trained, the others are frozen",
    ),
    "spacy-pickled-ner.rehearse.v1": (
        "[training.before_update]",
        "replay inside stock `spacy train`",
    ),
    "spacy-pickled-ner.dump_pickled.v1": (
        "[training.before_to_disk]",
        "the best checkpoint as one file",
    ),
    "pickled_ner": (
        "[components.drugs]",
        "a trained NER from a model file, in any pipeline",
    ),
}
GROUPS = ("misc", "readers", "loggers", "callbacks", "factories")
ALIASES = {ty.Batcher: "Batcher", ty.Corpus: "Corpus", ty.Logger: "Logger"}
OPTIONAL_ALIASES = {alias | None: name for alias, name in ALIASES.items()}
SEE = re.compile(r"see `(\w+)`")


def _entries() -> list[tuple[str, EntryPoint]]:
    points = distribution("spacy-pickled-ner").entry_points
    return [
        (group, point) for group in GROUPS for point in points if point.group == f"spacy_{group}"
    ]


def make_table() -> str:
    """List every registered function.

    RETURNS (str): A table in Markdown.
    """
    lines = ["| Registry | Name | Block | What it is for |", "|---|---|---|---|"]
    for group, point in _entries():
        block, use = USES[point.name]
        anchor = re.sub(r"[^\w-]", "", point.name.lower())
        lines.append(f"| {group} | [`{point.name}`](#{anchor}) | `{block}` | {use} |")
    return "\n".join(lines)


def make_blocks() -> str:
    """Describe the config block of every registered function.

    RETURNS (str): Markdown, a section for each function.
    """
    return "\n".join(_section(group, point) for group, point in _entries())


def _section(group: str, point: EntryPoint) -> str:
    block, use = USES[point.name]
    function = point.load()
    described = _described(function)
    key = "factory" if group == "factories" else f"@{group}"
    parameters = [
        parameter
        for parameter in inspect.signature(function, eval_str=False).parameters.values()
        if parameter.name not in ("nlp", "name") or group != "factories"
    ]
    texts = docstrings.fields(described)
    lines = [f"### {point.name}", "", f"{use[0].upper()}{use[1:]}.", ""]
    lines += ["```ini", block, f'{key} = "{point.name}"']
    lines += [
        f"{one.name} = {'...' if one.default is one.empty else _as_config(one.default)}"
        for one in parameters
        if one.name not in ("early_stopping", "optimizer", "batcher", "logger", "corpus")
    ]
    lines += ["```", "", "| Setting | Type | Default | Meaning |", "|---|---|---|---|"]
    lines += [_row(one, texts) for one in parameters]
    return "\n".join([*lines, ""])


def _described(function: Any) -> Any:
    """Return the function or class that explains a registered function: see its docstring."""
    found = SEE.search(function.__doc__ or "")
    return docstrings.find(found[1]) if found else function


def _row(parameter: inspect.Parameter, texts: dict[str, str]) -> str:
    default = "required" if parameter.default is parameter.empty else f"`{parameter.default!r}`"
    if parameter.name not in texts:
        # In `EarlyStoppingLogger.v1` the policy has the name of its block.
        texts = {**texts, parameter.name: texts.get("policy", "")}
    text = texts[parameter.name]
    if not text:
        raise LookupError(f"no docstring explains {parameter.name}")
    cells = (f"`{parameter.name}`", f"`{_type(parameter)}`", default, docstrings.escape(text))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _type(parameter: inspect.Parameter) -> str:
    kind = parameter.annotation
    if kind in ALIASES:
        return ALIASES[kind]
    if kind in OPTIONAL_ALIASES:
        return f"{OPTIONAL_ALIASES[kind]} | None"
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", text)
    return re.sub(r"collections\.abc\.|typing\.|pathlib\.|thinc\.\w+\.", "", text)


def _as_config(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{value}"'
    return "[]" if value == () else repr(value)
