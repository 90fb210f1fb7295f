"""Training texts with replaced mentions, so that an NER learns from the context, too.

With a few hundred annotated texts, an NER learns the names in them by heart. So in each epoch, some
mentions are replaced by others with the same label from the training data ("mention replacement",
Dai and Adel 2020).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from spacy.tokens import Doc
from spacy.training import Example

from .gold import aligned_tags, entity_tags, make_gold, tags_to_spans


class Mention(NamedTuple):
    """The tokens of an entity.

    words (Tuple[str, ...]): The texts of the tokens.
    spaces (Tuple[bool, ...]): True where a space follows; without the last token.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]


class MentionSwapper:
    """Replaces mentions by others with the same label.

    examples (Iterable[Example]): The source of mentions.
    labels (Collection[str]): Labels whose mentions are replaced.
    share (float): The share of mentions that is replaced, 0 to 1.
    """

    def __init__(self, examples: Iterable[Example], labels: Collection[str], *, share: float):
        self._share = share
        self._mentions: dict[str, list[Mention]] = defaultdict(list)
        for example in examples:
            for entity in example.reference.ents:
                if entity.label_ in labels:
                    words = tuple(token.text for token in entity)
                    spaces = tuple(bool(token.whitespace_) for token in entity[:-1])
                    self._mentions[entity.label_].append(Mention(words, spaces))

    def __call__(self, example: Example, rng: random.Random) -> Example:
        """Replace some mentions of a text.

        example (Example): The text; not changed.
        rng (Random): Chooses the mentions and their replacements.
        RETURNS (Example): A new example, or the same one if nothing was replaced.
        """
        doc = example.predicted
        tags = aligned_tags(example)
        spans = tags_to_spans(doc, tags)
        chosen = {
            span.start: (span.end, span.label_, rng.choice(self._mentions[span.label_]))
            for span in spans
            if span.label_ in self._mentions and rng.random() < self._share
        }
        if not chosen:
            return example
        words: list[str] = []
        spaces: list[bool] = []
        new_tags: list[str] = []
        number = 0
        while number < len(doc):
            end, label, mention = chosen.get(number, (number + 1, "", None))
            after = bool(doc[end - 1].whitespace_)
            if mention is None:
                words.append(doc[number].text)
                new_tags.append(tags[number])
            else:
                words += mention.words
                spaces += mention.spaces
                new_tags += entity_tags(label, len(mention.words))
            spaces.append(after)
            number = end
        return make_gold(Doc(doc.vocab, words=words, spaces=spaces), new_tags)
