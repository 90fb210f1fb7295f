"""Recognize other kinds of files, for errors that say what to do."""

from __future__ import annotations

from typing import Final

from ..errors import UnsafeFileError

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "a zip archive (or a PyTorch file); unpack it first"),
    (b"\x1f\x8b", "gzip-compressed; decompress it first"),
    (b"BZh", "bzip2-compressed; decompress it first"),
    (b"\xfd7zXZ", "xz-compressed; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed; decompress it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself; run `git lfs pull`"),
    (b"\x93NUMPY", "a numpy array"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
_HTML: Final = (b"<!doctype", b"<html", b"<?xml", b"<head")
_OLD_PICKLE_STARTS: Final = b"(c]}lidNSVIFLX"


def check_is_pickle(head: bytes | memoryview) -> None:
    """Refuse files that are not pickles, and pickles of protocols without plain bytes.

    head (Union[bytes, memoryview]): The first bytes of the file, 512 or all.
    RAISES (UnsafeFileError): "empty", "not-a-pickle" or "unsupported-protocol".
    """
    head = bytes(head[:512])
    if not head:
        raise UnsafeFileError("the model file is empty; copy or download it again", code="empty")
    if head[0] == 0x80:
        return
    what = _describe(head)
    if what is None and head[0] in _OLD_PICKLE_STARTS:
        raise UnsafeFileError(
            "not a model file: it may be a pickle of protocol 0 or 1, which cannot hold plain "
            "bytes; save it again with protocol 3, 4 or 5",
            code="unsupported-protocol",
            offset=0,
        )
    raise UnsafeFileError(
        f"not a model file: it is {what or 'not a pickle'}", code="not-a-pickle", offset=0
    )


def _describe(head: bytes) -> str | None:
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    text = head.lstrip().lower()
    if text.startswith(_HTML):
        return "a web page, perhaps an error or login page saved in place of the download"
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    if head[8:10] == b'{"':
        return "a safetensors file"
    if text.startswith((b'{"', b"{\n", b"[{", b'["')):
        return "JSON"
    return None
