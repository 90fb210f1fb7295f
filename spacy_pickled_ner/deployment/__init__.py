"""Bring a trained pipeline to where it runs.

    packing.py    one file ↔ spaCy's own directory
    packages.py   one file → an installable package; with naming, requirements, package_meta,
                  package_sources, readme and markdown for what goes into one
    folders.py    folders that appear complete, and replace nothing by accident

Model files are only read and written with `model_file`.
"""

from .packages import Package, load_packaged, package
from .packing import pack, unpack

__all__ = ["Package", "load_packaged", "pack", "package", "unpack"]
