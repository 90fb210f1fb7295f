"""What a family of attacks is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy_pickled_ner.model_file import loads

LOADED = "loaded"


@dataclass(frozen=True)
class Case:
    """One hostile file.

    make (Callable[[Path], Any]): Makes it; gets a path that must never come into being.
    expected (str): Codes of the errors that are right, separated by spaces; "loaded" if it is
        harmless and loads.
    attack (Callable[[Any], Any]): Loads it.
    """

    make: Callable[[Path], Any]
    expected: str
    attack: Callable[[Any], Any] = loads


def fixed(data: bytes, expected: str) -> Case:
    """A case whose bytes are always the same."""
    return Case(lambda marker: data, expected)
