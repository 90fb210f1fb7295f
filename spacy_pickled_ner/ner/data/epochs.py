"""The texts of an epoch: a pure function of its number.

So a run can resume in any epoch without the epochs before it. `ShuffledEpochs` only shuffles;
`MixedEpochs` mixes a new sample of raw texts into the gold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from spacy.training import Example


class Epochs(Protocol):
    """Returns the examples of each epoch."""

    def __call__(self, epoch: int) -> Iterable[Example]:
        """Return the examples of an epoch, in training order.

        epoch (int): Its number, from 1.
        RETURNS (Iterable[Example]): The same examples in the same order for each call. An empty
            epoch ends the run.
        """


class ShuffledEpochs:
    """Each epoch has all examples, in a new order.

    examples (Sequence[Example]): The training data.
    seed (int): The same seed gives the same order.
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
    """Create the random generator of an epoch.

    seed (int): Seed of the run.
    epoch (int): Number of the epoch.
    purpose (str): Each purpose gets its own generator.
    RETURNS (Random): The same numbers for the same arguments, on every machine.
    """
    return random.Random(f"{seed}/{epoch}/{purpose}")  # noqa: S311


Vary = Callable[[Example, random.Random], Example]


def as_it_is(example: Example, rng: random.Random) -> Example:  # noqa: ARG001
    """Return the text unchanged."""
    return example


class MixedEpochs:
    """Each epoch has all gold, and a sample of raw texts by number of words.

    gold (Sequence[Example]): The training data.
    replayed (Sequence[Example]): Texts to sample from, without replacement, for each epoch.
    ratio (float): Words of replayed texts per word of gold.
    vary_gold, vary_replayed (Callable[[Example, Random], Example]): Vary a text for an epoch.
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
