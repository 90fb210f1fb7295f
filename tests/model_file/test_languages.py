"""Every language whose tokenizer is installed: same tokens out of a file as from spaCy itself."""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata

import pytest
import spacy.lang

from spacy_pickled_ner.model_file import dump, load

LANGUAGES = sorted(m.name for m in pkgutil.iter_modules(spacy.lang.__path__) if m.ispkg)
COMMON = ["", "A  B\n\tc, d: (http://a.b/c?d=1) e-mail x@y.zz 1.5km 10% :-) 🙂 ¿qué? «o» l'a d'un."]


def sentences(lang: str) -> list[str]:
    try:
        examples = importlib.import_module(f"spacy.lang.{lang}.examples").sentences
    except ImportError:
        examples = []
    return [*COMMON, *examples[:8], *(unicodedata.normalize("NFD", s) for s in examples[:2])]


def make(lang: str, **options):
    try:
        nlp = spacy.blank(lang, **options)
        if getattr(nlp.tokenizer, "segmenter", "") != "pkuseg":
            nlp("")  # Korean asks for its package only now, and pkuseg needs a model first
    except (ImportError, OSError) as err:
        pytest.skip(f"the tokenizer of {lang} is not installed: {err}")
    nlp.add_pipe("sentencizer")
    return nlp


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_tokens(lang, tmp_path):
    check_same_tokens(make(lang), tmp_path / "model.pkl")


def check_same_tokens(original, path, layout="v1", **options):
    dump(original, path, format=layout)
    loaded = load(path, **options)
    for text in sentences(original.lang):
        before, after = original(text), loaded(text)
        assert before.to_json() == after.to_json()
        assert [t.norm_ for t in before] == [t.norm_ for t in after]
        assert [t.is_stop for t in before] == [t.is_stop for t in after]
    assert loaded.tokenizer.to_bytes(exclude=["vocab"]) == original.tokenizer.to_bytes(
        exclude=["vocab"]
    )
    assert type(loaded) is type(original)
    assert loaded.vocab.writing_system == original.vocab.writing_system
    assert sorted(loaded.vocab.strings) == sorted(original.vocab.strings)
