"""What is trained on in each epoch."""

from __future__ import annotations

import pytest
from spacy.language import Language
from spacy.training import Example

from spacy_pickled_ner import EarlyStopping, StopReason
from spacy_pickled_ner.ner.data.epochs import ShuffledEpochs, epoch_random
from spacy_pickled_ner.training.defaults import make_batcher

from ...conftest import TRAIN, Run


@pytest.fixture
def examples(base: Language) -> list[Example]:
    return [Example.from_dict(base.make_doc(text), gold) for text, gold in TRAIN]


def test_an_epoch_depends_on_seed_and_number_alone(examples: list[Example]):
    first, second = ShuffledEpochs(examples, seed=1), ShuffledEpochs(examples, seed=1)
    in_order = [first(number) for number in (1, 2, 3)]
    assert [second(number) for number in (3, 1, 2)] == [in_order[2], in_order[0], in_order[1]]
    assert in_order[0] != in_order[1]
    assert ShuffledEpochs(examples, seed=2)(1) != in_order[0]


def test_every_example_comes_once_an_epoch(examples: list[Example]):
    before = list(examples)
    epoch = ShuffledEpochs(examples, seed=0)(7)
    assert {id(example) for example in epoch} == {id(example) for example in before}
    assert examples == before


def test_each_purpose_has_random_numbers_of_its_own():
    drawn = [epoch_random(0, 1), epoch_random(0, 1, "other"), epoch_random(1, 1)]
    assert len({numbers.random() for numbers in drawn}) == 3
    # Written down, so that a change of orders, and with it of every run's result, is noticed.
    assert epoch_random(0, 1).random() == pytest.approx(0.4781536349241624)


def test_an_epoch_without_batches_ends_the_run(tune: Run):
    def no_batches(examples):
        return iter(())

    result = tune(batcher=no_batches, max_steps=0, early_stopping=EarlyStopping(patience=None))
    assert result.stop_reason is StopReason.DATA_EXHAUSTED
    assert (result.last_step, result.best_step) == (0, 0)


def test_data_that_ends_gives_pending_updates_their_evaluation(tune: Run):
    batcher = make_batcher()
    seen = []

    def one_epoch(examples):
        seen.append(1)
        return batcher(examples) if len(seen) < 2 else iter(())

    policy = EarlyStopping(patience=None)
    result = tune(batcher=one_epoch, max_steps=0, eval_frequency=1000, early_stopping=policy)
    assert result.stop_reason is StopReason.DATA_EXHAUSTED
    assert result.history[-1].step == result.last_step > 0
    assert result.history[-1].epoch == 1
