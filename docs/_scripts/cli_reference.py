"""Generate the reference of the command line from the typer app."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any

import typer
from docstrings import escape

from spacy_pickled_ner.cli import app

COMMAND = "python -m spacy pickled-ner"


def make() -> str:
    """Describe every command with its arguments and options.

    RETURNS (str): Markdown, a section for each command.
    """
    commands = typer.main.get_command(app).commands
    return "\n".join(_section(name, command) for name, command in commands.items())


def _section(name: str, command: Any) -> str:
    shown = [param for param in command.params if param.name != "help"]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    usage = " ".join(_usage(argument) for argument in arguments)
    lines = [f"## {name}", "", escape(inspect.cleandoc(command.help or "")), ""]
    lines += ["```text", f"{COMMAND} {name} {usage} [OPTIONS]", "```", ""]
    for title, params in (("Argument", arguments), ("Option", options)):
        if params:
            lines += [f"| {title} | Default | Meaning |", "|---|---|---|"]
            lines += [_row(param) for param in params]
            lines.append("")
    return "\n".join(lines)


def _usage(argument: Any) -> str:
    return _name(argument) if argument.required else f"[{_name(argument)}]"


def _name(argument: Any) -> str:
    return str(argument.name).upper()


def _row(param: Any) -> str:
    is_option = param.param_type_name == "option"
    named = ", ".join(f"`{opt}`" for opt in param.opts) if is_option else f"`{_name(param)}`"
    text = param.help or ""
    if isinstance(param.default, Enum):
        text += f" (one of {', '.join(f'`{choice.value}`' for choice in type(param.default))})"
    return f"| {named} | {_default(param)} | {escape(text).replace('|', '&#124;')} |"


def _default(param: Any) -> str:
    if param.required:
        return "required"
    default = getattr(param.default, "value", param.default)
    if default is None or default == () or default == [] or default is False:
        return "off" if default is False else ""
    return f"`{default}`"
