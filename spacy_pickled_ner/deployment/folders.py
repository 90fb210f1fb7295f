"""Make a folder so that it appears complete or not at all, and replaces nothing by accident."""

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
    """Take what a caller named as a folder, unless it can be none.

    folder (Union[str, Path]): The folder, there or not.
    RETURNS (Path): The same.
    RAISES (SaveError): It is a URL of something else.
    """
    if isinstance(folder, str) and (path := local_path(folder)) is not None:
        return path
    if is_url(folder):
        raise SaveError(
            f"cannot write {shown_url(folder)}: a folder on this machine is needed, not a URL"
        )
    return Path(folder)


def check_folder(folder: Path, *, force: bool, replaceable: Callable[[Path], bool]) -> None:
    """Refuse a place where a folder must not be made, before any work is done.

    folder (Path): The folder to make. An empty one may be there.
    force (bool): A folder that is `replaceable` may be replaced.
    replaceable (Callable[[Path], bool]): Whether a folder is one of the kind that is to be made.
        A home folder given by mistake is not, and no force replaces it.
    RAISES (SaveError): Says why not.
    """
    if folder.is_symlink():
        raise SaveError(f"cannot write {folder}: it is a symbolic link; name what it points to")
    if not folder.exists():
        return
    if Path.cwd().is_relative_to(folder.resolve()):
        raise SaveError(f"cannot write {folder}: it is the current folder; name a new one in it")
    if not folder.is_dir():
        raise SaveError(f"cannot write {folder}: there is a file of this name")
    if not any(folder.iterdir()):
        return
    if not replaceable(folder):
        raise SaveError(f"cannot write {folder}: it holds other files; name a new folder")
    if not force:
        raise SaveError(
            f"{folder} already exists: force=True (--force) replaces it, or use another name"
        )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Fill a folder under a temporary name; at the end it gets its own, and replaces an old one.

    folder (Path): The folder to make, checked by `check_folder`. Folders above it are made, and
        go away again if this one cannot be made.
    YIELDS (Path): A path beside it, where the folder shall be made.
    RAISES (SaveError): It cannot be written. What was there before is unchanged.
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
