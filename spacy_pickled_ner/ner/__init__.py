"""One NER of a pipeline: preparation, training data, updates and retention.

    prepare.py   makes an NER ready for training, with all labels and its own tok2vec
    weights.py   copies of weights
    unseen.py    classes without any gold in training
    data/        gold and the texts of an epoch
    update/      updates, several times faster than spaCy's
    retention/   keeps the old labels

There is no training loop here: `training/` has ours, `spacy_train/` the parts for spaCy's.
"""
