"""A checkpoint as a file. The format is that of model files, with other sections.

So a checkpoint has digests, is written atomically, and is read as plain data: reading it runs no
code.
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
    """Write a checkpoint. It replaces an older one in one step.

    path (Path): The file; its folder must exist.
    run (Fingerprint): Identifies the run.
    state (SavedState): The state of the run.
    RAISES (SaveError): The file cannot be written; an older checkpoint is intact.
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
    """Read a checkpoint and check its digests.

    path (Path): The file.
    RETURNS (Tuple[Fingerprint, SavedState]): The run that wrote it, and its state.
    RAISES (ModelFileError): The file is damaged, or is not a checkpoint.
    """
    _, sections = read_sections(read_model_data(read_source(path)))
    arrays = {
        name.removeprefix(_ARRAYS): sections.array(name)
        for name in sections
        if name.startswith(_ARRAYS)
    }
    return sections.json(_RUN), SavedState(sections.json(_VALUES), arrays)
