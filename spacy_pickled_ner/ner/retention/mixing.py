"""An epoch of gold, with a fresh sample of raw texts among it, each text varied anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from spacy.training import Example

from ..data.epochs import epoch_random

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
