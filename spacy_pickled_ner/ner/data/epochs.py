"""What an epoch trains on: a pure function of its number.

So a run can go on in the middle without having been through the epochs before, and whatever mixes
or samples anew for each epoch can be put in the place of the plain shuffling here. `MixedEpochs`
puts a fresh sample of raw texts among the gold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
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


Vary = Callable[[Example, random.Random], Example]


def as_it_is(example: Example, rng: random.Random) -> Example:  # noqa: ARG001
    """Train on a text as it is."""
    return example


class MixedEpochs:
    """All gold once an epoch, and as many words of replayed texts as the ratio says.

    gold (Sequence[Example]): The training data.
    replayed (Sequence[Example]): What to draw from, anew for each epoch and each text at most once.
    ratio (float): Words of replayed texts for each word of gold.
    vary_gold, vary_replayed (Callable[[Example, Random], Example]): Make of each text what is
        trained on in this epoch.
    seed (int): The same seed gives the same epochs.
    """

    def __init__(
        self,
        gold: Sequence[Example],
        replayed: Sequence[Example],
        *,
        ratio: float,
        vary_gold: Vary,
        vary_replayed: Vary,
        seed: int,
    ):
        self._gold = gold
        self._replayed = replayed
        self._words = ratio * sum(len(example.predicted) for example in gold)
        self._vary_gold = vary_gold
        self._vary_replayed = vary_replayed
        self._seed = seed

    def __call__(self, epoch: int) -> list[Example]:
        """See `Epochs`."""
        numbers = list(range(len(self._replayed)))
        epoch_random(self._seed, epoch, "replay").shuffle(numbers)
        varying = epoch_random(self._seed, epoch, "vary")
        examples = [self._vary_gold(example, varying) for example in self._gold]
        left = self._words
        for number in numbers:
            if left <= 0:
                break
            examples.append(self._vary_replayed(self._replayed[number], varying))
            left -= len(self._replayed[number].predicted)
        epoch_random(self._seed, epoch).shuffle(examples)
        return examples
