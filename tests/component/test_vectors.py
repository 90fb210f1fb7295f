"""An NER that reads word vectors runs with its own, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.vectors import Vectors

import spacy_pickled_ner as spn

from ..model_file.pipelines import floret, parser_model, static_vectors, tok2vec, train

TEXT = "Ada met the old engineers of Acme in Paris."


def floret_ner() -> Language:
    nlp = floret()
    nlp.remove_pipe("tagger")
    nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec(vectors=True))})
    return train(nlp)


MAKERS = {"static": static_vectors, "floret": floret_ner}


@pytest.fixture(params=MAKERS)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Language:
    nlp = MAKERS[request.param]()
    spn.dump(nlp, tmp_path / "base.pkl")
    return nlp


def add(nlp: Language, folder: Path) -> Language:
    nlp.add_pipe("pickled_ner", name="names", config={"path": str(folder / "base.pkl")})
    return nlp


def embedded(nlp: Language, name: str) -> np.ndarray:
    """What the NER's own embedding makes of a text."""
    return np.asarray(nlp.get_pipe(name).model.get_ref("tok2vec").predict([nlp.make_doc(TEXT)]))


def others() -> Language:
    nlp = spacy.blank("en")
    nlp.vocab.vectors = Vectors(data=np.ones((2, 12), dtype="f"), keys=["Ada", "met"])
    return nlp


def test_a_pipeline_without_vectors_gets_them(base: Language, tmp_path: Path) -> None:
    nlp = add(spacy.blank("en"), tmp_path)
    assert np.array_equal(embedded(nlp, "names"), embedded(base, "ner"))
    assert np.array_equal(nlp.vocab.get_vector("Ada"), base.vocab.get_vector("Ada"))
    (tmp_path / "base.pkl").unlink()
    nlp.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    assert np.array_equal(embedded(loaded, "names"), embedded(base, "ner"))


def test_the_keys_come_with_their_texts(tmp_path: Path) -> None:
    base = static_vectors()
    base.vocab.strings.add("Grace")
    spn.dump(base, tmp_path / "base.pkl")
    nlp = spacy.blank("en")
    rank = nlp.vocab["Ada"].rank
    assert "Grace" not in nlp.vocab.strings
    add(nlp, tmp_path)
    assert "Grace" in nlp.vocab.strings
    assert nlp.vocab["Ada"].rank == nlp.vocab.vectors.key2row[nlp.vocab.strings["Ada"]] != rank


def test_a_pipeline_with_the_same_vectors_keeps_its_own(base: Language, tmp_path: Path) -> None:
    nlp = spn.load(tmp_path / "base.pkl", exclude=["ner"])
    own = nlp.vocab.vectors
    add(nlp, tmp_path)
    assert nlp.vocab.vectors is own
    assert np.array_equal(embedded(nlp, "names"), embedded(base, "ner"))


def test_a_pipeline_with_others_is_refused(base: Language, tmp_path: Path) -> None:
    rows, width = base.vocab.vectors.shape
    message = rf"vectors of its file \({rows} x {width}\); this pipeline has others \(2 x 12\)"
    with pytest.raises(spn.ComponentError, match=message):
        add(others(), tmp_path)


@pytest.mark.parametrize("change", ["data", "key", "kind"])
def test_vectors_of_the_same_size_are_not_the_same(change: str, tmp_path: Path) -> None:
    spn.dump(static_vectors(), tmp_path / "base.pkl")
    nlp = spn.load(tmp_path / "base.pkl", exclude=["ner"])
    if change == "data":
        nlp.vocab.vectors.data[0, 0] += 1
    elif change == "key":
        nlp.vocab.vectors.add("Barbara", row=0)
    else:
        data = nlp.vocab.vectors.data
        nlp.vocab.vectors = Vectors(data=data, mode="floret", minn=2, maxn=3)
    with pytest.raises(spn.ComponentError, match="this pipeline has others"):
        add(nlp, tmp_path)


def test_vectors_that_initialising_brings_are_checked(base: Language, tmp_path: Path) -> None:
    others().to_disk(tmp_path / "others")
    nlp = add(spacy.blank("en"), tmp_path)
    nlp.config["initialize"]["vectors"] = str(tmp_path / "others")
    with pytest.raises(spn.ComponentError, match="this pipeline has others"):
        nlp.initialize()


def test_a_pipeline_that_has_lost_them_gets_them_again(base: Language, tmp_path: Path) -> None:
    nlp = add(spacy.blank("en"), tmp_path)
    nlp.vocab.vectors = Vectors()
    nlp.initialize()
    assert np.array_equal(embedded(nlp, "names"), embedded(base, "ner"))


def test_a_pipeline_with_others_is_not_saved(base: Language, tmp_path: Path) -> None:
    nlp = add(spacy.blank("en"), tmp_path)
    nlp.vocab.vectors = others().vocab.vectors
    for _ in range(2):
        with pytest.raises(spn.ComponentError, match="this pipeline has others"):
            nlp.to_disk(tmp_path / "saved")


def test_an_ner_without_them_does_not_care(tmp_path: Path) -> None:
    nlp = static_vectors()
    nlp.remove_pipe("ner")
    nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec())})
    spn.dump(train(nlp), tmp_path / "base.pkl")
    assert add(spacy.blank("en"), tmp_path).vocab.vectors.shape == (0, 0)
    assert add(others(), tmp_path).vocab.vectors.shape == (2, 12)
