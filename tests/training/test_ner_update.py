"""The stacked update gives spaCy's losses and gradients, and steps aside where it cannot."""

from __future__ import annotations

import random

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Adam

import spacy_pickled_ner as spn
from spacy_pickled_ner.training import ner_update
from spacy_pickled_ner.training.gold import GoldExample
from spacy_pickled_ner.training.ner_update import can_stack_steps, update_stacked, update_stock

from ..conftest import tiny_tok2vec
from .conftest import KNOWN, TRAIN, Run

# Longer than any cut, so that the text is trained on in pieces.
LONG = (" ".join(text for text, _ in TRAIN * 6), {"entities": []})


def make_examples(nlp: Language) -> list[Example]:
    rows = [*TRAIN, *KNOWN, LONG]
    examples = (Example.from_dict(nlp.make_doc(text), gold) for text, gold in rows)
    return [GoldExample.of(example) for example in examples]


def gradients(nlp: Language, update, *, dropout: float) -> tuple[float, dict[str, numpy.ndarray]]:
    ner = nlp.get_pipe("ner")
    ner.add_label("DRINK")
    random.seed(1)
    numpy.random.seed(1)
    loss = update(ner, make_examples(nlp), dropout=dropout)
    found = {}
    for index, node in enumerate(ner.model.walk()):
        for name in node.param_names:
            if node.has_grad(name):
                found[f"{index} {node.name} {name}"] = node.get_grad(name).copy()
    return loss, found


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_losses_and_gradients_are_those_of_spacy(base: Language, dropout: float):
    data = spn.dumps(base)
    assert can_stack_steps(spn.loads(data).get_pipe("ner"))
    expected_loss, expected = gradients(spn.loads(data), update_stock, dropout=dropout)
    loss, found = gradients(spn.loads(data), update_stacked, dropout=dropout)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        scale = numpy.abs(gradient).max()
        numpy.testing.assert_allclose(found[name], gradient, atol=1e-4 * scale, err_msg=name)


def test_losses_stay_together_over_many_updates(base: Language):
    losses = []
    for update in (update_stock, update_stacked):
        nlp = spn.loads(spn.dumps(base))
        ner, optimizer, examples = nlp.get_pipe("ner"), Adam(0.001), make_examples(nlp)
        ner.add_label("DRINK")
        random.seed(1)
        numpy.random.seed(1)
        losses.append([])
        for _ in range(20):
            losses[-1].append(update(ner, examples, dropout=0.0))
            ner.finish_update(optimizer)
    numpy.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)


@pytest.mark.parametrize("cut", [0, 5])
def test_every_oracle_cut_size(base: Language, cut: int):
    data = spn.dumps(base)
    results = []
    for update in (update_stock, update_stacked):
        nlp = spn.loads(data)
        nlp.get_pipe("ner").cfg["update_with_oracle_cut_size"] = cut
        results.append(gradients(nlp, update, dropout=0.0)[0])
    assert results[1] == pytest.approx(results[0], rel=1e-5)


def test_texts_without_annotation_change_nothing(base: Language):
    nlp = spn.loads(spn.dumps(base))
    doc = nlp.make_doc("Nothing is known here.")
    assert update_stacked(nlp.get_pipe("ner"), [Example(doc, doc.copy())], dropout=0.0) == 0.0


def make_odd_ner(kind: str) -> Language:
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 16,
        "maxout_pieces": 1 if kind == "no maxout" else 2,
        "use_upper": kind != "no upper layer",
        "tok2vec": tiny_tok2vec(),
    }
    factory = "beam_ner" if kind == "beam" else "ner"
    nlp.add_pipe(factory, name="ner", config={"model": model})
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


@pytest.mark.parametrize("kind", ["beam", "no upper layer", "no maxout"])
def test_other_kinds_of_ner_are_updated_by_their_own_method(tune: Run, kind: str):
    nlp = make_odd_ner(kind)
    assert not can_stack_steps(nlp.get_pipe("ner"))
    result = tune(base=nlp, max_steps=5)
    assert result.history[-1].loss > 0


def test_the_fallback_trains_as_well(tune: Run, monkeypatch: pytest.MonkeyPatch):
    stacked = tune()
    monkeypatch.setattr(ner_update, "can_stack_steps", lambda ner: False)
    stock = tune()
    ours, theirs = ([row.loss for row in run.history[1:3]] for run in (stacked, stock))
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-3)


def test_gold_is_worked_out_once(base: Language):
    example = make_examples(base)[0]
    plain = Example(example.predicted, example.reference)
    assert example.get_aligned_ner() == plain.get_aligned_ner()
    assert example.get_aligned_ents_and_ner() is example.get_aligned_ents_and_ner()
    whole = [example.predicted[:]]
    assert [span.text for span in example.get_aligned_spans_x2y(whole)] == [
        span.text for span in plain.get_aligned_spans_x2y(whole)
    ]
    part = [example.predicted[1:2]]
    assert example.get_aligned_spans_x2y(part)[0].text == example.predicted[1].text
