"""Spans that cut tokens, read by a run: whose alignment mode it is that counts."""

from __future__ import annotations

from pathlib import Path

import pytest

import spacy_pickled_ner as spn
from spacy_pickled_ner import fine_tune
from spacy_pickled_ner.annotations import AnnotatedCorpus
from spacy_pickled_ner.training import TrainingListener
from spacy_pickled_ner.training.checkpoint import keeper

from ..conftest import DEV, Run, write_jsonl


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Texts whose only span ends inside of a token."""
    spans = [{"start": 7, "end": 13, "label": "DRINK"}]
    texts = ("I like hot cocoa.", "I love hot coffee.", "I want hot cola.", "I make hot corn.")
    return write_jsonl(tmp_path / "cut.jsonl", [{"text": t, "spans": spans} for t in texts])


class Losses(TrainingListener):
    def __init__(self):
        self.heard = []

    def on_step(self, step, epoch, loss):
        self.heard.append(loss)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_corpus_with_a_mode_of_its_own_keeps_it(tune: Run, cut: Path, streamed: bool):
    """Without it, no span could be used at all."""
    corpus, losses = AnnotatedCorpus(cut, alignment_mode="expand"), Losses()
    result = tune(train=corpus, stream=streamed, max_steps=1, listener=losses)
    assert result.settings["alignment_mode"] == "expand"
    docs = list(corpus(result.nlp))
    same = Losses()
    tune(train=docs, max_steps=1, listener=same)
    assert losses.heard == pytest.approx(same.heard)


def test_so_does_the_part_that_is_split_off(tune: Run, cut: Path):
    corpus = AnnotatedCorpus(cut, alignment_mode="expand")
    result = tune(train=corpus, dev=None, dev_fraction=0.5, max_steps=1)
    assert result.per_label["DRINK"]["support"] == 2


@pytest.mark.parametrize("part", ["train", "dev", "retention_dev"])
def test_each_part_has_its_own(tune: Run, cut: Path, part: str):
    if part == "retention_dev":  # gold of what the base knows
        cut.write_text(cut.read_text(encoding="utf-8").replace("DRINK", "PERSON"), encoding="utf-8")
    with pytest.raises(spn.AnnotationError, match="do not match the tokens"):
        tune(**{part: AnnotatedCorpus(cut)}, max_steps=1)
    result = tune(**{part: AnnotatedCorpus(cut, alignment_mode="expand")}, max_steps=1)
    assert result.data[part]["unusable"] == 0


def test_a_corpus_without_one_takes_the_runs(tune: Run, cut: Path):
    result = tune(train=AnnotatedCorpus(cut), alignment_mode="contract", dev=DEV, max_steps=1)
    assert result.data["train"]["misaligned"] == 4


@pytest.mark.parametrize("part", ["train", "dev", "retention_dev"])
def test_two_that_differ_are_refused(cut: Path, part: str):
    data = {"train": DEV, part: AnnotatedCorpus(cut, alignment_mode="strict")}
    with pytest.raises(spn.SettingsError, match=f"'strict', the mode of the corpus for {part}"):
        fine_tune("blank:en", alignment_mode="expand", **data)


def test_another_mode_is_another_run(
    tune: Run, cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def run(mode):
        corpus = AnnotatedCorpus(cut, alignment_mode=mode)
        return tune(train=corpus, checkpoint_dir=tmp_path / "run", listener=Impatient())

    class Impatient(TrainingListener):
        def on_step(self, step, epoch, loss):
            if step == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(keeper, "BUDGET", 1e9)
    run("expand")
    with pytest.raises(spn.PickledNerError, match=r'alignment_mode was .*"train": "expand"'):
        run("contract")
