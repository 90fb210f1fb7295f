"""What an epoch trains on: a pure function of its number.

So a run can go on in the middle without having been through the epochs before, and whatever mixes
or samples anew for each epoch can be put in the place of the plain shuffling here.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Protocol

from spacy.training import Example


class Epochs(Protocol):
    """Gives the examples of each epoch; made with a seed."""

    def __call__(self, epoch: int) -> Iterable[Example]:
        """Give an epoch's examples in the order in which they are trained on.

        epoch (int): Its number, from 1.
        RETURNS (Iterable[Example]): The same, in the same order, whenever it is asked for; none
            ends the run.
        """


class ShuffledEpochs:
    """All examples once an epoch, each time in another order.

    examples (Sequence[Example]): The training data.
    seed (int): The same seed gives the same orders.
    """

    def __init__(self, examples: Sequence[Example], *, seed: int):
        self._examples = examples
        self._seed = seed

    def __call__(self, epoch: int) -> list[Example]:
        """See `Epochs`."""
        examples = list(self._examples)
        epoch_random(self._seed, epoch).shuffle(examples)
        return examples


def epoch_random(seed: int, epoch: int, purpose: str = "order") -> random.Random:
    """Make the random numbers of one epoch.

    seed (int): The run's.
    epoch (int): The epoch's number.
    purpose (str): What they are for: each has numbers of its own.
    RETURNS (Random): The same numbers for the same three, on every machine.
    """
    return random.Random(f"{seed}/{epoch}/{purpose}")  # noqa: S311
