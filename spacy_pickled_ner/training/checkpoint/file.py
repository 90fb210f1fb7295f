"""A checkpoint as a file, in the format of our model files with other sections in it.

So it has digests, is written atomically, and is read as plain data: opening one runs no code.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from ...container.atomic import atomic_write
from ...container.file import assemble, read_model_data, read_sections
from ...container.manifest import encode_manifest
from ...container.sections import array_section, json_section
from ...container.source import read_source
from .fingerprint import Fingerprint
from .state import SavedState

_RUN, _VALUES, _ARRAYS = "checkpoint/run.json", "checkpoint/values.json", "checkpoint/arrays/"


def write_checkpoint(path: Path, run: Fingerprint, state: SavedState) -> None:
    """Write a checkpoint, which replaces an older one in one step.

    path (Path): The file; its folder must exist.
    run (Fingerprint): Which run it is of.
    state (SavedState): How far that is.
    RAISES (SaveError): It cannot be written; an older one is intact.
    """
    sections = [
        json_section(_RUN, run),
        json_section(_VALUES, state.values),
        *(array_section(f"{_ARRAYS}{name}", array) for name, array in state.arrays.items()),
    ]
    written_by = {"spacy-pickled-ner": version("spacy-pickled-ner")}
    with atomic_write(path) as file:
        for piece in assemble(encode_manifest(sections, written_by), sections):
            file.write(piece)


def read_checkpoint(path: Path) -> tuple[Fingerprint, SavedState]:
    """Read a checkpoint and compare all of it with its digests.

    path (Path): The file.
    RETURNS (Tuple[Fingerprint, SavedState]): Which run it is of, and how far that was.
    RAISES (ModelFileError): It is damaged, or no checkpoint.
    """
    _, sections = read_sections(read_model_data(read_source(path)))
    arrays = {
        name.removeprefix(_ARRAYS): sections.array(name)
        for name in sections
        if name.startswith(_ARRAYS)
    }
    return sections.json(_RUN), SavedState(sections.json(_VALUES), arrays)
