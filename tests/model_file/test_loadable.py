"""What `dump` writes, `load` opens; what `load` would refuse, `dump` does not write."""

from __future__ import annotations

import warnings

import pytest
import spacy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from spacy_pickled_ner.errors import SaveError
from spacy_pickled_ner.model_file import dump, dumps, get_untrusted, loads
from spacy_pickled_ner.model_file.guards.budget import LIMITS

from .pipelines import parser_model, tok2vec

FORMATS = ("v1", "seed")
LABELS = st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=12, unique=True)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)


def labelled(factory: str, nlp: Language, draw: st.DrawFn) -> None:
    pipe = nlp.add_pipe(factory)
    for label in draw(LABELS):
        pipe.add_label(label)


def ruler(factory: str, nlp: Language, draw: st.DrawFn) -> None:
    key = "LOWER" if draw(st.booleans()) else "ORTH"
    patterns = draw(st.lists(WORDS | st.just([{"LOWER": "a", "OP": "{2,9}"}]), max_size=8))
    # spaCy runs the components before a ruler; those here are not trained.
    pipe = nlp.add_pipe(factory, config={"phrase_matcher_attr": key}, first=True)
    pipe.add_patterns(
        [{"label": draw(st.text(min_size=1, max_size=9)), "pattern": one} for one in patterns]
    )


def splitter(factory: str, nlp: Language, draw: st.DrawFn) -> None:
    sizes = st.integers(0, 100)
    nlp.add_pipe(factory, config={"min_length": draw(sizes), "split_length": draw(sizes)})


def cleaner(factory: str, nlp: Language, draw: st.DrawFn) -> None:
    names = st.sampled_from(["tensor", "_.trf_data", "user_data", "_.mine"])
    attrs = draw(st.dictionaries(names, st.none(), max_size=3))
    nlp.add_pipe(factory, config={"attrs": attrs})


def plain(factory: str, nlp: Language, draw: st.DrawFn) -> None:
    nlp.add_pipe(factory)


MAKERS = {
    "ner": labelled,
    "beam_ner": labelled,
    "tagger": labelled,
    "textcat": labelled,
    "textcat_multilabel": labelled,
    "spancat": labelled,
    "entity_ruler": ruler,
    "span_ruler": ruler,
    "token_splitter": splitter,
    "doc_cleaner": cleaner,
    "sentencizer": plain,
    "merge_entities": plain,
    "attribute_ruler": plain,
    "senter": plain,
    "tok2vec": plain,
}


@st.composite
def pipelines(draw: st.DrawFn) -> Language:
    nlp = spacy.blank(draw(st.sampled_from(["xx", "en"])))
    for factory in draw(st.lists(st.sampled_from([*MAKERS]), max_size=5, unique=True)):
        MAKERS[factory](factory, nlp, draw)
    return nlp


@given(nlp=pipelines(), file_format=st.sampled_from(FORMATS))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_what_dump_writes_load_opens(nlp, file_format):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = dumps(nlp, format=file_format)
        loaded = loads(data, trusted=get_untrusted(data))
    assert loaded.pipe_names == nlp.pipe_names
    for name, pipe in nlp.pipeline:
        if hasattr(pipe, "labels"):
            assert set(loaded.get_pipe(name).labels) == set(pipe.labels)


@given(n_labels=st.integers(1, 40), width=st.integers(1, 8), upper=st.booleans())
@settings(max_examples=8, deadline=None, derandomize=True)
def test_a_trained_ner_of_any_size_loads_and_runs(n_labels, width, upper):
    nlp = spacy.blank("xx")
    model = parser_model("ner", tok2vec()) | {"hidden_width": width * 2, "use_upper": upper}
    ner = nlp.add_pipe("ner", config={"model": model})
    for number in range(n_labels):
        ner.add_label(f"LABEL {number}")
    nlp.initialize()
    doc, again = nlp("Ada met Bob ."), loads(dumps(nlp))("Ada met Bob .")
    assert [(e.text, e.label_) for e in doc.ents] == [(e.text, e.label_) for e in again.ents]


def test_many_and_long_labels_load():
    nlp = spacy.blank("xx")
    ner = nlp.add_pipe("ner")
    for number in range(2_600):
        ner.add_label(f"L{number}")
    ner.add_label("x" * 5_000)
    assert loads(dumps(nlp)).get_pipe("ner").labels == ner.labels


@pytest.mark.parametrize("file_format", FORMATS)
def test_more_labels_than_load_accepts_are_not_written(file_format, tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "moves", 100)
    nlp = spacy.blank("xx")
    ner = nlp.add_pipe("ner")
    for number in range(26):
        ner.add_label(f"L{number}")
    path = tmp_path / "model.pkl"
    with pytest.raises(SaveError, match=r"needs 10\d moves; the limit is 100"):
        dump(nlp, path, format=file_format)
    assert not path.exists()


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_model_that_its_config_would_not_build_is_not_written(file_format):
    nlp = spacy.blank("xx")
    ner = nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec())})
    ner.add_label("PERSON")
    nlp.initialize()
    other = spacy.blank("xx")
    larger = parser_model("ner", tok2vec()) | {"hidden_width": 10}
    other.add_pipe("ner", config={"model": larger}).add_label("PERSON")
    other.initialize()
    ner.model = other.get_pipe("ner").model
    with pytest.raises(SaveError, match="load would refuse it"):
        dumps(nlp, format=file_format)


def test_components_that_need_trust_are_not_built_again():
    built = []

    @Language.factory("test_loadable_factory")
    def create(nlp: Language, name: str):
        built.append(name)

        def component(doc: Doc) -> Doc:
            return doc

        return component

    nlp = spacy.blank("xx")
    nlp.add_pipe("test_loadable_factory")
    nlp.add_pipe("sentencizer")
    built.clear()
    data = dumps(nlp)
    assert built == []
    assert loads(data, trusted=["factories:test_loadable_factory"]).pipe_names == nlp.pipe_names
