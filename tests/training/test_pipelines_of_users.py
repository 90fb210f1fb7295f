"""Fine-tuning of pipelines as users have them: what is around the NER, and where the NER is.

Each kind is trained, its other components are compared byte by byte, and the result is written and
read in both ways. Shared tok2vecs, two NERs and bases without one are in `test_fine_tune` and
`test_retention` too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.kb import InMemoryLookupKB
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vectors import Vectors
from thinc.api import fix_random_seed

import spacy_pickled_ner as spn
from spacy_pickled_ner import FineTuneResult

from ..conftest import DEV, DRINKS, KNOWN, PEOPLE, TRAIN, Pair, Run, tiny_tok2vec, train_known

RAW = ["Grace was late.", "Nobody said so.", "They left it there.", "Alan left it there."]
TEXTS = [text for text, _ in [*KNOWN, *DEV, *TRAIN]] + ["Ada likes tea. Grace likes milk."]


def with_ner(nlp: Language, name: str = "ner", **tok2vec: Any) -> Language:
    nlp.add_pipe("ner", name=name, config={"model": {"tok2vec": {**tiny_tok2vec(), **tok2vec}}})
    return nlp


def static_vectors() -> Language:
    nlp = spacy.blank("en")
    words = [*PEOPLE, *DRINKS]
    data = np.random.default_rng(0).normal(size=(len(words), 12)).astype("f")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=words, name="tiny")
    return train_known(with_ner(nlp, pretrained_vectors=True), epochs=25)


def floret_vectors() -> Language:
    nlp = spacy.blank("en")
    settings = {"minn": 2, "maxn": 3, "hash_count": 2, "hash_seed": 1, "bow": "<", "eow": ">"}
    data = np.random.default_rng(0).normal(size=(20, 12)).astype("f")
    strings = nlp.vocab.strings
    nlp.vocab.vectors = Vectors(strings=strings, mode="floret", data=data, name="tiny", **settings)
    with TemporaryDirectory() as folder:
        train_known(with_ner(nlp, pretrained_vectors=True), epochs=25).to_disk(folder)
        return spacy.load(folder)


def ruler_before() -> Language:
    """The ruler's entities stand when the NER comes; it must leave them."""
    nlp = train_known(with_ner(spacy.blank("en")), epochs=25)
    ruler = nlp.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "TIME", "pattern": "yesterday"}])
    return nlp


def ruler_behind() -> Language:
    nlp = train_known(with_ner(spacy.blank("en")), epochs=25)
    ruler = nlp.add_pipe("entity_ruler", config={"overwrite_ents": True})
    ruler.add_patterns([{"label": "TIME", "pattern": [{"LOWER": "yesterday"}]}])
    return nlp


def make_knowledge(vocab: spacy.vocab.Vocab) -> InMemoryLookupKB:
    knowledge = InMemoryLookupKB(vocab, entity_vector_length=4)
    for number, name in enumerate(("Q1", "Q2")):
        knowledge.add_entity(entity=name, freq=9, entity_vector=[number, 1, 0, 1])
    knowledge.add_alias(alias="Ada", entities=["Q1", "Q2"], probabilities=[0.6, 0.3])
    return knowledge


def linker_behind() -> Language:
    """As users have it: out of a folder. Reading it, spaCy adds an empty vector to the others."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer", config={"punct_chars": ["."]})
    with_ner(nlp)
    train_known(nlp, epochs=25)
    model = {
        "@architectures": "spacy.EntityLinker.v2",
        "nO": None,
        "tok2vec": tiny_tok2vec(),
    }
    linker = nlp.add_pipe("entity_linker", config={"model": model, "entity_vector_length": 4})
    doc = nlp.make_doc("Ada came home.")
    doc.ents = [doc.char_span(0, 3, "PERSON", kb_id="Q1")]
    for token in doc:
        token.is_sent_start = token.i == 0
    example = Example(doc.copy(), doc)
    linker.initialize(lambda: [example], nlp=nlp, kb_loader=make_knowledge)
    with TemporaryDirectory() as folder:
        nlp.to_disk(folder)
        return spacy.load(folder)


def other_language(lang: str) -> Language:
    return train_known(with_ner(spacy.blank(lang)), epochs=25)


def ner_by_another_name() -> Language:
    return train_known(with_ner(spacy.blank("en"), name="Namen und_Orte"), epochs=25)


def two_ners() -> Language:
    nlp = with_ner(with_ner(spacy.blank("en"), name="people"), name="more people")
    return train_known(nlp, epochs=25)


def own_components() -> Language:
    """A function without any state, and a component with a state that is saved."""
    nlp = train_known(with_ner(spacy.blank("en")), epochs=25)
    nlp.add_pipe("users_shout", first=True)
    nlp.add_pipe("users_counter").seen = 7
    return nlp


@Language.component("users_shout")
def shout(doc: Doc) -> Doc:
    doc.user_data["shouted"] = doc.text.upper()
    return doc


@Language.factory("users_counter")
class Counter:
    def __init__(self, nlp: Language, name: str):
        self.seen = 0

    def __call__(self, doc: Doc) -> Doc:
        doc.user_data["seen"] = self.seen
        return doc

    def to_bytes(self, exclude: Any = ()) -> bytes:
        return bytes([self.seen])

    def from_bytes(self, data: bytes, exclude: Any = ()) -> Counter:
        self.seen = data[0]
        return self

    def to_disk(self, path: Path, exclude: Any = ()) -> None:
        path.write_bytes(self.to_bytes())

    def from_disk(self, path: Path, exclude: Any = ()) -> Counter:
        return self.from_bytes(path.read_bytes())


KINDS: dict[str, Callable[[], Language]] = {
    "static vectors": static_vectors,
    "ruler before": ruler_before,
    "ruler behind": ruler_behind,
    "linker behind": linker_behind,
    "floret vectors": floret_vectors,
    "xx": functools.partial(other_language, "xx"),
    "another name": ner_by_another_name,
    "two NERs": two_ners,
    "own components": own_components,
}
TRUSTED = ("factories:users_shout", "factories:users_counter")
ALL_MODES = ("stack", "replay", "none")


@pytest.fixture(scope="module")
def kinds(shared_base: Language) -> Callable[[str], Language]:
    """Get one of `KINDS`, built on first use. Tests must not change it."""

    @functools.cache
    def get(name: str) -> Language:
        return shared_base if name == "listeners" else KINDS[name]()

    return get


def described(doc: Doc) -> list[Any]:
    """All that a pipeline may have said of a text."""
    ents = [(e.start_char, e.end_char, e.label_, e.kb_id_, e.id_) for e in doc.ents]
    return [ents, [(t.text, t.tag_, t.is_sent_start) for t in doc], dict(doc.user_data)]


def check(result: FineTuneResult, base: Language, folder: Path, texts: list[str]) -> None:
    """All else is the same bytes, and the result is the same after writing and reading.

    To be called before anything is predicted: spaCy's NER takes over the labels of entities that it
    finds in a Doc already, such as those of an NER in front of it.
    """
    assert result.frozen_unchanged
    for name, pipe in base.components:
        if name != result.component and hasattr(pipe, "to_bytes"):
            ours = result.nlp.get_pipe(name)
            assert ours.to_bytes(exclude=["vocab"]) == pipe.to_bytes(exclude=["vocab"]), name
    others = [name for name in result.nlp.pipe_names if name != result.component]
    assert others == [name for name in base.pipe_names if name != result.component]
    result.dump(folder / "model.pkl")
    result.nlp.to_disk(folder / "model")
    read = spn.load(folder / "model.pkl", trusted=TRUSTED)
    expected = [described(doc) for doc in result.nlp.pipe(texts)]
    for again in (read, spacy.load(folder / "model")):
        assert [described(doc) for doc in again.pipe(texts)] == expected


def found(nlp: Language, text: str) -> set[tuple[str, str]]:
    return {(ent.text, ent.label_) for ent in nlp(text).ents}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("listeners", "replay"),
        *(("static vectors", mode) for mode in ALL_MODES),
        ("floret vectors", "stack"),
        *(("ruler before", mode) for mode in ALL_MODES),
        ("ruler behind", "stack"),
        ("linker behind", "stack"),
        ("linker behind", "replay"),
        ("xx", "stack"),
        ("another name", "stack"),
        ("another name", "replay"),
        ("two NERs", "stack"),
        ("own components", "stack"),
        ("own components", "none"),
    ],
)
def test_trains_and_keeps_all_else(
    kinds: Callable[[str], Language], tune: Run, tmp_path: Path, kind: str, mode: str
):
    base = kinds(kind)
    before = base.to_bytes()
    result = tune(base=base, retention=mode, raw_text=RAW if mode != "none" else None)
    assert base.to_bytes() == before
    assert result.retention_mode["mode"] == mode
    assert result.scores["ents_f"] > 0.6
    check(result, base, tmp_path, TEXTS)
    assert ("milk", "DRINK") in found(result.nlp, "I like milk a lot.")


@pytest.mark.parametrize("kind", ["ruler before", "ruler behind"])
def test_a_ruler_keeps_its_say(kinds: Callable[[str], Language], tune: Run, kind: str):
    result = tune(base=kinds(kind), retention="stack", raw_text=RAW)
    assert ("yesterday", "TIME") in found(result.nlp, "I saw Ada yesterday.")
    assert ("milk", "DRINK") in found(result.nlp, "I like milk a lot.")


def test_a_linker_goes_on_linking(kinds: Callable[[str], Language], tune: Run):
    base = kinds("linker behind")
    result = tune(base=base, retention="stack", raw_text=RAW)
    (before,), (after,) = (nlp("Ada came home.").ents for nlp in (base, result.nlp))
    assert after.kb_id_ == before.kb_id_ == "Q1"


def test_a_component_by_another_name_can_be_named(kinds: Callable[[str], Language], tune: Run):
    result = tune(base=kinds("another name"), component="Namen und_Orte", retention="none")
    assert result.component == "Namen und_Orte"
    assert result.nlp.pipe_names == ["Namen und_Orte"]


def test_of_two_ners_the_other_stays(kinds: Callable[[str], Language], tune: Run, tmp_path: Path):
    base = kinds("two NERs")
    result = tune(base=base, component="people", retention="replay", raw_text=RAW)
    assert result.component == "people"
    check(result, base, tmp_path, TEXTS)


def test_own_components_have_to_be_trusted(kinds: Callable[[str], Language], tune: Run):
    result = tune(base=kinds("own components"), max_steps=1)
    with pytest.raises(spn.UntrustedContentError) as error:
        spn.loads(spn.dumps(result.nlp))
    assert set(error.value.names) == set(TRUSTED)


CHINESE = ["{}回家了。", "我昨天看见{}。"]
JAPANESE = ["{}は家に帰りました。", "昨日{}を見ました。"]


def annotated(templates: list[str], words: list[str], label: str) -> list[Pair]:
    return [
        (t.format(w), {"entities": [(t.index("{}"), t.index("{}") + len(w), label)]})
        for t in templates
        for w in words
    ]


@pytest.mark.parametrize(
    ("lang", "needs", "templates", "words"),
    [
        ("zh", None, CHINESE, ["北京", "上海", "香港"]),
        ("zh", "jieba", CHINESE, ["北京", "上海", "香港"]),
        ("ja", "sudachipy", JAPANESE, ["東京", "大阪", "京都"]),
    ],
)
@pytest.mark.parametrize("mode", ["stack", "none"])
def test_languages_without_spaces(
    tune: Run,
    tmp_path: Path,
    lang: str,
    needs: str | None,
    templates: list[str],
    words: list[str],
    mode: str,
):
    if needs is not None:
        pytest.importorskip(needs)
    segmenter = {"nlp": {"tokenizer": {"segmenter": needs}}} if needs == "jieba" else {}
    nlp = with_ner(spacy.blank(lang, config=segmenter))
    fix_random_seed(0)
    old = [Example.from_dict(nlp.make_doc(t), g) for t, g in annotated(templates, words, "GPE")]
    optimizer = nlp.initialize(lambda: old)
    for _ in range(25):
        nlp.update(old, sgd=optimizer)
    rows = annotated([template + "!" for template in templates], words, "PLACE")
    result = tune(base=nlp, train=rows, dev=rows, retention=mode)
    assert result.scores["ents_f"] > 0.6
    check(result, nlp, tmp_path, [text for text, _ in rows])
