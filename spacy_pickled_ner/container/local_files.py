"""Find and open a local file: only regular files, with a size limit."""

from __future__ import annotations

import os
import re
import stat
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import ModelFileError, UnsafeFileError

FILE_NAME: Final = "model.pkl"
MAX_FILE_BYTES: Final = 4 * 2**30
# Names of spaCy's packages, e.g. en_core_web_sm.
_PACKAGE: Final = re.compile(r"[a-z]{2,3}_[a-z0-9_]+")


def find_file(file: str | os.PathLike[str]) -> Path:
    """Return the file for a path.

    file (Union[str, Path]): A file, or a folder that holds `model.pkl`.
    RETURNS (Path): The file.
    RAISES (ModelFileError): There is no such file.
    """
    path = Path(file)
    hint = ""
    try:
        if not path.is_dir():
            return path
        if (path / FILE_NAME).exists():
            return path / FILE_NAME
        if (path / "config.cfg").exists() and (path / "meta.json").exists():
            hint = "; it is a spaCy pipeline folder, which spacy.load reads"
    except (OSError, ValueError) as err:  # an invalid name, or a folder without permission
        why = getattr(err, "strerror", None) or err
        raise ModelFileError(
            f"cannot open {path}: {why}", code="unreadable", file=str(path)
        ) from err
    raise ModelFileError(
        f"there is no {FILE_NAME} in {path}{hint}", code="no-model-file", file=str(path)
    )


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file.

    path (Path): The file, or a link to it.
    RETURNS (BinaryIO): The file, without a buffer.
    RAISES (ModelFileError): The file is missing, not regular, too large, or cannot be opened.
    """
    try:
        # Without this flag, opening a pipe waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise ModelFileError(
            f"there is no file {path}{_hint(path)}", code="not-found", file=str(path)
        ) from None
    except (OSError, ValueError) as err:
        raise ModelFileError(
            f"cannot open {path}: {getattr(err, 'strerror', None) or err}",
            code="unreadable",
            file=str(path),
        ) from err
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise ModelFileError(f"{path} is not a regular file", code="not-a-file", file=str(path))
    if found.st_size > MAX_FILE_BYTES:
        os.close(descriptor)
        raise UnsafeFileError(
            f"{path} is larger than {MAX_FILE_BYTES // 2**30} GiB", code="too-big", file=str(path)
        )
    return os.fdopen(descriptor, "rb", buffering=0)


def _hint(path: Path) -> str:
    """Return advice if a path is the name of an installed package."""
    name = str(path)
    if not (_PACKAGE.fullmatch(name) or (name.isidentifier() and _is_package(name))):
        return ""
    return (
        f"; spacy.load({name!r}) loads an installed package, and pack({name!r}, {FILE_NAME!r}) "
        "creates a model file from it"
    )


def _is_package(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
