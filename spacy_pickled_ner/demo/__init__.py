"""The data of the demo, written by hand, and its tiny base pipeline. Both work offline.

    base-train, base-heldout          sentences with PERSON, ORG and GPE, and a UPOS tag per token
    instrument-train, -dev, -heldout  sentences with one new label, INSTRUMENT, and no other

The sentences, people and organizations are invented for this package. An INSTRUMENT is the name of
a musical instrument with the words that say which kind ("bass clarinet", "grand piano"), without
articles, age or colour; in a compound ("violin lessons") only the instrument. The instrument files
do not annotate persons, places and organizations. Most users' data is like that, and it is the
reason why a model forgets its old labels.
"""

from .base import build_base, data_path, read_examples

__all__ = ["build_base", "data_path", "read_examples"]
