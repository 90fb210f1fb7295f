"""Resolve `${section.key}` variables in the part of a config that builds a pipeline.

spaCy's own resolver works on text, where a few lines can describe a result of any size. This one
works on the parsed config, knows the same spellings, and stops after a fixed number of steps.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ...errors import UnsafeFileError

MAX_STEPS: Final = 50_000
MAX_DEPTH: Final = 32
MAX_TEXT: Final = 4096

_VARIABLE: Final = re.compile(r"\$\{([\w.:]+)\}")


def resolve_variables(value: Any, config: dict[str, Any]) -> Any:
    """Copy a part of a config, with its variables replaced by their values.

    value (Any): The part, e.g. `config["components"]`.
    config (Dict[str, Any]): The whole config.
    RETURNS (Any): The copy.
    RAISES (UnsafeFileError): A variable points nowhere, at itself, or at too much ("bad-config").
    """
    return _Resolver(config).resolve(value, 0)


class _Resolver:
    def __init__(self, config: dict[str, Any]):
        self.config = config
        self.n_steps = 0

    def resolve(self, value: Any, depth: int) -> Any:
        self.n_steps += 1
        if self.n_steps > MAX_STEPS or depth > MAX_DEPTH:
            raise _bad("it is too deep, or its variables refer to too much, or to themselves")
        if isinstance(value, dict):
            return {key: self.resolve(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, depth + 1) for item in value]
        if isinstance(value, str) and "${" in value:
            return self._substitute(value, depth + 1)
        return value

    def _substitute(self, text: str, depth: int) -> Any:
        if whole := _VARIABLE.fullmatch(text):
            return self.resolve(self._look_up(whole[1]), depth)

        return _as_text(self._spell_out(text, depth))

    def _spell_out(self, text: str, depth: int) -> str:
        """Replace the variables in a text, and in their values."""

        def spell(match: re.Match[str]) -> str:
            part = self._look_up(match[1])
            if isinstance(part, str) and "${" in part and not _VARIABLE.fullmatch(part):
                self.resolve(None, depth)  # counts the step
                return self._spell_out(part, depth + 1)
            part = self.resolve(part, depth)
            if isinstance(part, (dict, list)):
                raise _bad("a variable inside a text is not a single value")
            return part if isinstance(part, str) else json.dumps(part)

        result = _VARIABLE.sub(spell, text)
        if len(result) > MAX_TEXT:
            raise _bad("a text with variables gets too long")
        return result

    def _look_up(self, reference: str) -> Any:
        node: Any = self.config
        for part in re.split("[.:]", reference):
            if not isinstance(node, dict) or part not in node:
                raise _bad(f"the variable {ascii(reference)[:80]} points nowhere")
            node = node[part]
        return node


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(f"the config in the model file is unusable: {reason}", code="bad-config")


def _as_text(result: str) -> str:
    """Read a text whose variables were replaced as spaCy does: it may be JSON by now."""
    try:
        value = json.loads(result)
    except ValueError:
        if result.lstrip()[:1] not in ("{", "["):
            return result
        value = None
    if not isinstance(value, str):
        raise _bad("a text with variables becomes something else than a text")
    return value


def apply_overrides(config: dict[str, Any], overrides: dict[str, Any]) -> None:
    """Change values of a config in place, as the `config` argument of `spacy.load` does.

    config (Dict[str, Any]): The config, without resolved variables.
    overrides (Dict[str, Any]): New values by dotted path, e.g. "nlp.batch_size".
    RAISES (ValueError): A path names no section of the config.
    """
    for path, value in overrides.items():
        *sections, key = path.split(".")
        node: Any = config
        for section in sections:
            node = node.get(section) if isinstance(node, dict) else None
        if not sections or not isinstance(node, dict):
            raise ValueError(f"cannot override {path!r}: the config has no such section")
        node[key] = value
