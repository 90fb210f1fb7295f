"""The manifest of a `pickle.v1` file: its sections, digests, and the versions of its writer.

A digest detects damage, not forgery: anyone who changes a file can also change its digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import UnsafeFileError
from .layout import FORMAT, MAX_NAME_BYTES
from .sections import Section, Sections, check_array, strict_json

MAX_MANIFEST_BYTES: Final = 4 * 2**20
MAX_SECTIONS: Final = 8192
RESERVED_NAMES: Final = frozenset({"format", "manifest", "manifest_sha256", "signature"})


@dataclass(frozen=True)
class SectionInfo:
    """A section in the manifest.

    name (str): Its name.
    size (int): Its payload in bytes.
    sha256 (str): Digest of the payload, in hex.
    dtype (Optional[str]): Element type, if it is an array.
    shape (Optional[Tuple[int, ...]]): Shape, if it is an array.
    """

    name: str
    size: int
    sha256: str
    dtype: str | None = None
    shape: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-like data. Arrays also have `dtype` and `shape`."""
        entry: dict[str, Any] = {"name": self.name, "sha256": self.sha256, "size": self.size}
        if self.dtype is not None and self.shape is not None:
            entry |= {"dtype": self.dtype, "shape": list(self.shape)}
        return entry


@dataclass(frozen=True)
class Manifest:
    """A checked manifest.

    versions (Dict[str, str]): Package versions of the writer, by package name.
    sections (Tuple[SectionInfo, ...]): The sections, in file order.
    """

    versions: dict[str, str]
    sections: tuple[SectionInfo, ...]


def encode_manifest(sections: Sequence[Section], versions: Mapping[str, str]) -> bytes:
    """Describe sections in canonical JSON: sorted keys, no spaces, ASCII only.

    sections (Sequence[Section]): The sections, in file order.
    versions (Mapping[str, str]): Package versions to record, by package name.
    RETURNS (bytes): The manifest.
    """
    infos = [
        SectionInfo(s.name, len(s.data), hashlib.sha256(s.data).hexdigest(), s.dtype, s.shape)
        for s in sections
    ]
    value = {
        "format": FORMAT,
        "sections": [info.to_json() for info in infos],
        "versions": dict(versions),
    }
    return _canonical(value)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def decode_manifest(data: memoryview) -> Manifest:
    """Read and check a manifest.

    data (memoryview): The bytes of the manifest.
    RETURNS (Manifest): The manifest.
    RAISES (UnsafeFileError): The manifest is invalid ("bad-manifest").
    """
    if len(data) > MAX_MANIFEST_BYTES:
        raise _bad("it is too large")
    value = strict_json(data, "the manifest")
    if not isinstance(value, dict) or value.keys() != {"format", "sections", "versions"}:
        raise _bad("unexpected fields")
    if value["format"] != FORMAT:
        raise _bad("it is of another format")
    if _canonical(value) != data:
        raise _bad("it is not in canonical form")
    versions, entries = value["versions"], value["sections"]
    if not isinstance(versions, dict) or not all(isinstance(v, str) for v in versions.values()):
        raise _bad("unusable versions")
    if not isinstance(entries, list) or len(entries) > MAX_SECTIONS:
        raise _bad("too many sections, or none")
    try:
        infos = tuple(_section_info(entry) for entry in entries)
    except ValueError as err:
        raise _bad(str(err)) from err
    if len({info.name for info in infos}) != len(infos):
        raise _bad("a section twice")
    return Manifest(versions, infos)


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(
        f"the manifest of the model file is wrong: {reason}", code="bad-manifest"
    )


def _section_info(entry: object) -> SectionInfo:
    if not isinstance(entry, dict):
        raise ValueError("a section is not an object")
    name, size, sha256 = entry.get("name"), entry.get("size"), entry.get("sha256")
    if not isinstance(name, str) or not name.isprintable() or name in RESERVED_NAMES:
        raise ValueError("a section with an unusable name")
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError("a section with an unusable name")
    if type(size) is not int or size < 0:
        raise ValueError("a section without a size")
    if not isinstance(sha256, str) or len(sha256) != 64:
        raise ValueError("a section without a digest")
    if entry.keys() == {"name", "size", "sha256"}:
        return SectionInfo(name, size, sha256)
    if entry.keys() != {"name", "size", "sha256", "dtype", "shape"}:
        raise ValueError("a section with unexpected fields")
    dtype, shape = check_array(size, entry["dtype"], entry["shape"])
    return SectionInfo(name, size, sha256, dtype, shape)


def match_sections(manifest: Manifest, content: Mapping[str, Any]) -> Sections:
    """Check that a file has exactly the sections of its manifest, with order and sizes.

    manifest (Manifest): The manifest.
    content (Mapping[str, Any]): The file's top-level dict.
    RETURNS (Sections): The sections; digests not yet checked.
    RAISES (UnsafeFileError): The sections differ ("bad-manifest").
    """
    views: dict[str, memoryview] = {}
    arrays: dict[str, tuple[str, tuple[int, ...]]] = {}
    names = [name for name in content if name not in RESERVED_NAMES]
    if names != [info.name for info in manifest.sections]:
        raise _bad("the file has other sections, or another order")
    for info in manifest.sections:
        view = content[info.name]
        if not isinstance(view, memoryview) or len(view) != info.size:
            raise _bad(f"{ascii(info.name)[:300]} has another size")
        views[info.name] = view
        if info.dtype is not None and info.shape is not None:
            arrays[info.name] = (info.dtype, info.shape)
    return Sections(views, arrays)
