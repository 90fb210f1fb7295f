"""Pull the weights of an NER towards those of the base during training.

After every update, each weight moves a small part of the way back to its value in the base: weight
decay towards the start instead of zero ("L2-SP", Li et al. 2018). Adam moves all weights about
equally far, needed or not. The pull keeps weights that need not move, so that texts which are not
replayed keep their predictions. Output rows of new labels are not pulled.
"""

from __future__ import annotations

from collections.abc import Collection

from spacy.pipeline import EntityRecognizer

from ..unseen import class_names, output_rows

# Updates between two pulls. Each pull first needs all embedding tables up to date.
EVERY = 16


class Anchor:
    """Pulls the weights of an NER back to their values at creation.

    ner (EntityRecognizer): The NER, with its new labels added.
    free (Collection[str]): Labels whose output rows are not pulled.
    rate (float): The part of the way back per update, 0 to 1.
    """

    def __init__(self, ner: EntityRecognizer, *, free: Collection[str], rate: float):
        self._model = ner.model
        self._rate = 1 - (1 - rate) ** EVERY
        self._start = {
            (node.id, name): node.get_param(name).copy()
            for node in ner.model.walk()
            for name in node.param_names
            if node.has_param(name)
        }
        names = class_names(ner)
        self._free = [number for number, name in enumerate(names) if name[2:] in free]

    def is_due(self, step: int) -> bool:
        """Return True if a pull is due after this update. All weights must be up to date then."""
        return step % EVERY == 0

    def pull(self) -> None:
        """Pull the weights back."""
        rows = output_rows(self._model)
        free = {name: values[self._free].copy() for name, values in rows.items()}
        for node in self._model.walk():
            for name in node.param_names:
                start = self._start.get((node.id, name))
                if start is not None:
                    weights = node.get_param(name)
                    weights += self._rate * (start - weights)
        for name, values in rows.items():
            values[self._free] = free[name]
