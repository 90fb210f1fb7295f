"""What multiplies matrices is the user's choice, and is put back after training."""

from __future__ import annotations

import numpy
import pytest
from spacy.language import Language

from spacy_pickled_ner import machine as blas
from spacy_pickled_ner.errors import SettingsError
from spacy_pickled_ner.machine import use_blas

from .conftest import Run


@pytest.mark.parametrize("chosen", ["numpy", "blis"])
def test_the_choice_holds_for_the_run_and_is_put_back(base: Language, chosen: str):
    model = base.get_pipe("ner").model
    before = [node.ops.use_blis for node in model.walk()]
    with use_blas(model, chosen):
        assert all(node.ops.use_blis == (chosen == "blis") for node in model.walk())
    assert [node.ops.use_blis for node in model.walk()] == before


def test_threads_are_put_back_even_after_an_error(base: Language):
    functions = blas._thread_functions()
    if functions is None:
        pytest.skip("numpy has another BLAS than OpenBLAS")
    get_threads, _ = functions
    before = get_threads()
    seen = []

    def fail() -> None:
        with use_blas(base.get_pipe("ner").model, threads=before + 1):
            seen.append(get_threads())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [before + 1]
    assert get_threads() == before


def test_the_choice_changes_no_more_than_rounding(tune: Run):
    losses = [
        [row.loss for row in tune(max_steps=10, **settings).history[1:]]
        for settings in ({}, {"blas": "blis"}, {"threads": 2})
    ]
    numpy.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    numpy.testing.assert_allclose(losses[2], losses[0], rtol=1e-4)


@pytest.mark.parametrize("settings", [{"threads": 0}, {"blas": "magic"}])
def test_settings_that_cannot_work_are_refused(tune: Run, settings: dict[str, object]):
    with pytest.raises(SettingsError, match=next(iter(settings))):
        tune(**settings)
