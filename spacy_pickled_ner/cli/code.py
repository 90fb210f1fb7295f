"""`--code`: import the user's own registered functions, as spaCy's commands do."""

from __future__ import annotations

from pathlib import Path

from ..errors import TrainingError


def import_user_code(path: Path | None) -> None:
    """Import a Python file.

    path (Optional[Path]): The file; None does nothing.
    RAISES (TrainingError): It is not there, or it does not import.
    """
    if path is None:
        return
    from spacy.util import import_file

    if not path.exists():
        raise TrainingError(f"cannot import --code {path}: no such file")
    try:
        import_file("python_code", path)
    except Exception as err:  # whatever the user's file raises
        raise TrainingError(f"cannot import --code {path}: {type(err).__name__}: {err}") from err
