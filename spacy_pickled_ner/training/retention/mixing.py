"""An epoch of gold, some mentions swapped, with a fresh sample of raw texts among it."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.training import Example

from ..augmentation import MentionSwapper
from ..epochs import epoch_random


class MixedEpochs:
    """All gold once an epoch, and as many words of replayed texts as the ratio says.

    gold (Sequence[Example]): The training data.
    replayed (Sequence[Example]): What to draw from, anew for each epoch and each text at most once.
    ratio (float): Words of replayed texts for each word of gold.
    swap (MentionSwapper): Replaces mentions of gold.
    seed (int): The same seed gives the same epochs.
    """

    def __init__(
        self,
        gold: Sequence[Example],
        replayed: Sequence[Example],
        *,
        ratio: float,
        swap: MentionSwapper,
        seed: int,
    ):
        self._gold = gold
        self._replayed = replayed
        self._words = ratio * sum(len(example.predicted) for example in gold)
        self._swap = swap
        self._seed = seed

    def __call__(self, epoch: int) -> list[Example]:
        """See `Epochs`."""
        numbers = list(range(len(self._replayed)))
        epoch_random(self._seed, epoch, "replay").shuffle(numbers)
        swapping = epoch_random(self._seed, epoch, "swap")
        examples = [self._swap(example, swapping) for example in self._gold]
        left = self._words
        for number in numbers:
            if left <= 0:
                break
            examples.append(self._replayed[number])
            left -= len(self._replayed[number].predicted)
        epoch_random(self._seed, epoch).shuffle(examples)
        return examples
