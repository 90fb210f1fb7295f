"""Decide from a config alone whether a pipeline may be built, before anything is looked up.

A config names the functions that build a pipeline, and naming one is enough to import a package,
read a path or create a file. So `[nlp]` and `[components]`, the two blocks that are used to build,
are walked first: names must be in the list of spaCy's own or trusted by the caller, numbers and
sizes within bounds that no real pipeline reaches. All other blocks stay unused data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeGuard

import spacy.lang

from ..errors import UnsafeFileError, UntrustedContentError
from .allowed_names import ALLOWED_NAMES
from .registries import check_kinds

MAX_COMPONENTS: Final = 64
MAX_VALUES: Final = 5_000
MAX_DEPTH: Final = 16
MAX_TEXT: Final = 4_096
MAX_LIST: Final = 1_000
MAX_NUMBER: Final = 2**32

# Values that a function turns into work or memory; everything else is bounded by MAX_NUMBER.
_LIMITS: Final = {
    "depth": 32,
    "width": 8_192,
    "hidden_width": 8_192,
    "hidden_size": 8_192,
    "embed_size": 8_192,
    "entity_vector_length": 8_192,
    "nO": 2**20,
    "nM": 8_192,
    "nC": 1_024,
    "rows": 2**24,
    "length": 2**24,
    "maxout_pieces": 64,
    "window_size": 64,
    "ngram_size": 32,
    "min_size": 256,
    "max_size": 256,
    "sizes": 256,
    "beam_width": 256,
    "top_k": 1_024,
    "batch_size": 2**24,
}
MAX_CLONES: Final = 64
CALLBACKS: Final = ("before_creation", "after_creation", "after_pipeline_creation")
# Whatever the caller trusts, one file never makes us open another.
_OPENS_FILES: Final = "factories:pickled_ner"
_RESERVED: Final = frozenset(
    {"vocab", "tokenizer", "meta", "meta.json", "config", "config.cfg", "strings", "lookups"}
    | {"vectors", "model.pkl"}
)
# A component's name becomes a folder name in `nlp.to_disk`.
_COMPONENT_NAME: Final = re.compile(r"\w[\w +-]{0,63}")


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


def required_names(nlp: dict[str, Any], components: dict[str, Any]) -> tuple[str, ...]:
    """List what a caller would have to trust for a pipeline to be built.

    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    RETURNS (Tuple[str, ...]): Names to pass as `trusted`, sorted; empty for spaCy's own.
    """
    names = {*names_in(nlp), *names_in(components)}
    lang = nlp.get("lang")
    if not _is_shipped(lang):
        names.add(f"languages:{lang}")
    return tuple(sorted(names - ALLOWED_NAMES))


def _is_shipped(lang: object) -> bool:
    """Whether spaCy comes with a language. Its name becomes that of a module to import."""
    folders = map(Path, spacy.lang.__path__)
    return isinstance(lang, str) and any(
        # Some file systems would find "EN" too.
        lang in (path.name for path in folder.iterdir())
        and (folder / lang / "__init__.py").is_file()
        for folder in folders
    )


def check_config(
    nlp: dict[str, Any], components: dict[str, Any], trusted: Iterable[str] = ()
) -> None:
    """Check the two blocks that build a pipeline.

    nlp (Dict[str, Any]): The `[nlp]` block, variables resolved.
    components (Dict[str, Any]): The `[components]` block, variables resolved.
    trusted (Iterable[str]): Names that the caller allows besides spaCy's own.
    RAISES (UnsafeFileError): No caller could allow this ("bad-config").
    RAISES (UntrustedContentError): Something is named that is neither spaCy's own nor trusted.
    RAISES (SettingsError): What is trusted is of no kind that there is, and not asked for.
    """
    check_structure(nlp, components)
    trusted, required = {*trusted}, required_names(nlp, components)
    check_kinds(sorted(trusted), required)
    missing = [name for name in required if name not in trusted]
    if missing:
        listed = list_names(missing)
        raise UntrustedContentError(
            f"the model file uses code that is not spaCy's own: {listed}. If you trust whoever "
            "made the file, and these names, pass them as trusted=[…]",
            names=missing,
        )


def list_names(names: Sequence[str]) -> str:
    """Name a few things out of a file in a message, without its control characters or its length.

    names (Sequence[str]): The names.
    RETURNS (str): The first ten, each cut to 80 characters.
    """
    return ", ".join(ascii(name)[1:-1][:80] for name in names[:10])


def check_structure(nlp: object, components: object) -> None:
    """Check everything about the two blocks that no trust can change: form, sizes and numbers.

    nlp (object): What stands in the place of the `[nlp]` block, variables resolved.
    components (object): What stands in the place of the `[components]` block, variables resolved.
    RAISES (UnsafeFileError): They are unusable ("bad-config").
    """
    _check_blocks(nlp, components)
    counter = [0]
    _check_values(nlp, "nlp", 0, counter)
    _check_values(components, "components", 0, counter)
    if _OPENS_FILES in {*names_in(nlp), *names_in(components)}:
        raise _bad("a component of it would be read from another file")


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(f"the config in the model file is unusable: {reason}", code="bad-config")


def check_component_name(name: object) -> None:
    """Check that a component's name can be a section of a config and a folder on disk.

    name (object): The name.
    RAISES (UnsafeFileError): It cannot ("bad-config").
    """
    if not isinstance(name, str) or not _COMPONENT_NAME.fullmatch(name) or name in _RESERVED:
        raise _bad(f"{ascii(name)[:80]} cannot be the name of a component")


def check_setting(value: object, key: str) -> None:
    """Check a single setting that stands outside of the config, by the same bounds.

    value (object): The setting.
    key (str): Its name.
    RAISES (UnsafeFileError): It is beyond them ("bad-config").
    """
    _check_values(value, key, 0, [0])


def _check_blocks(nlp: object, components: object) -> None:
    if not isinstance(nlp, dict) or not isinstance(components, dict):
        raise _bad("[nlp] or [components] is missing")
    pipeline, disabled = nlp.get("pipeline"), nlp.get("disabled", [])
    if not _is_name_list(pipeline) or not _is_name_list(disabled):
        raise _bad("[nlp] does not list its components")
    batch_size = nlp.get("batch_size")
    if batch_size is not None and (type(batch_size) is not int or batch_size < 1):
        raise _bad("batch_size is no positive number")
    if not isinstance(nlp.get("lang"), str) or not re.fullmatch(r"\w{1,32}", nlp["lang"]):
        raise _bad("[nlp] names no language")
    if not isinstance(nlp.get("tokenizer") or {}, dict):
        raise _bad("the tokenizer is no block")
    if any(key.startswith("@") for key in (*nlp, *components)):
        raise _bad("a whole block is a function")
    if len(components) > MAX_COMPONENTS or len(set(pipeline)) != len(pipeline):
        raise _bad("too many components, or one twice")
    if not set(pipeline) <= components.keys():
        raise _bad("a component without a definition")
    for name, block in components.items():
        check_component_name(name)
        if not isinstance(block, dict) or not isinstance(block.get("factory"), str):
            raise _bad(f"the component {name!a} has no factory")
        # "source" would load another pipeline; the others would replace what spaCy passes in.
        if any(key in ("source", "nlp", "name") or key.startswith("@") for key in block):
            raise _bad(f"the component {name!a} has settings that a file may not make")


def _is_name_list(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _check_values(value: Any, key: str, depth: int, counter: list[int]) -> None:
    counter[0] += 1
    if counter[0] > MAX_VALUES or depth > MAX_DEPTH:
        raise _bad("it is too large or too deep")
    if isinstance(value, dict):
        functions = [name for name in value if isinstance(name, str) and name.startswith("@")]
        if len(functions) > 1 or not all(isinstance(value[name], str) for name in functions):
            raise _bad("a block names its function ambiguously")
        if value.get("@layers") == "clone.v1":
            _check_clones(value)
        for name, item in value.items():
            if not isinstance(name, str) or len(name) > MAX_TEXT:
                raise _bad("a setting without a usable name")
            _check_values(item, name, depth + 1, counter)
    elif isinstance(value, list):
        if len(value) > MAX_LIST:
            raise _bad(f"{ascii(key)[:80]} is a list of more than {MAX_LIST} values")
        for item in value:
            _check_values(item, key, depth + 1, counter)
    elif isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise _bad(f"{ascii(key)[:80]} is a text of more than {MAX_TEXT} characters")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        limit = _LIMITS.get(key, MAX_NUMBER)
        if abs(value) > limit or math.isnan(value):
            raise _bad(f"{ascii(key)[:80]} is beyond the limit of {limit}")
    elif value is not None and not isinstance(value, bool):
        raise _bad(f"{ascii(key)[:80]} has a value of an unknown type")


def _check_clones(block: dict[str, Any]) -> None:
    """Copies are what a short config can multiply, and by themselves if they are nested."""
    n = block.get("n")
    if type(n) is not int or not 0 <= n <= MAX_CLONES:
        raise _bad(f"a layer is cloned more than {MAX_CLONES} times")
    if "layers:clone.v1" in names_in([item for key, item in block.items() if key != "@layers"]):
        raise _bad("a clone holds clones")
