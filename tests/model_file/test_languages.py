"""Every language whose tokenizer is installed: same tokens out of a file as from spaCy itself."""

from __future__ import annotations

import pkgutil

import pytest
import spacy.lang

from .helpers import check_same_tokens, make

LANGUAGES = sorted(m.name for m in pkgutil.iter_modules(spacy.lang.__path__) if m.ispkg)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_tokens(lang, tmp_path):
    check_same_tokens(make(lang), tmp_path / "model.pkl")
