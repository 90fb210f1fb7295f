"""Create a folder completely or not at all, without replacing anything by accident."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..container.atomic import TEMP_PREFIX, made_folder
from ..container.urls.local_urls import local_path
from ..container.urls.remote import is_url, shown_url
from ..errors import SaveError


def local_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the path; refuse URLs.

    folder (Union[str, Path]): The folder; it need not exist.
    RETURNS (Path): The path.
    RAISES (SaveError): It is a URL.
    """
    if isinstance(folder, str) and (path := local_path(folder)) is not None:
        return path
    if is_url(folder):
        raise SaveError(
            f"cannot write {shown_url(folder)}: a folder on this machine is needed, not a URL"
        )
    return Path(folder)


def check_folder(folder: Path, *, force: bool, replaceable: Callable[[Path], bool]) -> None:
    """Check that a folder can be created, before any work is done.

    folder (Path): The folder to create. It may exist if it is empty.
    force (bool): A `replaceable` folder may be replaced.
    replaceable (Callable[[Path], bool]): Returns True for folders of the kind to create. Other
        folders, e.g. a home folder passed by mistake, are never replaced.
    RAISES (SaveError): The folder cannot be created.
    """
    if folder.is_symlink():
        raise SaveError(f"cannot write {folder}: it is a symbolic link; use its target")
    if not folder.exists():
        return
    if Path.cwd().is_relative_to(folder.resolve()):
        raise SaveError(f"cannot write {folder}: it is the current folder; use a new folder in it")
    if not folder.is_dir():
        raise SaveError(f"cannot write {folder}: there is a file with this name")
    if not any(folder.iterdir()):
        return
    if not replaceable(folder):
        raise SaveError(f"cannot write {folder}: it has other files; use a new folder")
    if not force:
        raise SaveError(
            f"{folder} already exists: use force=True (--force) to replace it, or another name"
        )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Fill a folder under a temporary name, and rename it at the end. An old one is replaced.

    folder (Path): The folder to create, checked by `check_folder`. Missing parent folders are
        created, and removed again if this folder cannot be created.
    YIELDS (Path): The temporary path, beside the folder.
    RAISES (SaveError): The folder cannot be written. An old folder is unchanged.
    """
    try:
        with (
            made_folder(folder.parent),
            tempfile.TemporaryDirectory(prefix=TEMP_PREFIX, dir=folder.parent) as beside,
        ):
            made, old = Path(beside) / "new", Path(beside) / "old"
            yield made
            if folder.exists():
                folder.rename(old)
            try:
                made.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
    except SaveError:
        raise
    except OSError as err:
        raise SaveError(f"cannot write {folder}: {err.strerror or err}") from err
