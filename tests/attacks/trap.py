"""An installed package with plugins for spaCy, which springs when anything imports it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MODULE = "attacks_trap"
FUNCTION = f"{MODULE}.Trap.v1"
FACTORY = "attacks_trap_factory"
LANGUAGE = "trap"
# Where the package makes a folder when it is imported.
VARIABLE = "ATTACKS_TRAP"

SOURCE = f"""
import os
os.makedirs(os.environ["{VARIABLE}"], exist_ok=True)
def load(*args, **kwargs): ...
def trap(*args, **kwargs): ...
class Trap: ...
"""
ENTRY_POINTS = f"""
[spacy_misc]
{FUNCTION} = {MODULE}:trap
[spacy_callbacks]
{FUNCTION} = {MODULE}:trap
[spacy_architectures]
{FUNCTION} = {MODULE}:trap
[spacy_tokenizers]
{FUNCTION} = {MODULE}:trap
[spacy_languages]
{LANGUAGE} = {MODULE}:Trap
"""


def install(folder: Path) -> None:
    """Put the package into a folder, as an installer does. spaCy must be imported after this."""
    (folder / f"{MODULE}.py").write_text(SOURCE)
    info = folder / f"{MODULE}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {MODULE}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)


def spring(marker: Path) -> None:
    """Do what a file wanted, to see that it was there to be done, and set the trap again."""
    import spacy

    if not spacy.util.is_package(MODULE):
        raise RuntimeError("the trap is not installed")
    spacy.registry.get("misc", FUNCTION)
    if not marker.exists():
        raise RuntimeError("the trap does not work")
    marker.rmdir()
    del sys.modules[MODULE]
    # What was found is kept until the process ends.
    os.environ.pop(VARIABLE)
