"""One file: a pickle of a flat dict, read as named sections with digests, and put together again.

A model file holds the sections of a pipeline, a checkpoint those of a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UnsafeFileError
from .digests import check_digests
from .layout import check_frame, frame
from .manifest import Manifest, decode_manifest, match_sections
from .sections import Section, Sections
from .signatures.signing import Key, check_signature, split_signature
from .source import Source
from .strict_pickle import read_plain_pickle


@dataclass(frozen=True)
class ModelData:
    """A file that was read strictly: plain data, nothing built yet.

    name (str): The file's path, or what it was given as, for messages.
    buffer (memoryview): All of its bytes.
    content (Dict[str, Any]): Its top-level dict; `bytes` in it are memoryviews of `buffer`.
    mapped (bool): Whether `buffer` is a mapping of the file, and not a copy.
    """

    name: str
    buffer: memoryview
    content: dict[str, Any]
    mapped: bool = False


def read_model_data(source: Source) -> ModelData:
    """Read a file strictly, as plain data.

    source (Source): Its bytes.
    RETURNS (ModelData): Its top-level dict.
    RAISES (UnsafeFileError): It is anything but a pickle of plain data with a dict in it.
    """
    content = read_plain_pickle(source.buffer)
    if not isinstance(content, dict):
        raise UnsafeFileError(
            f"not a model file: it holds a {type(content).__name__}",
            code="unknown-format",
        )
    return ModelData(source.name, source.buffer, content, source.mapped)


def read_sections(
    data: ModelData,
    *,
    digests: bool = True,
    unverified: Collection[str] = (),
    require_signature: Key | None = None,
) -> tuple[Manifest, Sections]:
    """Read and check everything about a file that can be checked without building anything.

    data (ModelData): The file.
    digests (bool): Whether to compare sections with their digests.
    unverified (Collection[str]): Sections not to read for that.
    require_signature (Optional[Key]): The key that the manifest must be signed with.
    RETURNS (Tuple[Manifest, Sections]): Its manifest and sections.
    RAISES (UnsafeFileError): It is damaged, or not canonical.
    """
    manifest_view = data.content.get("manifest")
    digest = data.content.get("manifest_sha256")
    signature = read_signature(data)
    if not isinstance(manifest_view, memoryview) or not isinstance(digest, memoryview):
        raise UnsafeFileError("the model file has no manifest", code="bad-manifest")
    manifest_bytes = memoryview(bytes(manifest_view))
    if hashlib.sha256(bytes(manifest_bytes) + signature).digest() != digest:
        raise UnsafeFileError(
            "damaged model file: its manifest does not match its digest; copy or download it again",
            code="digest-mismatch",
        )
    if require_signature is not None:
        check_signature(manifest_bytes, signature or None, require_signature)
    manifest = decode_manifest(manifest_bytes)
    sections = match_sections(manifest, data.content)
    sizes = [(info.name, info.size) for info in manifest.sections]
    check_frame(data.buffer, manifest_bytes, bytes(digest), sizes, signature)
    if data.mapped:
        sections = sections.detached()
    if digests:
        check_digests(manifest, sections, skip=unverified, mapping=data.buffer.obj)
    return manifest, sections


def read_signature(data: ModelData) -> bytes:
    """Take the signature out of a file, without checking whose it is.

    data (ModelData): The file.
    RETURNS (bytes): The signature; empty if there is none.
    RAISES (UnsafeFileError): It is none of a known kind ("bad-signature").
    """
    if "signature" not in data.content:
        return b""
    signature = data.content["signature"]
    if not isinstance(signature, memoryview):
        raise UnsafeFileError("the signature is no bytes", code="bad-signature")
    split_signature(signature)
    return bytes(signature)


def assemble(
    manifest: bytes, sections: Sequence[Section], signature: bytes = b""
) -> Iterator[bytes | memoryview]:
    """Put a file together.

    manifest (bytes): The manifest of these sections.
    sections (Sequence[Section]): What the file holds.
    signature (bytes): The signature of the manifest, if it is signed.
    YIELDS (Union[bytes, memoryview]): The file in pieces.
    """
    payloads: list[bytes | memoryview] = [manifest, *(s.data for s in sections), b""]
    sizes = [(s.name, len(s.data)) for s in sections]
    digest = hashlib.sha256(manifest + signature).digest()
    pieces = frame(manifest, digest, sizes, signature)
    for (glue, _), payload in zip(pieces, payloads, strict=True):
        yield glue
        yield payload
