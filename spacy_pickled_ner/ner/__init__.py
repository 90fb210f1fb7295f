"""One NER of a pipeline: how it gets ready, what it trains on, how it changes, what it keeps.

    prepare.py   an NER on its own, with all labels, from the weights it has
    weights.py   copies of its weights
    unseen.py    labels that no update has had gold for
    data/        the gold of its examples, and what an epoch trains on
    update/      gradients and steps, several times faster than spaCy's
    retention/   how the labels of a base outlive the training of others

No training loop: ours (`training/`) and spaCy's (`spacy_train/`) stand on this.
"""
