"""What an NER trains on: gold, varied texts, epochs.

gold.py          examples that work out their gold once
augmentation.py  mentions that are swapped for others with the same label
epochs.py        what an epoch trains on, and in which order

Each is a function of its inputs and a seed.
"""
