"""The registries of file formats: a serializer and a loader for each format.

Another package can add a format by entry points, under any name:

    [project.entry-points.spacy_pickled_ner_serializers]
    "acme.v1" = "acme.models:serialize"
    [project.entry-points.spacy_pickled_ner_loaders]
    "acme.v1" = "acme.models:load"

`serialize(nlp)` yields the bytes of the file in pieces: one pickle of plain data whose top level is
a dict with `"format": "acme.v1"`. `load(data, options)` gets that dict, strictly read, and returns
the pipeline. To load such a file, the caller passes `trusted=["loaders:acme.v1"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import catalogue
from spacy.language import Language
from spacy.vocab import Vocab

from ..container.file import ModelData


@dataclass(frozen=True)
class LoadOptions:
    """The options of `load`. Those that `spacy.load` has, too, mean the same.

    vocab (Union[Vocab, bool]): A vocab to share, or True for a new one.
    disable (Tuple[str, ...]): Components to load but not run.
    enable (Tuple[str, ...]): If not empty, disable all other components.
    exclude (Tuple[str, ...]): Components or parts not to load.
    config (Mapping[str, Any]): Config overrides.
    trusted (Tuple[str, ...]): Registered names to allow besides spaCy's own.
    require_signature (Any): The key that the file must be signed with, or None.
    eager (bool): Build everything now, not on first use.
    verify (bool): Also compare mapped vectors with their digest.
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
