"""Updates of an NER: gradients of a batch, and the optimizer's step.

Both use our fast code if it supports model and optimizer, else spaCy's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray
from spacy.pipeline import EntityRecognizer
from spacy.training import Example
from thinc.api import Optimizer

from . import FastAdam, FastUpdate, can_step, can_update


class Updates:
    """Updates one NER.

    ner (EntityRecognizer): The component.
    optimizer (Optimizer): Updates its weights, and stores the state.
    dropout (float): Dropout rate of its layers.
    """

    def __init__(self, ner: EntityRecognizer, optimizer: Optimizer, *, dropout: float):
        self.ner, self.optimizer, self.dropout = ner, optimizer, dropout
        self._fast = FastUpdate(ner, dropout=dropout) if can_update(ner) else None
        self._tables = self._fast.tables if self._fast else ()
        self._adam = (
            FastAdam(ner.model, self._tables, optimizer) if can_step(ner.model, optimizer) else None
        )

    def update(self, examples: Sequence[Example]) -> float:
        """Add to the gradients.

        RETURNS (float): The summed loss.
        """
        loss = self._fast(examples) if self._fast else None
        if loss is None:
            self.settle()
            losses: dict[str, float] = {}
            self.ner.update(examples, drop=self.dropout, losses=losses)
            for table in self._tables:
                table.collect_gradient()
            if self._adam is not None:
                self._adam.list_params()
            loss = losses.get(self.ner.name, 0.0)
        return float(loss)

    def step(self) -> None:
        """Update the weights, clear the gradients, and advance the schedules."""
        if self._adam is not None:
            self._adam.step()
        else:
            for table in self._tables:
                table.give_gradient()
            self.ner.finish_update(self.optimizer)
        self.optimizer.step_schedules()

    def settle(self) -> None:
        """Bring all weights and the optimizer up to date, before anything else reads them."""
        if self._adam is not None:
            self._adam.settle()

    def waiting(self) -> dict[str, NDArray[Any]]:
        """Return the state besides weights and optimizer."""
        return {} if self._adam is None else self._adam.waiting()

    def restore_waiting(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the state of `waiting` from another run, with its weights and optimizer."""
        if self._adam is not None:
            self._adam.restore_waiting(state)
