"""Compare the sections of a file with the digests in its manifest.

Reading a mapped file brings its pages into the memory of the process. Pages that were only hashed
are released again, a few MiB at a time, so checking a large file needs little memory.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Collection
from typing import Final

from ..errors import UnsafeFileError
from .manifest import Manifest
from .sections import Sections

_CHUNK_BYTES: Final = 4 * 2**20


def check_digests(
    manifest: Manifest, sections: Sections, *, skip: Collection[str] = (), mapping: object = None
) -> None:
    """Compare the bytes of every section with its digest.

    manifest (Manifest): The manifest.
    sections (Sections): The sections.
    skip (Collection[str]): Names of sections to skip.
    mapping (object): The buffer of the sections. It must be unchanged.
    RAISES (UnsafeFileError): A digest does not match ("digest-mismatch").
    """
    n_bytes = 0
    for info in manifest.sections:
        if info.name in skip:
            continue
        digest = hashlib.sha256()
        view = sections[info.name]
        for start in range(0, len(view), _CHUNK_BYTES):
            chunk = view[start : start + _CHUNK_BYTES]
            digest.update(chunk)
            n_bytes += len(chunk)
            if n_bytes >= _CHUNK_BYTES:
                _let_go(mapping)
                n_bytes = 0
        if digest.hexdigest() != info.sha256:
            raise UnsafeFileError(
                f"damaged model file: {ascii(info.name)[:300]} does not match its digest; "
                "copy or download it again",
                code="digest-mismatch",
            )
    _let_go(mapping)


def _let_go(mapping: object) -> None:
    if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)
