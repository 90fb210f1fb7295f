"""Tokenizers that find words by another package: those of spaCy itself need no trust."""

from __future__ import annotations

import importlib
import json

import numpy as np
import pytest
import srsly

from spacy_pickled_ner.errors import UnsafeFileError, UntrustedContentError
from spacy_pickled_ner.model_file import dump, dumps, get_untrusted, load, loads, verify
from spacy_pickled_ner.model_file.guards import check_segmenter

from .helpers import check_same_tokens, make

NAME = "tokenizers:spacy.zh.ChineseTokenizer"


def blank(lang: str, **tokenizer: object):
    return make(lang, config={"nlp": {"tokenizer": tokenizer}} if tokenizer else {})


@pytest.mark.parametrize(
    ("lang", "tokenizer"),
    [
        ("zh", {}),
        ("zh", {"segmenter": "char"}),
        ("zh", {"segmenter": "jieba"}),
        ("ja", {}),
        ("ja", {"split_mode": "A"}),
        ("ja", {"split_mode": "B"}),
        ("ja", {"split_mode": "C"}),
        ("ko", {}),
        ("ko", {"@tokenizers": "spacy.Tokenizer.v1"}),
        ("th", {}),
        ("vi", {}),
        ("vi", {"use_pyvi": False}),
    ],
)
@pytest.mark.parametrize("layout", ["v1", "seed"])
def test_loads_without_trust(lang, tokenizer, layout, tmp_path):
    original = blank(lang, **tokenizer)
    check_same_tokens(original, tmp_path / "model.pkl", layout=layout)
    assert get_untrusted(tmp_path / "model.pkl") == []
    assert verify(tmp_path / "model.pkl")["untrusted"] == []


def test_pkuseg_without_a_model_needs_no_trust():
    assert loads(dumps(blank("zh", segmenter="pkuseg"))).tokenizer.segmenter == "pkuseg"


@pytest.fixture
def pkuseg(tmp_path):
    """The smallest model there can be: it cuts before every character but one."""
    try:
        importlib.import_module("spacy_pkuseg")
    except (ImportError, ValueError) as err:  # ValueError: it was built for another numpy
        pytest.skip(f"pkuseg is not installed: {err}")
    features = {"$$": 0, "c.学": 1}
    tags = {"B": 0, "I": 1}
    folder = tmp_path / "pkuseg"
    folder.mkdir()
    data = {"unigram": [], "bigram": [], "feature_to_idx": features, "tag_to_idx": tags}
    srsly.write_msgpack(folder / "features.msgpack", data)
    weights = np.array([1.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0])
    np.savez(folder / "weights.npz", sizes=np.array([2, 2]), w=weights)
    nlp = blank("zh", segmenter="pkuseg")
    nlp.tokenizer.initialize(pkuseg_model=str(folder), pkuseg_user_dict="default")
    return nlp


def test_pkuseg_model_needs_trust(pkuseg, tmp_path):
    path = tmp_path / "model.pkl"
    dump(pkuseg, path)
    assert get_untrusted(path) == verify(path)["untrusted"] == [NAME]
    with pytest.raises(UntrustedContentError, match="pkuseg model") as error:
        load(path)
    assert error.value.names == (NAME,)
    check_same_tokens(pkuseg, path, trusted=[NAME])


def settings(**values: object) -> bytes:
    return srsly.msgpack_dumps({"cfg": json.dumps(values)})


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("ja.JapaneseTokenizer", settings(split_mode="D")),
        ("ja.JapaneseTokenizer", settings(split_mode=["A"])),
        ("ja.JapaneseTokenizer", srsly.msgpack_dumps({"cfg": "[]"})),
        ("ja.JapaneseTokenizer", srsly.msgpack_dumps({"more": b""})),
        ("ko.KoreanTokenizer", b"\x80"),
        ("th.ThaiTokenizer", b"x"),
        ("vi.VietnameseTokenizer", settings(use_pyvi=5)),
        ("zh.ChineseTokenizer", settings(segmenter="jieba")),
        ("zh.ChineseTokenizer", settings(segmenter=5)),
        ("zh.ChineseTokenizer", srsly.msgpack_dumps({"more": b""})),
    ],
)
def test_state_that_does_not_fit_the_config_is_refused(name, state):
    with pytest.raises(UnsafeFileError) as error:
        check_segmenter({"@tokenizers": f"spacy.{name}"}, state, [NAME])
    assert error.value.code == "bad-tokenizer"


def test_a_tokenizer_cannot_be_switched_to_a_package_it_was_built_without():
    block = {"@tokenizers": "spacy.vi.VietnameseTokenizer", "use_pyvi": False}
    with pytest.raises(UnsafeFileError, match="use_pyvi"):
        check_segmenter(block, settings(use_pyvi=True))
    check_segmenter({**block, "use_pyvi": True}, settings(use_pyvi=False))
