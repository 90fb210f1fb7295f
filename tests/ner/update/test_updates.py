"""Our updates give spaCy's losses, gradients and weights, and step aside where they cannot."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import SGD, Adam, NumpyOps, Optimizer, RAdam

import spacy_pickled_ner as spn
from spacy_pickled_ner.ner.data.gold import GoldExample
from spacy_pickled_ner.ner.update import FastUpdate, Updates, can_step, can_update, states

from ...conftest import KNOWN, TRAIN, Run, tiny_tok2vec

# Longer than any cut, so that the text is trained on in pieces; with an entity in most of them.
PARTS = TRAIN * 8
TEXTS = [text for text, _ in PARTS]
STARTS = numpy.cumsum([0, *(len(text) + 1 for text in TEXTS)]).tolist()
LONG = (
    " ".join(TEXTS),
    {
        "entities": [
            (start + begin, start + end, label)
            for start, (_, gold) in zip(STARTS, PARTS, strict=False)
            for begin, end, label in gold["entities"]
        ]
    },
)
# Words in one entity; whitespace; nothing known of the last words.
PERSON = ["B-PERSON", "I-PERSON", "I-PERSON", "L-PERSON"]
ODD = [
    ("Ada Lovelace of London saw Grace Brewster Murray Hopper .", [*PERSON, "O", *PERSON]),
    ("Tea \n with  milk", ["U-DRINK", "O", "O", "O", "U-DRINK"]),
    ("tea", ["U-DRINK"]),
]


def make_examples(nlp: Language) -> list[Example]:
    rows = [*TRAIN, *KNOWN, LONG]
    examples = [Example.from_dict(nlp.make_doc(text), gold) for text, gold in rows]
    for text, tags in ODD:
        doc = nlp.make_doc(text)
        tags = [*tags, *["-"] * len(doc)][: len(doc)]
        examples.append(Example.from_dict(doc, {"entities": tags}))
    # Sentences that an entity must not cross.
    examples[-3].predicted[4].is_sent_start = True
    examples.append(Example(nlp.make_doc(""), nlp.make_doc("")))
    return [GoldExample.of(example) for example in examples]


@pytest.fixture
def no_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is dropped between the layers of a step, where spaCy ignores the rate it is given."""
    monkeypatch.setattr(numpy.random, "uniform", lambda low, high, shape: numpy.ones(shape))
    kept = numpy.float32(1 / (1 - states.STATE_DROPOUT))
    monkeypatch.setattr(
        states, "dropout_mask", lambda shape, rate: numpy.full(shape, kept, dtype="float32")
    )


def stock_update(nlp: Language, examples: list[Example]) -> float:
    losses: dict[str, float] = {}
    nlp.get_pipe("ner").update(examples, losses=losses)
    return losses["ner"]


def fast_update(nlp: Language, examples: list[Example]) -> float:
    ner = nlp.get_pipe("ner")
    update = FastUpdate(ner, dropout=0.0)
    loss = update(examples)
    assert loss is not None
    for table in update.tables:
        table.give_gradient()
    return loss


def gradients(nlp: Language, update: Callable[..., float]) -> tuple[float, dict[str, Any]]:
    nlp.get_pipe("ner").add_label("DRINK")
    random.seed(1)
    loss = update(nlp, make_examples(nlp))
    nodes = enumerate(nlp.get_pipe("ner").model.walk())
    return loss, {
        f"{index} {node.name} {name}": node.get_grad(name).copy()
        for index, node in nodes
        for name in node.param_names
        if node.has_grad(name)
    }


def assert_same_gradients(data: bytes, change: Callable[[Language], object] = id) -> None:
    found = []
    for update in (stock_update, fast_update):
        nlp = spn.loads(data)
        change(nlp)
        found.append(gradients(nlp, update))
    (expected_loss, expected), (loss, ours) = found
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert ours.keys() == expected.keys()
    for name, gradient in expected.items():
        scale = numpy.abs(gradient).max()
        numpy.testing.assert_allclose(ours[name], gradient, atol=1e-4 * scale, err_msg=name)


@pytest.mark.usefixtures("no_masks")
@pytest.mark.parametrize("cut", [0, 5, 100])
def test_losses_and_gradients_are_those_of_spacy(base: Language, cut: int):
    def set_cut(nlp: Language) -> None:
        nlp.get_pipe("ner").cfg["update_with_oracle_cut_size"] = cut

    assert_same_gradients(spn.dumps(base), set_cut)


def make_ner(*, tok2vec: dict[str, Any] | None = None, factory: str = "ner", **model: Any):
    nlp = spacy.blank("en")
    config = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 16,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": tok2vec or tiny_tok2vec(),
    }
    nlp.add_pipe(factory, name="ner", config={"model": {**config, **model}})
    nlp.initialize(lambda: make_examples(nlp))
    # The output layer begins with zeros, which would hide most gradients.
    upper = nlp.get_pipe("ner").model.get_ref("upper")
    if upper.has_param("W"):
        W = upper.get_param("W")
        upper.set_param("W", numpy.random.RandomState(0).normal(size=W.shape).astype("float32"))
    return nlp


ARCHITECTURES = {
    "deeper": {**tiny_tok2vec(), "depth": 3, "window_size": 2, "maxout_pieces": 3},
    "one attribute": {**tiny_tok2vec(), "subword_features": False},
    "other embedding": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.CharacterEmbed.v2",
            "width": 32,
            "rows": 100,
            "nM": 4,
            "nC": 4,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MishWindowEncoder.v2",
            "width": 32,
            "window_size": 1,
            "depth": 1,
        },
    },
}


@pytest.mark.usefixtures("no_masks")
@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_every_tok2vec(kind: str):
    nlp = make_ner(tok2vec=ARCHITECTURES[kind])
    is_usual = kind in ("deeper", "one attribute")
    assert (FastUpdate(nlp.get_pipe("ner"), dropout=0.0).tok2vec is not None) == is_usual
    assert_same_gradients(spn.dumps(nlp))


@pytest.mark.usefixtures("no_masks")
def test_static_vectors():
    nlp = spacy.blank("en")
    nlp.vocab.set_vector("tea", numpy.ones(8, dtype="float32"))
    nlp.add_pipe(
        "ner", config={"model": {"tok2vec": {**tiny_tok2vec(), "pretrained_vectors": True}}}
    )
    nlp.initialize(lambda: make_examples(nlp))
    assert_same_gradients(spn.dumps(nlp))


@pytest.mark.usefixtures("no_masks")
@pytest.mark.parametrize(
    ("make_optimizer", "is_plain_adam"),
    [
        (lambda: Adam(0.001, L2=0.01), True),
        (lambda: Adam([0.003, 0.002, 0.001], use_averages=False), True),
        (lambda: Adam(0.001, L2=0.01, L2_is_weight_decay=False), False),
        (lambda: RAdam(0.001), False),
        (lambda: SGD(0.001), False),
    ],
)
def test_losses_stay_together(
    base: Language, make_optimizer: Callable[[], Optimizer], is_plain_adam: bool
):
    sides: list[list[float]] = []
    for is_stock in (True, False):
        nlp, optimizer = spn.loads(spn.dumps(base)), make_optimizer()
        ner, examples = nlp.get_pipe("ner"), make_examples(nlp)
        ner.add_label("DRINK")
        assert can_step(ner.model, optimizer) == is_plain_adam
        updates = Updates(ner, optimizer, dropout=0.0)
        random.seed(1)
        losses: list[float] = []
        for step in range(25):
            batch = examples[step % 3 :: 3]
            if is_stock:
                losses.append(stock_update(nlp, batch))
                ner.finish_update(optimizer)
                optimizer.step_schedules()
            else:
                losses.append(updates.update(batch))
                updates.step()
        sides.append(losses)
    ours, stock = numpy.cumsum(sides[1]), numpy.cumsum(sides[0])
    numpy.testing.assert_allclose(ours, stock, rtol=1e-3)


def test_texts_without_annotation_change_nothing(base: Language):
    nlp = spn.loads(spn.dumps(base))
    doc = nlp.make_doc("Nothing is known here.")
    update = FastUpdate(nlp.get_pipe("ner"), dropout=0.0)
    assert update([Example(doc, doc.copy())]) == 0.0
    assert not any(table.take_gradient() for table in update.tables)


def preset_entity(example: Example) -> None:
    example.predicted.ents = [Span(example.predicted, 0, 1, "PERSON")]


def unknown_label(example: Example) -> None:
    example.reference.ents = [Span(example.reference, 0, 1, "UNHEARD")]


@pytest.mark.usefixtures("no_masks")
@pytest.mark.parametrize("change", [preset_entity, unknown_label])
def test_unusual_batches_are_left_to_spacy(base: Language, change: Callable[[Example], None]):
    sides = []
    for is_stock in (True, False):
        nlp, optimizer = spn.loads(spn.dumps(base)), Adam(0.005)
        ner, examples = nlp.get_pipe("ner"), make_examples(nlp)
        ner.add_label("DRINK")
        change(examples[1])
        updates = Updates(ner, optimizer, dropout=0.0)
        random.seed(1)
        losses = []
        for batch in (examples[2:], examples[:2], examples[2:]):
            if is_stock:
                losses.append(stock_update(nlp, batch))
                ner.finish_update(optimizer)
            else:
                losses.append(updates.update(batch))
                updates.step()
        sides.append(losses)
    numpy.testing.assert_allclose(sides[1], sides[0], rtol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [{"factory": "beam_ner"}, {"use_upper": False}, {"maxout_pieces": 1}],
    ids=["beam", "no upper layer", "no maxout"],
)
def test_other_kinds_of_ner_are_updated_by_their_own_method(tune: Run, settings: dict[str, Any]):
    nlp = make_ner(**settings)
    assert not can_update(nlp.get_pipe("ner"))
    result = tune(base=nlp, max_steps=5)
    assert result.history[-1].loss > 0


class OtherOps(NumpyOps):
    """As good as a GPU's: not numpy's own."""

    name = "other"


def test_other_ops_are_left_to_thinc(base: Language):
    nlp = spn.loads(spn.dumps(base))
    ner = nlp.get_pipe("ner")
    for node in ner.model.walk():
        node.ops = OtherOps()
    assert not can_update(ner)
    assert not can_step(ner.model, Adam(0.001))
    updates = Updates(ner, Adam(0.001), dropout=0.1)
    assert updates.update(make_examples(nlp)) > 0
    before = ner.model.get_ref("upper").get_param("b").copy()
    updates.step()
    assert updates.waiting() == {}
    assert (ner.model.get_ref("upper").get_param("b") != before).any()


def test_gold_is_worked_out_once(base: Language):
    example = make_examples(base)[0]
    assert isinstance(example, GoldExample)
    plain = Example(example.predicted, example.reference)
    assert example.get_aligned_ner() == plain.get_aligned_ner()
    assert example.get_aligned_ents_and_ner() is example.get_aligned_ents_and_ner()
    whole = [example.predicted[:]]
    assert [span.text for span in example.get_aligned_spans_x2y(whole)] == [
        span.text for span in plain.get_aligned_spans_x2y(whole)
    ]
    part = [example.predicted[1:2]]
    assert example.get_aligned_spans_x2y(part)[0].text == example.predicted[1].text
