"""What the demo needs to run offline: hand-written data and the recipe of a tiny base pipeline.

    base-train, base-heldout          sentences with PERSON, ORG and GPE, and a UPOS tag per token
    instrument-train, -dev, -heldout  sentences with one new label, INSTRUMENT, and no other

The sentences, people and organisations are invented for this package. An INSTRUMENT is the name of
a musical instrument with the words that say which kind ("bass clarinet", "grand piano"), without
articles, age or colour; in a compound ("violin lessons") the instrument alone. Persons, places and
organisations in the instrument files are left unannotated on purpose: so is most users' data, and
it is what makes a model forget its old labels.
"""

from .base import build_base, data_path, read_examples

__all__ = ["build_base", "data_path", "read_examples"]
