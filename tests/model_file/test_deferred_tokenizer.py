"""A tokenizer that waits for its first use is, for everyone who looks, the tokenizer."""

from __future__ import annotations

import copy
import gc
import pickle
import threading

import pytest
import spacy
import srsly
from spacy.tokenizer import Tokenizer

from spacy_pickled_ner.errors import ModelFileError
from spacy_pickled_ner.model_file import dumps, loads
from spacy_pickled_ner.model_file.tokenizer import first_texts
from spacy_pickled_ner.model_file.tokenizer.deferred import DeferredTokenizer
from spacy_pickled_ner.model_file.tokenizer.restored import RestoredTokenizer, restored_tokenizer

TEXT = "She isn't at U.K. offices (e.g. in/out) for 5km, Acme's: http://a.b/c?d :-) "


@pytest.fixture
def original(pipelines):
    return pipelines("tokenizer")


@pytest.fixture
def data(original):
    return dumps(original)


def words(doc):
    return [(token.text, token.norm_, token.whitespace_) for token in doc]


def test_after_the_first_texts_the_real_one_is_in_its_place(original, data, monkeypatch):
    monkeypatch.setattr(first_texts, "MAX_CHARACTERS", 1_000)
    nlp = loads(data)
    kept = nlp.tokenizer
    assert isinstance(kept, Tokenizer)
    for n in range(10):
        assert words(nlp(TEXT)) == words(original(TEXT))
        assert isinstance(nlp.tokenizer, DeferredTokenizer if n < 5 else RestoredTokenizer)
    assert words(kept(TEXT)) == words(original(TEXT))
    assert nlp.tokenizer.explain(TEXT) == original.tokenizer.explain(TEXT)
    assert len(nlp.vocab) == len(loads(data, eager=True)(TEXT).vocab)


@pytest.mark.parametrize(
    "use",
    [
        lambda t: t.to_bytes(exclude=["vocab"]),
        lambda t: t.rules,
        lambda t: t.explain(TEXT),
        lambda t: [words(doc) for doc in t.pipe([TEXT, "a"])],
        lambda t: t.prefix_search.__self__.pattern,
        lambda t: t.url_match,
        lambda t: t.faster_heuristics,
        lambda t: t.max_cache_size,
        lambda t: [match.span() for match in t.find_infix("in/out")],
        lambda t: t.find_suffix("km."),
        lambda t: words(pickle.loads(pickle.dumps(t))(TEXT)),
        lambda t: type(pickle.loads(pickle.dumps(t))),
        lambda t: words(copy.deepcopy(t)(TEXT)),
        lambda t: type(t.vocab),
        lambda t: hasattr(t, "memory_zone"),
        lambda t: [
            t.add_special_case("in/out", [{"ORTH": "in/"}, {"ORTH": "out"}]),
            words(t(TEXT)),
        ],
        lambda t: [setattr(t, "infix_finditer", None), words(t(TEXT))],
        lambda t: [setattr(t, "rules", {}), words(t(TEXT))],
    ],
)
def test_same_as_spacys_own_before_first_use(use):
    data = dumps(spacy.blank("en"))
    stock, ours = loads(data, eager=True).tokenizer, loads(data).tokenizer
    assert type(ours) is DeferredTokenizer
    assert use(ours) == use(stock)


def test_settings_made_before_first_use_stay():
    nlp = loads(dumps(spacy.blank("en")))
    nlp.tokenizer.token_match = lambda text: text == "isn't"
    assert [t.text for t in nlp("It isn't")] == ["It", "is", "n't"]  # special cases come first
    nlp.tokenizer.rules = {}
    assert [t.text for t in nlp("It isn't")] == ["It", "isn't"]


@pytest.mark.parametrize("zone", ["nlp", "vocab", "strings"])
def test_first_use_in_a_memory_zone(original, data, zone):
    nlp = loads(data)
    with {"nlp": nlp, "vocab": nlp.vocab, "strings": nlp.vocab.strings}[zone].memory_zone():
        inside = words(nlp(TEXT))
    gc.collect()
    filler = [nlp.vocab.strings.add(f"filler {i}") for i in range(5_000)]
    assert len(filler) == 5_000
    assert inside == words(nlp(TEXT)) == words(original(TEXT))


def test_the_first_texts_of_many_threads(original, data):
    nlp = loads(data)
    texts = [f"{TEXT} {n}" for n in range(8)]
    found = {}
    threads = [
        threading.Thread(target=lambda text=text: found.setdefault(text, words(nlp(text))))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {text: words(original(text)) for text in texts}


def test_a_text_that_is_none(data):
    with pytest.raises(TypeError, match="str"):
        loads(data).tokenizer(5)


@pytest.mark.parametrize("text", ["ab", "cd", "5 ₽ за кг"])
def test_a_bad_special_case_is_an_error_whatever_the_text(text):
    nlp = spacy.blank("en")
    deferred = DeferredTokenizer(nlp, tokenizer_bytes(exceptions={"ab": [{65: "a"}]}))
    with pytest.raises(ModelFileError, match="E997"):
        deferred(text)


def test_threads_restore_once(original, data):
    nlp = loads(data)
    found = []
    tokenizer = nlp.tokenizer
    threads = [threading.Thread(target=lambda: found.append(tokenizer.rules)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(rules) for rules in found}) == 1
    assert found[0] == original.tokenizer.rules


def test_a_tokenizer_set_by_the_user_stays():
    nlp = loads(dumps(spacy.blank("en")))
    old = nlp.tokenizer
    mine = Tokenizer(nlp.vocab)
    nlp.tokenizer = mine
    assert [t.text for t in old("isn't")] == ["is", "n't"]
    assert nlp.tokenizer is mine


def test_the_pipeline_is_not_kept_alive():
    nlp = loads(dumps(spacy.blank("en")))
    tokenizer = nlp.tokenizer
    del nlp
    gc.collect()
    assert [t.text for t in tokenizer("isn't")] == ["is", "n't"]


def tokenizer_bytes(**changes) -> bytes:
    state = srsly.msgpack_loads(spacy.blank("en").tokenizer.to_bytes(exclude=["vocab"]))
    return srsly.msgpack_dumps({**state, **changes})


@pytest.mark.parametrize(
    "rules",
    [
        {"ab": [{65: "a"}]},
        {"ab": [{67: "ab"}]},
        {"ab": []},
        {"ab": [{65: "ab", 66: "x", 67: "y"}]},
        {"ab": [{"ORTH": "ab", "TAG": "NN"}]},
        {"ab": [["ab"]]},
    ],
    ids=str,
)
def test_bad_special_cases_are_refused_as_by_spacy(rules):
    state = tokenizer_bytes(exceptions=rules)
    vocab = spacy.blank("en").vocab
    with pytest.raises(Exception, match=r".") as stock:
        Tokenizer(vocab).from_bytes(state)
    with pytest.raises(ModelFileError) as error:
        restored_tokenizer(RestoredTokenizer(vocab), state)
    assert type(error.value.__cause__) is type(stock.value)


def test_special_cases_with_text_keys():
    rules = {
        "ab": [{"ORTH": "a"}, {"ORTH": "b", "NORM": "c"}],
        "cd": [{65: "c"}, {65: "d", 67: "e"}],
    }
    state = tokenizer_bytes(exceptions=rules)
    vocab = spacy.blank("en").vocab
    stock = Tokenizer(vocab).from_bytes(state)
    ours = restored_tokenizer(RestoredTokenizer(vocab), state)
    assert words(ours("ab cd")) == words(stock("ab cd"))
    with pytest.raises(ValueError, match="E997"):
        ours.add_special_case("xy", [{65: "x"}])
