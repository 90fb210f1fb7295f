"""Old labels that outlive a run: by a second NER, by replay, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, FineTuneResult
from spacy_pickled_ner.evaluation import evaluate

from ..conftest import DEV, KNOWN, RAW, TRAIN, Pair, Run, as_pairs, make_rows


# Raw texts: people in other sentences, and nothing to drink.
def called(rows: list[Pair], old: str, new: str) -> list[Pair]:
    """The rows with one label under another name."""
    return [
        (text, {"entities": [(s, e, new if lab == old else lab) for s, e, lab in gold["entities"]]})
        for text, gold in rows
    ]


def found(nlp: Language, text: str) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


@pytest.fixture
def stack(tune: Run) -> FineTuneResult:
    return tune(retention="auto", raw_text=RAW, retention_dev=KNOWN, max_steps=60)


def test_all_new_labels_get_an_ner_of_their_own(stack: FineTuneResult, base: Language):
    assert stack.retention_mode["mode"] == "stack"
    assert stack.retention_mode["why"] == "all labels of the data are new to the base (DRINK)"
    assert stack.retention_mode["ners"] == ["ner_drink", "ner"]
    assert stack.component == "ner_drink"
    assert stack.nlp.pipe_names == ["tagger", "ner_drink", "ner"]
    assert stack.labels == {"trained": ["DRINK"], "new": ["DRINK"], "old": ["PERSON"]}
    assert stack.frozen_unchanged
    assert stack.scores["ents_f"] > 0.8
    assert stack.retention["before"]["ents_f"] == 1.0
    assert stack.retention["after"]["ents_f"] > 0.9
    assert found(stack.nlp, "Ada came home.") == [("Ada", "PERSON")]
    assert ("milk", "DRINK") in found(stack.nlp, "I like milk a lot.")


def test_the_bases_ner_is_the_same_bytes(tune: Run, base: Language):
    result = tune(retention="stack", raw_text=RAW, retention_dev=KNOWN)
    ours, theirs = (nlp.get_pipe("ner") for nlp in (result.nlp, base))
    assert ours.to_bytes(exclude=["vocab"]) == theirs.to_bytes(exclude=["vocab"])


def test_what_is_kept_is_what_the_whole_pipeline_finds(stack: FineTuneResult):
    scored = evaluate(stack.nlp, KNOWN)["scores"]
    assert scored["ents_f"] == stack.retention["after"]["ents_f"]
    assert evaluate(stack.nlp, DEV)["scores"]["ents_f"] == stack.scores["ents_f"]


def test_the_same_seed_gives_the_same_bytes(tune: Run):
    for mode in ("stack", "replay"):
        settings: dict[str, Any] = {"retention": mode, "raw_text": RAW, "max_steps": 10}
        first, second = tune(**settings), tune(**settings)
        assert spn.dumps(first.nlp) == spn.dumps(second.nlp)


def test_a_stacked_pipeline_goes_through_every_file(stack: FineTuneResult, tmp_path: Any):
    texts = [text for text, _ in KNOWN + DEV]
    stack.dump(tmp_path / "model.pkl")
    expected = [[(e.text, e.label_) for e in doc.ents] for doc in stack.nlp.pipe(texts)]
    spn.unpack(tmp_path / "model.pkl", tmp_path / "model")
    for again in (spn.load(tmp_path / "model.pkl"), spacy.load(tmp_path / "model")):
        assert again.pipe_names == ["tagger", "ner_drink", "ner"]
        assert [[(e.text, e.label_) for e in doc.ents] for doc in again.pipe(texts)] == expected
    shown = spn.inspect(tmp_path / "model.pkl")
    assert shown["labels"]["ner_drink"] == ["DRINK"]
    assert shown["labels"]["ner"] == ["PERSON"]
    analysis = stack.nlp.analyze_pipes()["summary"]
    assert analysis["ner_drink"]["assigns"] == analysis["ner"]["assigns"]


def test_a_stacked_pipeline_can_be_saved_after_it_was_used(stack: FineTuneResult):
    texts = [text for text, _ in KNOWN + DEV]
    expected = [[(e.text, e.label_) for e in doc.ents] for doc in stack.nlp.pipe(texts)]
    # The base's NER has met labels that are not its own, and spaCy's NER adds such labels.
    assert stack.nlp.get_pipe("ner").labels == ("DRINK", "PERSON")
    used = spn.loads(spn.dumps(stack.nlp))
    assert used.get_pipe("ner").model.attrs["unseen_classes"]
    assert [[(e.text, e.label_) for e in doc.ents] for doc in used.pipe(texts)] == expected


def test_a_base_whose_ner_listens(tune: Run, shared_base: Language):
    before = shared_base.to_bytes()
    result = tune(base=shared_base, retention="stack", raw_text=RAW, retention_dev=KNOWN)
    assert result.frozen_unchanged
    assert shared_base.to_bytes() == before
    assert result.nlp.pipe_names == ["tok2vec", "tagger", "ner_drink", "ner"]
    assert "ner" in result.nlp.get_pipe("tok2vec").listener_map
    assert "ner_drink" not in result.nlp.get_pipe("tok2vec").listener_map
    again = spn.loads(spn.dumps(result.nlp))
    for text, _ in KNOWN + DEV:
        assert found(again, text) == found(result.nlp, text)


def test_a_third_label_gets_a_third_ner(stack: FineTuneResult, tune: Run):
    rows = make_rows(["Paris", "Rome"], "CITY", ["{} is big.", "She lives in {} now."])
    cities = as_pairs(rows)
    result = tune(base=stack.nlp, train=cities, dev=cities, retention="stack")
    assert result.retention_mode["ners"] == ["ner_city", "ner_drink", "ner"]
    assert result.nlp.pipe_names == ["tagger", "ner_city", "ner_drink", "ner"]
    assert result.labels["old"] == ["DRINK", "PERSON"]
    assert result.frozen_unchanged


def test_a_label_with_an_ner_of_its_own_is_trained_there(stack: FineTuneResult, tune: Run):
    result = tune(base=stack.nlp, retention="auto", raw_text=RAW, retention_dev=KNOWN)
    assert result.retention_mode["mode"] == "stack"
    assert result.component == "ner_drink"
    assert result.nlp.pipe_names == ["tagger", "ner_drink", "ner"]
    assert result.labels["old"] == ["PERSON"]
    assert result.retention["after"]["ents_f"] > 0.9
    assert result.frozen_unchanged


def test_replay_keeps_old_labels_in_one_ner(tune: Run):
    result = tune(retention="replay", raw_text=RAW, retention_dev=KNOWN, max_steps=60)
    assert result.retention_mode["mode"] == "replay"
    assert result.retention_mode["why"] == "as asked"
    assert result.nlp.pipe_names == ["tagger", "ner"]
    assert result.scores["ents_f"] > 0.8
    assert result.retention["after"]["ents_f"] > 0.9


def test_auto_replays_where_the_data_has_an_old_label(tune: Run):
    result = tune(train=[*TRAIN, *KNOWN[:6]], retention="auto", raw_text=RAW, max_steps=5)
    assert result.retention_mode["mode"] == "replay"
    assert "annotates labels that the base has (PERSON)" in result.retention_mode["why"]
    assert result.component == "ner"


def test_a_label_under_another_name_is_learnt_and_the_old_name_unlearnt(tune: Run):
    rows = called(KNOWN, "PERSON", "HUMAN")
    result = tune(
        train=rows[:12], dev=rows[12:], retention="auto", raw_text=RAW, retention_dev=KNOWN
    )
    assert result.retention_mode["mode"] == "replay"
    assert "renames the base label PERSON" in result.retention_mode["why"]
    assert result.retention_mode["labels"]["PERSON"]["replayed_as"] == "HUMAN"
    assert any("PERSON is renamed to HUMAN" in text for text in result.data["warnings"])
    assert result.labels["old"] == []
    # The gold speaks of nothing that should be kept.
    assert result.retention is None
    assert any("annotates no old label" in text for text in result.data["warnings"])
    assert found(result.nlp, "Ada came home.") == [("Ada", "HUMAN")]


def test_gold_without_any_label_of_the_base_cannot_measure_what_is_kept(tune: Run):
    with pytest.raises(spn.AnnotationError, match=r"none of its labels \(DRINK\) is a base label"):
        tune(retention_dev=DEV, max_steps=1)
    # Of gold with other labels too, only the base's count.
    both = tune(retention_dev=[*KNOWN, *DEV], max_steps=1)
    assert set(both.retention["before"]["per_label"]) == {"PERSON"}


def test_without_raw_text_it_warns(tune: Run):
    for mode in ("stack", "replay"):
        result = tune(retention=mode, max_steps=5)
        assert any("no raw text" in text for text in result.data["warnings"])
        assert result.retention_mode["raw_texts"] == 0


def test_raw_text_that_is_not_used_is_a_warning(tune: Run):
    result = tune(retention="none", raw_text=RAW, max_steps=5)
    assert any("raw text is not used" in text for text in result.data["warnings"])


def test_without_gold_some_raw_texts_are_held_out(tune: Run):
    result = tune(retention="stack", raw_text=RAW * 2 + [f"{t} Again." for t in RAW], max_steps=5)
    mode = result.retention_mode
    assert mode["held_out_texts"] == 4
    assert mode["raw_texts"] == 40
    assert result.retention["measured_on"] == ("agreement with the base on held-out raw texts")
    assert result.retention["before"]["ents_f"] == 1.0


def test_raw_texts_that_are_annotated_are_left_out(tune: Run):
    result = tune(retention="stack", raw_text=[*RAW, DEV[0][0]], retention_dev=KNOWN, max_steps=5)
    assert result.retention_mode["raw_texts"] == len(RAW)


def test_a_blank_base_has_nothing_to_lose(tune: Run):
    result = tune(base="blank:en", retention="auto", raw_text=RAW, max_steps=5)
    assert result.retention_mode["mode"] == "none"
    assert "no NER" in result.retention_mode["why"]
    assert result.nlp.pipe_names == ["ner"]


def test_a_second_ner_that_wins_nothing_is_left_out(tune: Run, base: Language, tmp_path: Path):
    unmoved = tune(retention="stack", early_stopping=EarlyStopping(monitor="retention"))
    assert unmoved.best_step == 0
    assert unmoved.component == "ner_drink"
    assert unmoved.nlp.pipe_names == ["tagger", "ner"]
    assert unmoved.frozen_unchanged
    unmoved.dump(tmp_path / "model.pkl")
    assert spn.load(tmp_path / "model.pkl").pipe_names == ["tagger", "ner"]
    for text, _ in KNOWN + TRAIN:
        assert found(unmoved.nlp, text) == found(base, text)


def test_the_new_ner_can_be_named(tune: Run):
    result = tune(retention="stack", component="drinks", max_steps=5)
    assert result.nlp.pipe_names == ["tagger", "drinks", "ner"]
    assert result.component == "drinks"


def test_names_do_not_clash(tune: Run, base: Language):
    nlp = spn.loads(spn.dumps(base))
    nlp.add_pipe("entity_ruler", name="ner_drink")
    assert tune(base=nlp, retention="stack", max_steps=5).component == "ner_drink_2"


def test_stack_on_an_old_label_warns_and_refuses_the_bases_own_ner(tune: Run):
    result = tune(train=[*TRAIN, *KNOWN[:6]], retention="stack", max_steps=5)
    assert any("still predicts it" in text for text in result.data["warnings"])
    with pytest.raises(spn.SettingsError, match="'replay' or 'none'"):
        tune(train=[*TRAIN, *KNOWN[:6]], retention="stack", component="ner")


def test_several_ners_to_choose_from(tune: Run, stack: FineTuneResult):
    with pytest.raises(spn.BasePipelineError, match="ner_drink, ner have labels of the data"):
        tune(base=stack.nlp, train=[*TRAIN, *KNOWN[:6]], retention="replay")


def test_an_unknown_mode(tune: Run):
    with pytest.raises(spn.SettingsError, match="'auto', 'stack', 'replay', 'none'"):
        tune(retention="magic")
