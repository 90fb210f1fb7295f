"""Our Adam does what thinc's does, with rows that wait."""

from __future__ import annotations

import numpy
import pytest
from thinc.api import Adam, HashEmbed, Linear, Model, Optimizer, chain

from spacy_pickled_ner.ner.update.adam import FastAdam
from spacy_pickled_ner.ner.update.tables import Table

ROWS, WIDTH, STEPS = 40, 8, 150


def make_model() -> tuple[Model, Model, Model]:
    table, dense = HashEmbed(WIDTH, ROWS, seed=1), Linear(3, WIDTH)
    model = chain(table, dense).initialize()
    random = numpy.random.RandomState(0)
    dense.set_param("W", random.normal(size=(3, WIDTH)).astype("float32"))
    table.set_param("E", random.normal(size=(ROWS, WIDTH)).astype("float32"))
    return model, table, dense


def draw_gradients(step: int) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Some rows with gradients from large ones to such that Adam's eps matters; and the rest's."""
    random = numpy.random.RandomState(step)
    # The last rows never have a gradient, and others seldom.
    rows = random.choice((ROWS - 5) // (1 + step % 3), size=3, replace=False)
    scale = 10.0 ** random.randint(-9, 1, size=(3, WIDTH))
    values = (random.normal(size=(3, WIDTH)) * scale).astype("float32")
    return rows[:, None], values, random.normal(size=(3, WIDTH)).astype("float32")


def train_stock(optimizer: Optimizer) -> tuple[Model, Optimizer]:
    model, table, dense = make_model()
    for step in range(STEPS):
        rows, values, d_dense = draw_gradients(step)
        d_table = numpy.zeros((ROWS, WIDTH), dtype="float32")
        d_table[rows.ravel()] = values
        table.inc_grad("E", d_table)
        dense.inc_grad("W", d_dense)
        model.finish_update(optimizer)
        optimizer.step_schedules()
    return model, optimizer


def train_ours(optimizer: Optimizer) -> tuple[Model, Optimizer]:
    model, node, dense = make_model()
    table = Table(node)
    adam = FastAdam(model, [table], optimizer)
    for step in range(STEPS):
        rows, values, d_dense = draw_gradients(step)
        table.look_up(rows.astype("int32"))
        table.add_gradient(rows, values)
        dense.inc_grad("W", d_dense)
        adam.step()
        optimizer.step_schedules()
        assert adam.is_settled == (not (step + 1) % 64)
    adam.settle()
    assert adam.is_settled
    return model, optimizer


def falling() -> list[float]:
    return [0.01 / (1 + step / 50) for step in range(STEPS)]


@pytest.mark.parametrize(
    "settings",
    [
        {"L2": 0.01},
        {"L2": 0.0, "grad_clip": 0.0},
        {"use_averages": False, "beta1": 0.8, "beta2": 0.9999},
        {"learn_rate": falling},
    ],
)
def test_weights_momenta_and_averages_are_thincs(settings: dict):
    sides = []
    for train in (train_stock, train_ours):
        rate = settings.get("learn_rate", 0.01)
        given = {**settings, "learn_rate": rate() if callable(rate) else rate}
        sides.append(train(Adam(**given)))
    (stock, stock_optimizer), (ours, our_optimizer) = sides
    for node, our_node in zip(stock.walk(), ours.walk(), strict=True):
        for name in node.param_names:
            key, our_key = (node.id, name), (our_node.id, name)
            arrays = [(node.get_param(name), our_node.get_param(name))]
            for kind in ("mom1", "mom2", "averages"):
                state, our_state = (getattr(o, kind) for o in (stock_optimizer, our_optimizer))
                if state and key in state:
                    arrays.append((state[key], our_state[our_key]))
            for expected, found in arrays:
                numpy.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)
            assert stock_optimizer.nr_update.get(key) == our_optimizer.nr_update.get(our_key)


def test_a_second_batch_before_the_step_is_added():
    table = Table(make_model()[1])
    ones = numpy.ones((2, WIDTH), dtype="float32")
    table.add_gradient(numpy.array([[1, 2], [2, 2]], dtype="int32"), ones)
    table.add_gradient(numpy.array([[2, 3], [7, 7]], dtype="int32"), ones)
    rows, gradient = table.take_gradient()
    assert rows.tolist() == [1, 2, 3, 7]
    assert gradient[:, 0].tolist() == [1, 4, 1, 2]
    assert table.take_gradient() is None
