"""From spaCy's own directory to one file, and back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from ..container.signatures.signing import Key
from ..container.source import FileLike
from ..model_file import dump, load
from ..model_file.pipeline.plan import check_written_config
from ..pipelines import load_base
from .folders import check_folder, local_folder, new_folder


def pack(
    pipeline: str | os.PathLike[str],
    file: str | os.PathLike[str] | BinaryIO,
    *,
    format: str = "v1",  # noqa: A002
    trusted: Iterable[str] = (),
    sign: Key | None = None,
) -> None:
    """Turn a pipeline into one file.

    A directory or a package is loaded with `spacy.load`, which can run its code. A model file can
    be packed, too, to change its format or to update it.

    pipeline (Union[str, Path]): A directory, the name of a package, or a model file or its URL.
    file (Union[str, Path, BinaryIO]): Where to write, as in `dump`.
    format (str): As in `dump`.
    trusted (Iterable[str]): For a model file, as in `load`.
    sign (Optional[Key]): As in `dump`.
    RAISES (BasePipelineError): There is no such pipeline, or it cannot be loaded.
    RAISES (ModelFileError): The model file cannot be read.
    RAISES (SaveError): The file cannot be written; an old one is intact.
    """
    dump(load_base(pipeline, trusted=trusted), file, format=format, sign=sign)


def unpack(
    file: FileLike,
    folder: str | os.PathLike[str],
    *,
    trusted: Iterable[str] = (),
    require_signature: Key | None = None,
    force: bool = False,
) -> None:
    """Turn a model file into a directory that `spacy.load` can read without this package.

    The directory has the same bytes as `nlp.to_disk` of the packed pipeline. It appears complete or
    not at all.

    file (Union[str, Path, bytes, BinaryIO]): The model file, as in `load`.
    folder (Union[str, Path]): The local directory to create, with missing parents.
    trusted (Iterable[str]): As in `load`.
    require_signature (Optional[Key]): As in `load`.
    force (bool): Replace an existing pipeline; nothing else is ever replaced.
    RAISES (ModelFileError): The file cannot be read.
    RAISES (SaveError): The directory cannot be written; an old one is intact.
    """
    target = local_folder(folder)
    check_folder(target, force=force, replaceable=is_pipeline)
    nlp = load(file, trusted=trusted, require_signature=require_signature, verify=True)
    check_written_config(nlp.config)
    with new_folder(target) as made:
        nlp.to_disk(made)


def is_pipeline(folder: Path) -> bool:
    """Return True if a folder is a pipeline in spaCy's own layout.

    folder (Path): The folder.
    RETURNS (bool): True if it has the files of each such pipeline.
    """
    return all((folder / name).is_file() for name in ("config.cfg", "meta.json"))
