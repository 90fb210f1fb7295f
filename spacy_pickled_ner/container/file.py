"""A file: a pickle of a flat dict, read as named sections with digests.

A model file has the sections of a pipeline, a checkpoint those of a run.
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
    """The plain data of a file, strictly read.

    name (str): The path or a description of the file, for messages.
    buffer (memoryview): All bytes of the file.
    content (Dict[str, Any]): Its top-level dict; `bytes` in it are memoryviews of `buffer`.
    mapped (bool): True if `buffer` is a mapping of the file, False for a copy.
    """

    name: str
    buffer: memoryview
    content: dict[str, Any]
    mapped: bool = False


def read_model_data(source: Source) -> ModelData:
    """Read a file strictly, as plain data.

    source (Source): The bytes of the file.
    RETURNS (ModelData): The file.
    RAISES (UnsafeFileError): The file is not a pickle of a dict with plain data.
    """
    content = read_plain_pickle(source.buffer)
    if not isinstance(content, dict):
        raise UnsafeFileError(
            f"not a model file: it is a pickled {type(content).__name__}",
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
    """Read the sections of a file, and check everything except their contents.

    data (ModelData): The file.
    digests (bool): Compare sections with their digests.
    unverified (Collection[str]): Sections whose digests are not compared.
    require_signature (Optional[Key]): The key that the manifest must be signed with.
    RETURNS (Tuple[Manifest, Sections]): Manifest and sections.
    RAISES (UnsafeFileError): The file is damaged, or not canonical.
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
    """Return the signature of a file, without checking it.

    data (ModelData): The file.
    RETURNS (bytes): The signature; empty if there is none.
    RAISES (UnsafeFileError): It is not a known kind of signature ("bad-signature").
    """
    if "signature" not in data.content:
        return b""
    signature = data.content["signature"]
    if not isinstance(signature, memoryview):
        raise UnsafeFileError("the signature is not bytes", code="bad-signature")
    split_signature(signature)
    return bytes(signature)


def assemble(
    manifest: bytes, sections: Sequence[Section], signature: bytes = b""
) -> Iterator[bytes | memoryview]:
    """Assemble a file.

    manifest (bytes): The manifest of these sections.
    sections (Sequence[Section]): The sections.
    signature (bytes): The signature of the manifest; empty without one.
    YIELDS (Union[bytes, memoryview]): The file in pieces.
    """
    payloads: list[bytes | memoryview] = [manifest, *(s.data for s in sections), b""]
    sizes = [(s.name, len(s.data)) for s in sections]
    digest = hashlib.sha256(manifest + signature).digest()
    pieces = frame(manifest, digest, sizes, signature)
    for (glue, _), payload in zip(pieces, payloads, strict=True):
        yield glue
        yield payload
