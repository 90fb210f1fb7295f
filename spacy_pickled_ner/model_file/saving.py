"""Write a pipeline to one file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from spacy.language import Language

from ..container.atomic import atomic_write
from ..container.layout import FORMAT
from ..container.signatures.signing import Key, as_key
from ..container.source import MAX_FILE_BYTES
from ..container.urls.remote import is_url, write_url
from ..errors import SaveError, SettingsError
from .pickle_v1 import serialize_v1
from .registries import Serializer, serializers

FORMAT_ALIASES: Final = {"v1": "pickle.v1", "seed": "seed.v0"}


def dump(
    nlp: Language,
    file: str | os.PathLike[str] | BinaryIO,
    *,
    format: str = "v1",  # noqa: A002
    sign: Key | None = None,
) -> None:
    """Save a whole pipeline to one file.

    The file appears complete or not at all, even after a crash or with a full disk. An older file
    stays until the new one is on the disk.

    nlp (Language): The pipeline.
    file (Union[str, Path, BinaryIO]): The file; missing folders are created. For a URL, the file is
        uploaded when it is complete. To an open binary file, the bytes are simply written.
    format (str): "v1", "seed" (for older code), or the name of a registered serializer.
    sign (Optional[Key]): A key to sign the file with: a secret of at least 16 bytes, or a private
        Ed25519 key (extra "signing"), or the `Path` of a file with one of them. Only for "v1".
    RAISES (SaveError): The file cannot be written; an old file is intact.
    RAISES (TypeError): The first argument is not a pipeline, or the second not a file.
    """
    if not isinstance(file, (str, os.PathLike)) and not hasattr(file, "write"):
        raise TypeError(
            f"cannot write a pipeline to a {type(file).__name__}: the call is dump(nlp, file)"
        )
    chunks = _serialize(nlp, format, sign)
    if is_url(file):
        with write_url(file) as opened:
            _write(chunks, opened)
    elif isinstance(file, (str, os.PathLike)):
        with atomic_write(Path(file)) as opened:
            _write(chunks, opened)
    else:
        _write(chunks, file)


def dumps(
    nlp: Language,
    *,
    format: str = "v1",  # noqa: A002
    sign: Key | None = None,
) -> bytes:
    """Save a whole pipeline to bytes.

    nlp (Language): The pipeline.
    format, sign: As in `dump`.
    RETURNS (bytes): The bytes of the file.
    RAISES (SaveError): Something in the pipeline cannot be saved.
    """
    return b"".join(_serialize(nlp, format, sign))


def check_savable(nlp: Language, *, format: str = "v1") -> None:  # noqa: A002
    """Check that a pipeline can be saved, and loaded again, without writing it.

    nlp (Language): The pipeline.
    format (str): As in `dump`.
    RAISES (SaveError): Something in the pipeline cannot be saved, or `load` would refuse it.
    """
    _serialize(nlp, format, None)


def _serialize(nlp: Language, name: str, sign: Key | None) -> Iterable[bytes | memoryview]:
    if not isinstance(nlp, Language):
        raise TypeError(f"can save a pipeline (a Language), not a {type(nlp).__name__}")
    name = FORMAT_ALIASES.get(name, name)
    if sign is not None:
        if name != FORMAT:
            raise SettingsError("sign", "<key>", f"None: the format {name} has no signatures")
        return serialize_v1(nlp, sign=as_key(sign, "sign"))
    if name not in serializers:
        known = ", ".join([*FORMAT_ALIASES, *sorted(serializers.get_all())])
        raise ValueError(f"unknown format {name!r}: there are {known}")
    serializer: Serializer = serializers.get(name)
    return serializer(nlp)


def _write(chunks: Iterable[bytes | memoryview], file: BinaryIO) -> None:
    n_bytes = 0
    for chunk in chunks:
        n_bytes += len(chunk)
        if n_bytes > MAX_FILE_BYTES:
            raise SaveError(f"the file would be larger than {MAX_FILE_BYTES // 2**30} GiB")
        file.write(chunk)
