"""Fixtures for the tests of the model file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.language import Language

from .pipelines import PIPELINES


@pytest.fixture(scope="session")
def pipelines() -> Callable[[str], Language]:
    """Get one of `PIPELINES`, built on first use. Tests must not change it."""
    built: dict[str, Language] = {}

    def get(name: str) -> Language:
        if name not in built:
            built[name] = PIPELINES[name]()
        return built[name]

    return get


@pytest.fixture(scope="session")
def nlp(pipelines: Callable[[str], Language]) -> Language:
    """A blank pipeline with one trained NER. Tests must not change it."""
    return pipelines("static_vectors")
