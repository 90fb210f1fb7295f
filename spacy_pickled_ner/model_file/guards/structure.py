"""Check the structure of a config: types, sizes and names, whatever is trusted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from ...errors import UnsafeFileError
from .rules import MAX_LIST, MAX_TEXT

MAX_COMPONENTS: Final = 64
MAX_VALUES: Final = 5_000
MAX_DEPTH: Final = 16
MAX_NUMBER: Final = 2**32
# Whatever is trusted, one file never opens another.
_OPENS_FILES: Final = "factories:pickled_ner"
_RESERVED: Final = frozenset(
    {"vocab", "tokenizer", "meta", "meta.json", "config", "config.cfg", "strings", "lookups"}
    | {"vectors", "model.pkl"}
)
MAX_WRITTEN_DEPTH: Final = 64
_CONTROL: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SECTION: Final = re.compile(rf"(?=[^\s#;])[^.:=\[\]{_CONTROL}]{{1,256}}(?<!\s)")
_KEY: Final = re.compile(rf"(?=[^\s#;])[^:=\[\]{_CONTROL}]{{1,256}}(?<!\s)")
# `$$` is a way to write `$` for spaCy, but not for us.
_WITH_VARIABLES: Final = re.compile(rf"(?!.*\$\$)[^{_CONTROL}]*")
_MARK: Final = "__SECTION__:"
# A component's name becomes a folder name in `nlp.to_disk`.
_COMPONENT_NAME: Final = re.compile(r"\w[\w +-]{0,63}")


def check_structure(nlp: object, components: object) -> None:
    """Check the form of the two blocks that build a pipeline: types, sizes and numbers.

    nlp (object): The `[nlp]` block, variables resolved.
    components (object): The `[components]` block, variables resolved.
    RAISES (UnsafeFileError): They are unusable ("bad-config").
    """
    _check_blocks(nlp, components)
    counter = [0]
    _check_values(nlp, "nlp", 0, counter)
    _check_values(components, "components", 0, counter)
    if _OPENS_FILES in {*names_in(nlp), *names_in(components)}:
        raise bad_config("one of its components would be read from another file")


def check_writable(config: object, depth: int = 0) -> None:
    """Check that a whole config is still the same config when it is written and read again.

    A config is written as lines, one for each value, under `[section.subsection]` headings. A key
    with a line break would add lines, one with a dot another section. A
    text with a variable is written as it is, without quotes, so the same holds for it. And a text
    with the mark that spaCy's reader uses for sections becomes one.

    config (object): The config, variables not resolved.
    depth (int): Its depth in another config.
    RAISES (UnsafeFileError): It would be another config ("bad-config").
    """
    if depth > MAX_WRITTEN_DEPTH:
        raise bad_config("it is nested too deep")
    if isinstance(config, dict):
        for key, value in config.items():
            allowed = _SECTION if isinstance(value, dict) else _KEY
            if not isinstance(key, str) or not allowed.fullmatch(key):
                raise bad_config(f"{ascii(key)[1:-1][:80]} cannot be a key of it")
            check_writable(value, depth + 1)
    elif isinstance(config, list):
        for item in config:
            check_writable(item, depth + 1)
    elif isinstance(config, str) and (
        _MARK in config or ("${" in config and not _WITH_VARIABLES.fullmatch(config))
    ):
        raise bad_config(f"the text {config[:80]!a} cannot be written")


def check_resolved(value: object) -> None:
    """Check that no resolved text of a config would mean something else to spaCy's reader.

    value (object): A part of the config, variables resolved.
    RAISES (UnsafeFileError): A text would ("bad-config").
    """
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            check_resolved(item)
    elif isinstance(value, str) and (_MARK in value or "${" in value):
        raise bad_config(f"the text {value[:80]!a} cannot be written")


def names_in(value: Any) -> Iterator[str]:
    """Find the registered functions that a part of a config names.

    value (Any): The part, variables resolved.
    YIELDS (str): "registry:name", e.g. "architectures:spacy.Tok2Vec.v2".
    """
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and key.startswith("@"):
                yield f"{key[1:]}:{item}"
            elif key == "factory":
                yield f"factories:{item}"
            yield from names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)


def bad_config(reason: str) -> UnsafeFileError:
    """Make the error for an unusable config. RETURNS (UnsafeFileError): To be raised."""
    return UnsafeFileError(f"the config in the model file is unusable: {reason}", code="bad-config")


def check_component_name(name: object) -> None:
    """Check that a component's name can be a section of a config and a folder on disk.

    name (object): The name.
    RAISES (UnsafeFileError): It cannot ("bad-config").
    """
    if not isinstance(name, str) or not _COMPONENT_NAME.fullmatch(name) or name in _RESERVED:
        raise bad_config(f"{ascii(name)[:80]} cannot be the name of a component")


def _check_blocks(nlp: object, components: object) -> None:
    if not isinstance(nlp, dict) or not isinstance(components, dict):
        raise bad_config("[nlp] or [components] is missing")
    pipeline, disabled = nlp.get("pipeline"), nlp.get("disabled", [])
    if not _is_name_list(pipeline) or not _is_name_list(disabled):
        raise bad_config("[nlp] does not list its components")
    batch_size = nlp.get("batch_size")
    if batch_size is not None and (type(batch_size) is not int or batch_size < 1):
        raise bad_config("batch_size is not a positive number")
    if not isinstance(nlp.get("lang"), str) or not re.fullmatch(r"\w{1,32}", nlp["lang"]):
        raise bad_config("[nlp] has no language")
    if not isinstance(nlp.get("tokenizer") or {}, dict):
        raise bad_config("the tokenizer is not a block")
    if any(str(key).startswith("@") for key in (*nlp, *components)):
        raise bad_config("a whole block is a function")
    if len(components) > MAX_COMPONENTS or len(set(pipeline)) != len(pipeline):
        raise bad_config(f"it has more than {MAX_COMPONENTS} components, or one twice")
    if not set(pipeline) <= components.keys():
        raise bad_config("a component without a definition")
    for name, block in components.items():
        check_component_name(name)
        if not isinstance(block, dict) or not isinstance(block.get("factory"), str):
            raise bad_config(f"the component {name!a} has no factory")
        # "source" would load another pipeline; the others would replace spaCy's arguments.
        if any(key in ("source", "nlp", "name") or str(key).startswith("@") for key in block):
            raise bad_config(f"the component {name!a} has settings that a file may not have")


def _is_name_list(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _check_values(value: Any, key: str, depth: int, counter: list[int]) -> None:
    counter[0] += 1
    if counter[0] > MAX_VALUES or depth > MAX_DEPTH:
        raise bad_config(f"it has more than {MAX_VALUES} values, or is nested too deep")
    if isinstance(value, dict):
        functions = [name for name in value if isinstance(name, str) and name.startswith("@")]
        if len(functions) > 1 or not all(isinstance(value[name], str) for name in functions):
            raise bad_config("a block names its function ambiguously")
        for name, item in value.items():
            if not isinstance(name, str) or len(name) > MAX_TEXT:
                raise bad_config("a setting without a usable name")
            _check_values(item, name, depth + 1, counter)
    elif isinstance(value, list):
        if len(value) > MAX_LIST:
            raise bad_config(f"{ascii(key)[:80]} is a list of more than {MAX_LIST} values")
        for item in value:
            _check_values(item, key, depth + 1, counter)
    elif isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise bad_config(f"{ascii(key)[:80]} is a text of more than {MAX_TEXT} characters")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) > MAX_NUMBER or math.isnan(value):
            raise bad_config(f"{ascii(key)[:80]} is beyond the limit of {MAX_NUMBER}")
    elif value is not None and not isinstance(value, bool):
        raise bad_config(f"{ascii(key)[:80]} has a value of an unknown type")
