"""Hold the weights near the base's while one NER learns something new.

After every update each weight goes a small part of the way back to where it was in the base: weight
decay towards the start in place of zero ("L2-SP", Li et al. 2018). Adam moves all weights about
equally far, whether they matter or not; so what has no lasting reason to move stays where texts
need it that are not among those replayed. Output rows of new labels have nothing to go back to.
"""

from __future__ import annotations

from collections.abc import Collection

from spacy.pipeline import EntityRecognizer

from ..unseen import class_names, output_rows

# Updates between two pulls: the embedding tables have to be brought up to date for each.
EVERY = 16


class Anchor:
    """Pulls an NER's weights back to where they are when this is made.

    ner (EntityRecognizer): The NER, with its new labels added.
    free (Collection[str]): Labels whose rows of the output are not pulled.
    rate (float): How much of the way they go back for each update.
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
        """Whether it pulls after this update; all weights have to be up to date then."""
        return step % EVERY == 0

    def pull(self) -> None:
        """Let the weights go back a part of the way."""
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
