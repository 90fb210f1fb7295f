"""A trained pipeline on its way to where it runs.

    packing.py    one file ↔ spaCy's own folder
    packages.py   one file → an installable package; with naming, requirements, package_meta,
                  package_sources, readme and markdown for what goes into one
    folders.py    folders that appear complete, and replace nothing by accident

What a model file is, and how it is read, is the business of `model_file`; nothing here reads or
writes one in any other way.
"""

from .packages import Package, load_packaged, package
from .packing import pack, unpack

__all__ = ["Package", "load_packaged", "pack", "package", "unpack"]
