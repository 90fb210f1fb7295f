"""The training data of an NER: gold, varied texts, epochs.

gold.py          examples that compute their gold once
augmentation.py  replaces mentions by others with the same label
epochs.py        the texts of an epoch, in order

Each is a function of its inputs and a seed.
"""
