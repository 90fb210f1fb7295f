"""The main job on tiny pipelines: what is learnt, what is kept, what is never touched."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
from collections import Counter
from datetime import datetime, timezone
from functools import partial

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import DocBin
from spacy.training import Corpus, Example
from thinc.api import Adam, NumpyOps

import spacy_pickled_ner as spn
from spacy_pickled_ner import EarlyStopping, StopReason, fine_tune
from spacy_pickled_ner.evaluation import evaluate
from spacy_pickled_ner.ner import retention
from spacy_pickled_ner.training import TrainingListener, running

from ..conftest import DEV, KNOWN, TRAIN, Run, tiny_tok2vec, train_known


def test_learns_the_new_label_and_says_so(tune: Run):
    result = tune()
    assert result.scores["ents_f"] > 0.8
    assert result.baseline_scores["ents_f"] == 0.0
    assert result.per_label["DRINK"]["support"] == len(DEV)
    assert result.labels == {"trained": ["DRINK"], "new": ["DRINK"], "old": ["PERSON"]}
    assert [ent.label_ for ent in result.nlp("I like milk a lot.").ents] == ["DRINK"]


def test_the_same_seed_gives_the_same_bytes(tune: Run):
    first, second = tune(seed=3), tune(seed=3)
    assert first.nlp.to_bytes() == second.nlp.to_bytes()
    assert spn.dumps(first.nlp) == spn.dumps(second.nlp)
    assert tune(seed=4).nlp.get_pipe("ner").to_bytes() != first.nlp.get_pipe("ner").to_bytes()


def test_leaves_the_callers_pipeline_data_and_policy_alone(tune: Run, base: Language):
    before, data = base.to_bytes(), copy.deepcopy(TRAIN)
    policy = EarlyStopping(patience=2)
    result = tune(early_stopping=policy)
    assert base.to_bytes() == before
    assert data == TRAIN
    assert policy == EarlyStopping(patience=2)
    assert result.nlp is not base
    assert result.nlp.vocab is not base.vocab


def test_leaves_callers_examples_alone(tune: Run, base: Language):
    examples = [Example.from_dict(base.make_doc(text), gold) for text, gold in TRAIN]
    before = [(eg.predicted.to_bytes(), eg.reference.to_bytes()) for eg in examples]
    tune(train=examples)
    assert [(eg.predicted.to_bytes(), eg.reference.to_bytes()) for eg in examples] == before


def test_leaves_global_random_states_and_gemm_as_they_were(tune: Run):
    python_state, numpy_state = random.getstate(), numpy.random.get_state()[1].tolist()
    result = tune()
    assert random.getstate() == python_state
    assert numpy.random.get_state()[1].tolist() == numpy_state
    ops = {node.ops for node in result.nlp.get_pipe("ner").model.walk()}
    assert all(op.use_blis for op in ops if isinstance(op, NumpyOps))


def test_other_components_are_the_same_bytes(tune: Run, base: Language):
    result = tune()
    assert result.frozen_unchanged
    exclude = ["vocab"]
    ours, theirs = result.nlp.get_pipe("tagger"), base.get_pipe("tagger")
    assert ours.to_bytes(exclude=exclude) == theirs.to_bytes(exclude=exclude)
    assert result.nlp.pipe_names == base.pipe_names


def test_frozen_unchanged_is_a_real_check(tune: Run, monkeypatch: pytest.MonkeyPatch):
    class Meddler(TrainingListener):
        def on_start(self, plan):
            self.nlp = plan.nlp

        def on_step(self, step, epoch, loss):
            self.nlp.get_pipe("tagger").cfg["meddled"] = step

    assert not tune(listener=Meddler()).frozen_unchanged


def test_a_shared_tok2vec_stays_and_the_ner_gets_its_own(tune: Run, shared_base: Language):
    tags = [token.tag_ for token in shared_base("Ada came home with tea.")]
    result = tune(base=shared_base)
    assert result.frozen_unchanged
    assert result.scores["ents_f"] > 0.8
    assert result.nlp.get_pipe("tok2vec").listener_map.get("ner", []) == []
    assert [token.tag_ for token in result.nlp("Ada came home with tea.")] == tags
    # It is a pipeline like any other: it can be saved and built again from its config.
    again = spn.loads(spn.dumps(result.nlp))
    assert [ent.text for ent in again("I like milk a lot.").ents] == ["milk"]


def test_the_baseline_is_the_base_even_with_new_labels_and_listeners(shared_base: Language):
    known = [row for row in KNOWN if row[0].startswith("I saw")]
    expected = evaluate(shared_base, known)["scores"]["ents_f"]
    assert expected > 0.5
    result = fine_tune(
        shared_base, TRAIN, dev=DEV, retention_dev=known, eval_frequency=1, max_steps=1
    )
    assert result.retention["before"]["ents_f"] == expected
    assert result.retention["measured_on"].startswith("gold")


def test_never_improving_returns_the_base_unharmed(tune: Run, base: Language):
    result = tune(optimizer=Adam(learn_rate=0.0, L2=0.0), eval_frequency=2)
    assert result.stop_reason is StopReason.PATIENCE
    assert result.best_step == 0
    # The classes of the new label are still masked, as they were before the first update.
    assert result.nlp.get_pipe("ner").model.attrs["unseen_classes"]
    texts = [text for text, _ in KNOWN + TRAIN]
    expected = [[(e.text, e.label_) for e in doc.ents] for doc in base.pipe(texts)]
    assert [[(e.text, e.label_) for e in doc.ents] for doc in result.nlp.pipe(texts)] == expected


def test_keeps_the_best_weights_not_the_last(tune: Run):
    result = tune(max_steps=40, early_stopping=EarlyStopping(patience=None))
    best = max(result.history, key=lambda row: (row.metrics["ents_f"], -row.step))
    assert result.best_step == best.step
    assert result.scores["ents_f"] == pytest.approx(best.metrics["ents_f"])
    assert result.best_score == best.metrics["ents_f"]
    assert [row.improved for row in result.history].count(True) >= 2


def test_resumes_weights_and_never_initialises_them(tune: Run, base: Language):
    result = tune(max_steps=1, eval_frequency=0, optimizer=Adam(learn_rate=1e-9, L2=0.0))
    ours = result.nlp.get_pipe("ner").model.get_ref("tok2vec")
    theirs = base.get_pipe("ner").model.get_ref("tok2vec")
    for ours_node, theirs_node in zip(ours.walk(), theirs.walk(), strict=True):
        for name in theirs_node.param_names:
            left, right = ours_node.get_param(name), theirs_node.get_param(name)
            numpy.testing.assert_allclose(left, right, atol=1e-6)


def test_stops_by_patience_and_explains(tune: Run):
    result = tune(max_steps=0, early_stopping=EarlyStopping(patience=2))
    assert result.stop_reason is StopReason.PATIENCE
    assert "patience" in result.stop_explanation
    assert result.last_step == result.best_step + 2 * 5


@pytest.mark.parametrize(
    ("settings", "reason", "last_step"),
    [
        ({"max_steps": 7}, StopReason.MAX_STEPS, 7),
        ({"max_steps": 0, "max_epochs": 2, "eval_frequency": 0}, StopReason.MAX_EPOCHS, None),
        ({"early_stopping": EarlyStopping(target=0.0)}, StopReason.TARGET, None),
        ({"early_stopping": EarlyStopping(max_seconds=0.0)}, StopReason.MAX_SECONDS, None),
    ],
)
def test_other_reasons_to_stop(tune: Run, settings, reason, last_step):
    result = tune(**settings)
    assert result.stop_reason is reason
    if last_step is not None:
        assert result.last_step == last_step


def test_a_limit_gives_pending_updates_their_evaluation(tune: Run):
    result = tune(max_steps=7, early_stopping=EarlyStopping(patience=None))
    assert [row.step for row in result.history] == [0, 5, 7]


@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")
def test_a_non_finite_loss_ends_the_run_with_the_best_so_far(tune: Run):
    class Breaker(TrainingListener):
        def on_start(self, plan):
            self.plan = plan

        def on_step(self, step, epoch, loss):
            if step == 12:
                for node in self.plan.nlp.get_pipe("ner").model.walk():
                    if node.has_param("W"):
                        node.get_param("W")[...] = numpy.nan

    result = tune(listener=Breaker(), max_steps=0)
    assert result.stop_reason is StopReason.NON_FINITE
    assert result.best_step in (0, 5, 10)
    for node in result.nlp.get_pipe("ner").model.walk():
        for name in node.param_names:
            assert numpy.isfinite(node.get_param(name)).all()


def test_ctrl_c_ends_cleanly_with_the_best_so_far(tune: Run):
    class Impatient(TrainingListener):
        def on_step(self, step, epoch, loss):
            if step == 13:
                raise KeyboardInterrupt

    result = tune(listener=Impatient(), max_steps=0, early_stopping=EarlyStopping(patience=None))
    assert result.stop_reason is StopReason.INTERRUPTED
    assert result.best_step in (0, 5, 10)
    best = max(row.metrics["ents_f"] for row in result.history)
    assert result.scores["ents_f"] == pytest.approx(best)


def test_other_exceptions_of_a_listener_come_through_with_settings_put_back(tune: Run):
    class Broken(TrainingListener):
        def on_evaluation(self, evaluation):
            if evaluation.step:
                raise RuntimeError("no space left")

    state = random.getstate()
    with pytest.raises(RuntimeError, match="no space left"):
        tune(listener=Broken())
    assert random.getstate() == state


def test_loss_alone_needs_no_dev_data(base: Language):
    result = fine_tune(
        base,
        TRAIN,
        early_stopping=EarlyStopping.seed_rule(patience=2),
        optimizer=Adam(learn_rate=0.005),
        max_epochs=20,
        retention="none",
    )
    assert result.scores == {}
    assert "dev" not in result.data
    assert [row.epoch for row in result.history] == list(range(1, len(result.history) + 1))
    assert all(row.loss is not None for row in result.history)
    assert [ent.label_ for ent in result.nlp("I like milk a lot.").ents] == ["DRINK"]


def test_measuring_agreement_does_not_touch_texts_that_are_trained_on(base: Language):
    seen = []

    class Looker(TrainingListener):
        def on_start(self, plan):
            self.plan = plan

        def on_step(self, step, epoch, loss):
            seen.append(any(eg.predicted.ents for eg in self.plan.examples))

    rows = [*TRAIN, ("Ada came home.", {"entities": []})]
    policy = EarlyStopping(monitor="loss", patience_unit="epochs")
    result = fine_tune(base, rows, early_stopping=policy, max_epochs=2, listener=Looker())
    assert result.retention["before"]["ents_f"] == 1.0
    assert not any(seen)


def test_without_dev_data_a_part_is_split_off(base: Language):
    result = fine_tune(base, TRAIN + DEV, max_steps=5, eval_frequency=5)
    assert result.data["dev_is_split"]
    assert result.data["train"]["texts"] + result.data["dev"]["texts"] == len(TRAIN + DEV)


@pytest.mark.parametrize("kind", ["directory", "pickled", "pickled directory", "blank"])
def test_every_kind_of_base(tune: Run, base: Language, tmp_path, kind):
    if kind == "directory":
        base.to_disk(tmp_path / "base")
        source = tmp_path / "base"
    elif kind == "blank":
        source = "blank:de"
    else:
        spn.dump(base, tmp_path / "model.pkl")
        source = tmp_path / "model.pkl" if kind == "pickled" else tmp_path
    result = tune(base=source, max_steps=60)
    assert result.scores["ents_f"] > (0.3 if kind == "blank" else 0.8)
    assert result.nlp.lang == ("de" if kind == "blank" else "en")


def test_every_way_from_the_same_base_gives_the_same_weights(tune: Run, base: Language, tmp_path):
    base.to_disk(tmp_path / "base")
    spn.dump(base, tmp_path / "base.pkl")
    sources = (base, tmp_path / "base", tmp_path / "base.pkl")
    weights = {tune(base=source).nlp.get_pipe("ner").to_bytes() for source in sources}
    assert len(weights) == 1


def test_corpus_readers_and_docbins_train_alike(tune: Run, base: Language, tmp_path):
    def docs(rows):
        for text, gold in rows:
            doc = base.make_doc(text)
            doc.set_ents([doc.char_span(*span) for span in gold["entities"]])
            yield doc

    DocBin(docs=docs(TRAIN)).to_disk(tmp_path / "train.spacy")
    expected = tune().nlp.get_pipe("ner").model.to_bytes()
    for train in (tmp_path / "train.spacy", Corpus(tmp_path / "train.spacy")):
        assert tune(train=train).nlp.get_pipe("ner").model.to_bytes() == expected


def test_a_pipeline_without_ner_gets_one(base: Language):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    result = fine_tune(nlp, TRAIN, dev=DEV, max_steps=60, eval_frequency=10)
    assert result.nlp.pipe_names == ["sentencizer", "ner"]
    assert result.scores["ents_f"] > 0.3
    assert result.frozen_unchanged


def test_two_ners_need_a_name(tune: Run):
    nlp = spacy.blank("en")
    for name in ("people", "drinks"):
        nlp.add_pipe("ner", name=name, config={"model": {"tok2vec": tiny_tok2vec()}})
    train_known(nlp, epochs=3)
    with pytest.raises(spn.BasePipelineError, match="people, drinks"):
        tune(base=nlp)
    result = tune(base=nlp, component="drinks")
    assert result.component == "drinks"
    assert result.frozen_unchanged
    ours, theirs = result.nlp.get_pipe("people"), nlp.get_pipe("people")
    assert ours.to_bytes(exclude=["vocab"]) == theirs.to_bytes(exclude=["vocab"])


def test_a_component_that_is_no_ner_is_refused(tune: Run):
    with pytest.raises(spn.BasePipelineError, match=r"'tagger'.*not an NER"):
        tune(component="tagger")


def test_a_disabled_ner_is_enabled(tune: Run, base: Language, tmp_path):
    base.to_disk(tmp_path / "base")
    nlp = spacy.load(tmp_path / "base", disable=["ner"])
    assert "ner" in tune(base=nlp).nlp.pipe_names


def test_metrics_are_plain_json_with_the_promised_keys(tune: Run):
    metrics = json.loads(json.dumps(tune(retention_dev=KNOWN).to_dict(), allow_nan=False))
    assert set(metrics) == {
        "scores", "baseline_scores", "retention", "retention_mode", "per_label",
        "baseline_per_label", "stop", "history", "confusion", "timing", "memory",
        "frozen_unchanged", "date", "base", "versions", "component", "labels", "data", "settings",
    }  # fmt: skip
    counted = {"p", "r", "f", "support", "predicted"}
    for name in ("per_label", "baseline_per_label"):
        assert set(metrics[name]) == {"DRINK"}
        assert set(metrics[name]["DRINK"]) == counted
    for when in ("before", "after"):
        assert set(metrics["retention"][when]["per_label"]["PERSON"]) == counted
        assert set(metrics["confusion"][when]) == {"dev", "retention"}
    cell = metrics["confusion"]["after"]["dev"][0]
    assert set(cell) == {"gold", "predicted", "count", "exact"}
    assert set(metrics["stop"]) == {
        "reason", "explanation", "best_step", "last_step", "best_score"
    }  # fmt: skip
    assert set(metrics["timing"]) == {
        "read_s", "prepare_s", "train_s", "eval_s", "checkpoint_s", "total_s", "words_per_second"
    }  # fmt: skip
    assert set(metrics["memory"]) == {"peak_mb"}
    for row in metrics["history"]:
        expected = {"step", "epoch", "seconds", "loss", "ents_p", "ents_r", "ents_f"}
        assert set(row) >= {*expected, "ents_per_type.DRINK.f"}


def test_the_result_says_where_it_comes_from_and_the_file_has_no_date(
    tune: Run, monkeypatch: pytest.MonkeyPatch
):
    began = datetime.now(timezone.utc).replace(microsecond=0)
    result = tune(name="drinks")
    assert began <= datetime.fromisoformat(result.date) <= datetime.now(timezone.utc)
    assert result.base == {"lang": "en", "name": "tiny", "version": "0.0.0"}
    assert result.versions["spacy"] == spacy.__version__
    assert result.versions["spacy-pickled-ner"] == spn.__version__
    assert result.to_dict().items() >= {"date": result.date, "base": result.base}.items()
    monkeypatch.setattr(running, "now", lambda: "1999-12-31T23:59:59+00:00")
    later = tune(name="drinks")
    assert later.date.startswith("1999")
    assert spn.dumps(later.nlp) == spn.dumps(result.nlp)


def test_what_looks_wrong_with_the_data_is_logged(tune: Run, caplog: pytest.LogCaptureFixture):
    result = tune(dev=[*DEV[:3], TRAIN[0]], max_steps=1)
    assert "1 of 4 dev texts are also in the training data" in caplog.text
    assert "only 4 entities to score on" in caplog.text
    assert caplog.messages == result.data["warnings"]


def test_a_logger_by_its_name_is_refused_at_once():
    with pytest.raises(spn.SettingsError, match=r"logger='spacy.ConsoleLogger.v3' is not allowed"):
        spn.FineTuning(base="blank:en", train=TRAIN, logger="spacy.ConsoleLogger.v3")


def test_the_record_travels_in_the_meta(tune: Run, tmp_path):
    result = tune(name="drinks")
    record = result.nlp.meta["spacy_pickled_ner"]
    assert record["stop"]["best_step"] == result.best_step
    assert record["base"]["name"] == "tiny"
    assert "seconds" not in json.dumps(record["history"])
    result.dump(tmp_path / "model.pkl")
    assert spn.inspect(tmp_path / "model.pkl")["training"] == record
    assert spn.load(tmp_path / "model.pkl").meta["name"] == "drinks"
    again = tune(base=tmp_path / "model.pkl").nlp.meta["spacy_pickled_ner"]
    assert again["base"]["name"] == "drinks"
    assert again["previous"]["stop"] == record["stop"]


def test_fine_tuning_a_fine_tuned_file_again(tune: Run, tmp_path):
    tune().dump(tmp_path / "model.pkl")
    result = tune(base=tmp_path / "model.pkl", train=KNOWN, dev=KNOWN)
    assert set(result.nlp.get_pipe("ner").labels) == {"DRINK", "PERSON"}


def test_retention_can_be_monitored(tune: Run):
    policy = EarlyStopping(max_retention_drop=0.05, patience=2)
    result = tune(retention_dev=KNOWN, early_stopping=policy, max_steps=0)
    before, after = result.retention["before"]["ents_f"], result.retention["after"]["ents_f"]
    assert after >= before - 0.05


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 1.5}, "dropout"),
        ({"eval_frequency": -1}, "eval_frequency"),
        ({"retention": "magic"}, "retention"),
        ({"alignment_mode": "loose"}, "alignment_mode"),
        ({"dev_fraction": 0.0}, "dev_fraction"),
    ],
)
def test_settings_that_cannot_work_are_refused_first(settings, message):
    with pytest.raises(ValueError, match=message):
        fine_tune("no_such_base", "no_such_file.jsonl", **settings)


def test_an_unknown_metric_lists_those_there_are(tune: Run):
    with pytest.raises(spn.UnknownMetricError, match=r"ents_per_type\.DRINK\.f"):
        tune(early_stopping=EarlyStopping(monitor="ents_per_type.DRUNK.f"))


@pytest.mark.parametrize("name", ["no_such_package", "blank:xyzzy", "no/such/dir"])
def test_an_unknown_base(tune: Run, name):
    with pytest.raises(spn.BasePipelineError, match=name):
        tune(base=name)


def test_a_component_that_is_not_there_is_no_wish_for_a_second_ner(tune: Run):
    with pytest.raises(spn.BasePipelineError, match=r"no component 'nre'.*: ner"):
        tune(component="nre")


def test_a_label_that_looks_like_the_bases_is_a_warning(tune: Run):
    rows = [*TRAIN, ("Ada came home.", {"entities": [(0, 3, "person")]})]
    result = tune(train=rows, max_steps=1)
    assert any("person" in text and "PERSON" in text for text in result.data["warnings"])


def test_only_labels_that_the_base_found_count_as_known(tune: Run):
    dev = [*DEV, ("Ada came home.", {"entities": []})]
    nlp = spn.loads(spn.dumps(tune(max_steps=1).nlp))
    nlp.get_pipe("ner").add_label("NEVER_SEEN")
    result = tune(base=nlp, dev=dev, max_steps=1)
    assert set(result.retention["before"]["ents_per_type"]) == {"PERSON"}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"patience": 3}, TypeError, r"EarlyStopping\(patience"),
        ({"patients": 3}, TypeError, "no setting 'patients'"),
        ({"early_stopping": 3}, spn.SettingsError, "early_stopping"),
    ],
)
def test_slips_in_python(settings, error, message):
    with pytest.raises(error, match=message):
        fine_tune("blank:en", TRAIN, **settings)


def test_gradients_left_over_in_the_base_are_not_applied(base: Language):
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32, "upstream": "*"}
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tiny_tok2vec()})
    nlp.add_pipe("ner", config={"model": {"tok2vec": listener}})
    train_known(nlp, epochs=1)
    fresh = spn.loads(spn.dumps(nlp))
    assert any(
        node.has_grad(n) for node in nlp.get_pipe("tok2vec").model.walk() for n in node.grad_names
    )
    weights = {
        fine_tune(source, TRAIN, dev=DEV, max_steps=2).nlp.get_pipe("ner").to_bytes()
        for source in (nlp, fresh)
    }
    assert len(weights) == 1


def test_the_result_says_which_labels_are_taken_for_which(tune: Run):
    rows = [(text.replace("tea", "Ada"), gold) for text, gold in TRAIN]
    result = tune(train=rows, dev=[*DEV, ("I saw Ada.", {"entities": [(6, 9, "DRINK")]})])
    before, after = result.confusion["before"]["dev"], result.confusion["after"]["dev"]
    # The base takes what the data calls a drink for a person, and finds no other.
    assert {"gold": "DRINK", "predicted": "PERSON", "count": 1, "exact": 1} in before
    for cells, per_label in ((before, result.baseline_per_label), (after, result.per_label)):
        gold = sum(cell["count"] for cell in cells if cell["gold"] == "DRINK")
        predicted = sum(cell["count"] for cell in cells if cell["predicted"] == "DRINK")
        assert (gold, predicted) == tuple(per_label["DRINK"][n] for n in ("support", "predicted"))


def test_the_result_has_examples_of_right_and_wrong(tune: Run):
    wrong = ("Is Ada hot?", {"entities": [(3, 6, "DRINK")]})
    result = tune(dev=[*DEV, wrong])
    shown = result.examples["shown"]
    assert result.examples["source"] == "dev texts"
    assert result.examples["texts"] == len(shown) == len(DEV) + 1
    assert shown[-1]["text"] == wrong[0]
    (mark,) = (m for m in shown[-1]["entities"] if (m["start"], m["end"]) == (3, 6))
    assert mark["verdict"] in {"label", "missed", "right"}
    # The marks are those that were counted.
    verdicts = Counter(mark["verdict"] for row in shown for mark in row["entities"])
    scored = result.per_label["DRINK"]
    assert verdicts["right"] == scored["r"] * scored["support"]
    assert result.examples["mistaken"] == sum(
        any(mark["verdict"] not in ("right", "unjudged") for mark in row["entities"])
        for row in shown
    )
    assert wrong[0] not in json.dumps(result.to_dict())


def test_without_dev_data_the_examples_are_training_texts(tune: Run):
    policy = EarlyStopping(monitor="loss", patience=None)
    result = tune(dev=None, early_stopping=policy, max_steps=10)
    assert result.examples["source"] == "training texts"
    assert result.examples["texts"] == len(TRAIN)
    assert {row["text"] for row in result.examples["shown"]} <= {text for text, _ in TRAIN}


def test_confusion_of_what_the_base_knew(tune: Run):
    result = tune(retention_dev=KNOWN)
    support = sum(cell["count"] for cell in result.confusion["after"]["retention"] if cell["gold"])
    assert support == len(KNOWN)


def test_texts_are_annotated_once_before_training(tune: Run, monkeypatch: pytest.MonkeyPatch):
    annotated = []
    pipe = EntityRecognizer.pipe

    def counting(self, docs, **settings):
        docs = list(docs)
        annotated.append(len(docs))
        return pipe(self, docs, **settings)

    class Looker(TrainingListener):
        def on_step(self, step, epoch, loss):
            if step == 1:
                before.extend(annotated)

    before: list[int] = []

    def prepare(*args, **settings):
        made = retention.prepare(*args, **settings)
        return dataclasses.replace(made, annotate=partial(counting, made.ner))

    monkeypatch.setattr(running, "prepare", prepare)
    policy = EarlyStopping(max_retention_drop=0.5)
    dev = [*DEV, ("I saw Ada yesterday.", {"entities": []})]
    result = tune(dev=dev, early_stopping=policy, listener=Looker())
    assert before == [len(dev)]
    # One pass an evaluation for both scores, and one for the result.
    assert annotated == [len(dev)] * (len(result.history) + 1)


def test_the_result_says_where_time_and_memory_went(tune: Run):
    result = tune()
    parts = ("read_s", "prepare_s", "train_s", "eval_s", "checkpoint_s")
    assert 0 < sum(result.timing[part] for part in parts) <= result.timing["total_s"] + 0.01
    assert result.memory["peak_mb"] is None or 50 < result.memory["peak_mb"] < 100_000
