"""Replay inside stock `spacy train`, through spaCy's own `init_nlp` and `train`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import registry
from thinc.api import Config

import spacy_pickled_ner as spn
from spacy_pickled_ner.evaluation import evaluate
from spacy_pickled_ner.spacy_train.completing import CompletedCorpus
from spacy_pickled_ner.spacy_train.rehearsing import Rehearsal
from spacy_pickled_ner.training.frozen import digest_frozen

from ..conftest import DEV, DEV_ROWS, KNOWN, OLD_ROWS, RAW, TRAIN_ROWS, tiny_tok2vec, write_jsonl

READER = "spacy-pickled-ner.AnnotatedCorpus.v1"
COMPLETED = "spacy-pickled-ner.CompletedCorpus.v1"

Train = Callable[..., Language]


@pytest.fixture
def paths(tmp_path: Path, tiny_base_pkl: Path) -> dict[str, str]:
    people = [row["text"] for row in OLD_ROWS[:3]]
    mixed = [{"text": f"{text} Tea is hot.", "spans": []} for text in people]
    for row in mixed:
        start = row["text"].index("Tea")
        row["spans"] = [{"start": start, "end": start + 3, "label": "DRINK"}]
    return {
        "base": str(tiny_base_pkl),
        "train": str(write_jsonl(tmp_path / "train.jsonl", [*TRAIN_ROWS, *mixed])),
        "dev": str(write_jsonl(tmp_path / "dev.jsonl", DEV_ROWS)),
        "raw": str(write_jsonl(tmp_path / "raw.jsonl", RAW)),
    }


@pytest.fixture
def stock_train(paths: dict[str, str]) -> Train:
    """Train with spaCy's loop from the tiny base; `rehearse` is a block, None leaves it out."""

    def run(
        rehearse: dict[str, Any] | None,
        *,
        reader: str = COMPLETED,
        sourced: Path | None = None,
        resumed: bool = True,
        **training: Any,
    ) -> Language:
        train_corpus: dict[str, Any] = {"@readers": READER, "path": paths["train"]}
        dev_corpus = {"@readers": READER, "path": paths["dev"]}
        if reader == COMPLETED:
            train_corpus = {"@readers": reader, "corpus": train_corpus, "base": paths["base"]}
        if rehearse is not None:
            rehearse = {
                "@callbacks": "spacy-pickled-ner.rehearse.v1",
                "raw_text": paths["raw"],
                "base": paths["base"],
                **rehearse,
            }
        resume = {"@callbacks": "spacy-pickled-ner.resume_from_base.v1", "base": paths["base"]}
        settings = {
            "train_corpus": "corpora.train",
            "dev_corpus": "corpora.dev",
            "seed": 0,
            "gpu_allocator": None,
            "max_steps": 40,
            "eval_frequency": 20,
            "before_update": rehearse,
            "optimizer": {"@optimizers": "Adam.v1", "learn_rate": 0.005},
        }
        components: dict[str, Any] = {"ner": ner_block()}
        if sourced is not None:
            resumed = False
            components = {name: {"source": str(sourced)} for name in ("tok2vec", "tagger", "ner")}
        config = Config(
            {
                "nlp": {"lang": "en", "pipeline": list(components)},
                "components": components,
                "corpora": {"train": train_corpus, "dev": dev_corpus},
                "training": {**settings, **training},
                "initialize": {"after_init": resume if resumed else None},
            }
        )
        nlp = init_nlp(config)
        train(nlp, stdout=io.StringIO(), stderr=io.StringIO())
        return nlp

    return run


def ner_block() -> dict[str, Any]:
    blank = spacy.blank("en")
    blank.add_pipe("ner", config={"model": {"tok2vec": tiny_tok2vec()}})
    return dict(blank.config["components"]["ner"])


def kept(nlp: Language) -> float:
    return float(evaluate(nlp, KNOWN)["scores"]["ents_f"])


def learnt(nlp: Language) -> float:
    return float(evaluate(nlp, DEV)["scores"]["ents_f"])


def test_keeps_the_old_label_that_stock_training_forgets(stock_train: Train):
    without = stock_train(None, reader=READER)
    assert learnt(without) > 0.8
    assert kept(without) < 0.2
    nlp = stock_train({})
    assert learnt(nlp) > 0.8
    assert kept(nlp) > 0.9


def test_the_same_seed_gives_the_same_bytes(stock_train: Train):
    one, same, other = (
        stock_train({"seed": seed}, max_steps=10).get_pipe("ner").to_bytes(exclude=["vocab"])
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("setting", "value"), [("ratio", 0.0), ("ratio", float("inf")), ("pull", 1.0), ("pull", -0.1)]
)
def test_refuses_settings_without_sense(setting: str, value: float):
    with pytest.raises(spn.SettingsError) as error:
        Rehearsal(raw_text="raw.txt", base="base", **{setting: value})
    assert error.value.setting == setting


def test_warns_of_data_that_denies_what_is_kept(
    stock_train: Train, caplog: pytest.LogCaptureFixture
):
    stock_train({}, reader=READER, max_steps=1)
    assert re.search(r"the training data does not annotate \d+ entities .* \(PERSON\)", caplog.text)
    assert COMPLETED in caplog.text
    caplog.clear()
    stock_train({}, max_steps=1)
    assert "denies" not in caplog.text


def test_a_renamed_label_is_replayed_under_its_new_name(
    stock_train: Train, paths: dict[str, str], caplog: pytest.LogCaptureFixture
):
    rows = [
        {**row, "spans": [{**span, "label": "HUMAN"} for span in row["spans"]]} for row in OLD_ROWS
    ]
    write_jsonl(Path(paths["train"]), rows)
    write_jsonl(Path(paths["dev"]), rows[:3])
    nlp = stock_train({}, max_steps=60)
    assert "PERSON is renamed to HUMAN" in caplog.text
    assert {ent.label_ for text in RAW for ent in nlp(text).ents} == {"HUMAN"}


def test_ratio_is_in_batches(stock_train: Train, monkeypatch: pytest.MonkeyPatch):
    counts = []
    for ratio in (0.5, 1.0, 2.0):
        batches: list[int] = []
        monkeypatch.setattr(
            "spacy_pickled_ner.spacy_train.rehearsing._Replay._add_gradients",
            lambda self, examples, seen=batches: seen.append(len(examples)),
        )
        stock_train({"ratio": ratio}, max_steps=9)
        counts.append(len(batches))
    assert counts == [5, 10, 20]


def test_an_update_of_spacys_own_does_where_ours_cannot(
    stock_train: Train, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("spacy_pickled_ner.spacy_train.rehearsing.can_update", lambda ner: False)
    assert kept(stock_train({})) > 0.9


def test_a_sourced_ner_gets_its_own_copy_of_a_shared_tok2vec(
    stock_train: Train, shared_base: Language, paths: dict[str, str], tmp_path: Path
):
    shared_base.to_disk(tmp_path / "shared")
    paths["base"] = str(tmp_path / "shared")
    frozen = ["tok2vec", "tagger"]
    nlp = stock_train({}, sourced=tmp_path / "shared", frozen_components=frozen, max_steps=80)
    assert learnt(nlp) > 0.6
    assert kept(nlp) > 0.9
    assert digest_frozen(nlp, trained=["ner"]) == digest_frozen(shared_base, trained=["ner"])


# What cannot work.


def test_raw_text_that_is_not_there(stock_train: Train):
    with pytest.raises(spn.AnnotationError, match=r"nowhere\.jsonl"):
        stock_train({"raw_text": "nowhere.jsonl"})


def test_raw_text_that_is_the_data(stock_train: Train, paths: dict[str, str]):
    with pytest.raises(spn.AnnotationError, match="raw text must be other text"):
        stock_train({"raw_text": paths["dev"]})


def test_a_base_without_an_ner(stock_train: Train, tmp_path: Path):
    spn.dump(spacy.blank("en"), tmp_path / "blank.pkl")
    with pytest.raises(spn.BasePipelineError, match="so nothing can be forgotten"):
        stock_train({"base": str(tmp_path / "blank.pkl")})


def test_a_base_that_is_not_there(stock_train: Train):
    with pytest.raises(spn.BasePipelineError, match=r"no pipeline 'nowhere\.pkl'"):
        stock_train({"base": "nowhere.pkl"})


def test_a_component_that_is_not_there(stock_train: Train):
    with pytest.raises(spn.BasePipelineError, match="no such component, only tagger, ner"):
        stock_train({"component": "entities"})


def test_a_component_that_is_no_ner(stock_train: Train):
    with pytest.raises(spn.BasePipelineError, match="it is a 'tagger', not an NER"):
        stock_train({"component": "tagger"})


def test_a_component_that_is_frozen(stock_train: Train):
    with pytest.raises(spn.BasePipelineError, match="frozen or disabled"):
        stock_train({}, frozen_components=["ner"])


def test_an_ner_that_did_not_start_from_the_base(stock_train: Train):
    with pytest.raises(spn.BasePipelineError, match=r"lacks the labels PERSON.*resume_from_base"):
        stock_train({}, reader=READER, resumed=False)


# The corpus, alone.


def completed(paths: dict[str, str]) -> Callable[[Language], list[Example]]:
    block = {"@readers": READER, "path": paths["train"]}
    reader = {"@readers": COMPLETED, "corpus": block, "base": paths["base"]}
    return registry.resolve({"reader": reader})["reader"]


def tags(paths: dict[str, str]) -> list[str]:
    example = list(completed(paths)(spacy.blank("en")))[-1]
    return [tag or "-" for tag in example.get_aligned_ner()]


def test_what_the_base_finds_is_gold(paths: dict[str, str]):
    assert tags(paths) == ["U-PERSON", "O", "O", "O", "U-DRINK", "O", "O", "O"]


def test_is_read_once_for_a_pipeline(paths: dict[str, str]):
    reader, nlp = completed(paths), spacy.blank("en")
    first = list(reader(nlp))
    assert [id(example) for example in reader(nlp)] == [id(example) for example in first]
    assert next(iter(reader(spacy.blank("en")))).predicted.vocab is not nlp.vocab


def test_other_annotation_stays(paths: dict[str, str], tiny_base_pkl: Path):
    nlp = spacy.blank("en")
    doc = nlp.make_doc("Ada came home.")
    gold = Example.from_dict(doc, {"tags": ["Y", "Y", "Y", "X"], "cats": {"A": 1.0}})
    reader = CompletedCorpus(lambda _: [gold], tiny_base_pkl)
    (example,) = reader(nlp)
    assert example.predicted is doc
    assert [token.tag_ for token in example.reference] == ["Y", "Y", "Y", "X"]
    assert example.reference.cats == {"A": 1.0}
    assert [(ent.text, ent.label_) for ent in example.reference.ents] == [("Ada", "PERSON")]
