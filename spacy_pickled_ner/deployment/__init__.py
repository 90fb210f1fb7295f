"""A trained pipeline on its way to where it runs.

    packing.py    one file ↔ spaCy's own folder
    folders.py    folders that appear complete, and replace nothing by accident

What a model file is, and how it is read, is the business of `model_file`; nothing here reads or
writes one in any other way.
"""

from .packing import pack, unpack

__all__ = ["pack", "unpack"]
