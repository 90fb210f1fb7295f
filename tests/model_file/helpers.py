"""What several tests of the model file do: compare pipelines, make sections."""

from __future__ import annotations

import importlib
import unicodedata

import numpy as np
import pytest
import spacy
import srsly
from spacy.pipeline import Sentencizer

from spacy_pickled_ner.container.sections import Sections
from spacy_pickled_ner.model_file import dump, load

from .pipelines import TEXTS

COMMON = ["", "A  B\n\tc, d: (http://a.b/c?d=1) e-mail x@y.zz 1.5km 10% :-) 🙂 ¿qué? «o» l'a d'un."]


def assert_same(original, loaded):
    before, after = (parts(nlp) for nlp in (original, loaded))
    assert before.keys() == after.keys()
    for part in before:
        assert before[part] == after[part], part
    assert original.config.to_str() == loaded.config.to_str()
    assert original.component_names == loaded.component_names
    assert original.disabled == loaded.disabled
    for first, second in zip(original.pipe(TEXTS), loaded.pipe(TEXTS), strict=True):
        assert first.to_json() == second.to_json()
        assert np.array_equal(first.tensor, second.tensor)
        assert np.array_equal(first.vector, second.vector)
        assert [t.norm_ for t in first] == [t.norm_ for t in second]


def parts(nlp):
    """What `nlp.to_bytes` holds, but a sentencizer's set of characters as a set: spaCy writes it in
    the order that it happens to have, which is another one in an equal set."""
    content = srsly.msgpack_loads(nlp.to_bytes())
    for name, pipe in nlp.components:
        if isinstance(pipe, Sentencizer):
            settings = srsly.msgpack_loads(content[name])
            content[name] = {**settings, "punct_chars": set(settings["punct_chars"])}
    return content


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


def sections_of(*sections) -> Sections:
    views = {s.name: memoryview(s.data).cast("B") for s in sections}
    return Sections(views, {s.name: (s.dtype, s.shape) for s in sections})
