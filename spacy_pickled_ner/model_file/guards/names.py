"""The names that a caller passes to `load`: components, and names to trust."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final, TypeAlias

from spacy.util import registry

from ...errors import SettingsError

Names: TypeAlias = "str | Iterable[str]"

# The part before the colon of a name to trust: a registry of functions for configs,
# or one of the words that this package's own messages use.
_NOT_A_REGISTRY: Final = (
    "attributes", "factories", "languages", "loaders", "patterns", "settings",
)  # fmt: skip


def as_names(value: Names, argument: str) -> tuple[str, ...]:
    """Accept one name or several.

    value (Union[str, Iterable[str]]): The argument of the caller.
    argument (str): Name of the argument, for the error.
    RETURNS (Tuple[str, ...]): The names.
    RAISES (TypeError): It is something else, e.g. a bool.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise TypeError(f"{argument} must be a list of names, not {value!r}")
    return tuple(value)


def as_trusted(value: Iterable[str]) -> tuple[str, ...]:
    """Check the names that a caller trusts.

    value (Iterable[str]): The argument of the caller, e.g. ["factories:my_component"].
    RETURNS (Tuple[str, ...]): The names.
    RAISES (TypeError): It is not a list of names, e.g. a bool or a single name.
    RAISES (SettingsError): A name has no kind.
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
    """Refuse trusted names that can only be mistakes: of unknown kind, and not needed.

    trusted (Iterable[str]): The names, as `as_trusted` returned them.
    asked (Collection[str]): The names that the file needs, possibly from a registry that another
        package adds when it is imported.
    RAISES (SettingsError): A name is of unknown kind.
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
