"""How a file format is plugged in: one function that writes it, one that reads it.

Another package adds a format by entry points, under any name it likes:

    [project.entry-points.spacy_pickled_ner_serializers]
    "acme.v1" = "acme.models:serialize"
    [project.entry-points.spacy_pickled_ner_loaders]
    "acme.v1" = "acme.models:load"

`serialize(nlp)` yields the bytes of the file in pieces: one pickle of plain data whose top level is
a dict with `"format": "acme.v1"`. `load(data, options)` gets that dict, already read strictly, and
returns the pipeline. A caller who loads such a file names it: `trusted=["loaders:acme.v1"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias

import catalogue
from spacy.language import Language
from spacy.util import registry
from spacy.vocab import Vocab

from ..errors import SettingsError

Names: TypeAlias = "str | Iterable[str]"

# What stands before the colon of a name to trust: a registry that a config can name functions of,
# or one of the words that this package's own messages use.
_NOT_A_REGISTRY: Final = (
    "attributes", "factories", "languages", "loaders", "patterns", "settings",
)  # fmt: skip


@dataclass(frozen=True)
class ModelData:
    """A file that was read strictly: plain data, nothing built yet.

    name (str): The file's path, or what it was given as, for messages.
    buffer (memoryview): All of its bytes.
    content (Dict[str, Any]): Its top-level dict; `bytes` in it are memoryviews of `buffer`.
    mapped (bool): Whether `buffer` is a mapping of the file, and not a copy.
    """

    name: str
    buffer: memoryview
    content: dict[str, Any]
    mapped: bool = False


@dataclass(frozen=True)
class LoadOptions:
    """What a caller of `load` asked for; the fields mean what they mean in `spacy.load`.

    vocab (Union[Vocab, bool]): A vocab to share, or True for a new one.
    disable (Tuple[str, ...]): Components to load but not run.
    enable (Tuple[str, ...]): If not empty, disable all other components.
    exclude (Tuple[str, ...]): Components or parts not to load.
    config (Mapping[str, Any]): Config overrides.
    trusted (Tuple[str, ...]): Registered names allowed besides spaCy's own.
    require_signature (Any): The key that the file must be signed with, or None.
    eager (bool): Build everything now, and nothing on first use.
    verify (bool): Compare even mapped vectors with their digest.
    """

    vocab: Vocab | Literal[True] = True
    disable: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    require_signature: Any = None
    eager: bool = False
    verify: bool = False


Serializer: TypeAlias = "Callable[[Language], Iterable[bytes | memoryview]]"
Loader: TypeAlias = "Callable[[ModelData, LoadOptions], Language]"

serializers: Final = catalogue.create("spacy_pickled_ner", "serializers", entry_points=True)
loaders: Final = catalogue.create("spacy_pickled_ner", "loaders", entry_points=True)


def as_names(value: Names, argument: str) -> tuple[str, ...]:
    """Accept one name or several.

    value (Union[str, Iterable[str]]): What the caller passed.
    argument (str): Name of the argument, for the error.
    RETURNS (Tuple[str, ...]): The names.
    RAISES (TypeError): It is neither, e.g. a bool.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise TypeError(f"{argument} must be a list of names, not {value!r}")
    return tuple(value)


def as_trusted(value: Iterable[str]) -> tuple[str, ...]:
    """Accept the names that a caller trusts, and refuse what can be none.

    value (Iterable[str]): What the caller passed, e.g. ["factories:my_component"].
    RETURNS (Tuple[str, ...]): The names.
    RAISES (TypeError): It is no list of names, e.g. a bool or a single name.
    RAISES (SettingsError): A name does not say of what kind it is.
    """
    if isinstance(value, str):
        raise TypeError(f"trusted must be a list of names, e.g. [{value!r}], not {value!r}")
    names = as_names(value, "trusted")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"trusted must be a list of names, not of {name!r}")
        kind, _, rest = name.partition(":")
        if not kind or not rest:
            raise _unknown_kind(name, f"factories:{rest or kind or 'my_component'}")
    return names


def check_kinds(trusted: Iterable[str], asked: Collection[str]) -> None:
    """Refuse a name to trust that can only be a slip: of no known kind, and not asked for.

    trusted (Iterable[str]): The names, as `as_trusted` returned them.
    asked (Collection[str]): What the file asks for, perhaps of a registry that a package of its own
        adds when it is imported.
    RAISES (SettingsError): Says which kinds there are.
    """
    kinds = {*_NOT_A_REGISTRY, *registry.get_registry_names()}
    for name in trusted:
        kind, _, rest = name.partition(":")
        if kind not in kinds and name not in asked:
            meant = get_close_matches(kind, kinds, n=1)
            raise _unknown_kind(name, f"{meant[0] if meant else 'factories'}:{rest}")


def _unknown_kind(name: str, meant: str) -> SettingsError:
    kinds = ", ".join(sorted({*_NOT_A_REGISTRY, *registry.get_registry_names()}))
    return SettingsError(
        "trusted", name, f"kind and name; did you mean {meant!r}? The kinds are {kinds}"
    )
