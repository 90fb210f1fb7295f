"""Options that several commands share.

The only module that imports the private helpers of spaCy's command line.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from spacy.cli._util import Arg as Arg
from spacy.cli._util import Opt as Opt
from spacy.cli._util import app as spacy_app
from spacy.cli._util import parse_config_overrides as parse_config_overrides

__all__ = [
    "CODE",
    "FORCE",
    "FORMAT",
    "GPU_ID",
    "METRICS",
    "OUTPUT",
    "REPORT",
    "RESUME",
    "Arg",
    "FileFormat",
    "Opt",
    "import_user_code",
    "parse_config_overrides",
    "read_key",
    "spacy_app",
]


class FileFormat(str, Enum):
    """Formats of the model file."""

    v1 = "v1"
    seed = "seed"


CODE = Opt(
    None, "--code", "-c", help="Python file with your own registered functions, imported first"
)
FORCE = Opt(False, "--force", "-F", help="Replace existing files")
FORMAT = Opt(FileFormat.v1, "--format", help="Format of the model file")
GPU_ID = Opt(-1, "--gpu-id", "-g", help="GPU to use, or -1 for the CPU")
METRICS = Opt(None, "--metrics", help="Write the metrics to this JSON file")
OUTPUT = Opt(..., "--output", "-o", help="Model file to write, e.g. model.pkl")
REPORT = Opt(None, "--report", help="Write a report to this HTML file")
RESUME = Opt(
    False,
    "--resume",
    help="Keep a checkpoint beside the output, and resume from it if the same command was killed before",
)


def import_user_code(path: Path | None) -> None:
    """Import a Python file with the user's registered functions, as spaCy's commands do.

    path (Optional[Path]): The file; None does nothing.
    RAISES (TrainingError): The file does not exist, or cannot be imported.
    """
    if path is None:
        return
    from spacy.util import import_file

    from ..errors import TrainingError

    if not path.exists():
        raise TrainingError(f"cannot import --code {path}: no such file")
    try:
        import_file("python_code", path)
    except Exception as err:  # whatever the user's file raises
        raise TrainingError(f"cannot import --code {path}: {type(err).__name__}: {err}") from err


def read_key(path: Path | None, option: str) -> Any:
    """Read a key for signatures from a file.

    Keys are never read from the command line, where others can see them.

    path (Optional[Path]): The file, as `read_key` takes it. With "hmac-sha256:" or
        "ed25519:" before its name, the whole file is a secret, or the raw bytes of a key.
    option (str): The option that names it, for errors.
    RETURNS (Optional[Key]): The key; None without a path.
    RAISES (SettingsError): The file cannot be read, or is too large for a key.
    """
    if path is None:
        return None
    from ..container.signatures import keys

    algorithm, colon, name = str(path).partition(":")
    if colon and algorithm in (keys.HMAC, keys.ED25519):
        return algorithm, keys.read_key(name, option)
    return keys.read_key(path, option)
