"""Recognize common files that are not model files, so that the error says what to do about them."""

from __future__ import annotations

import re
from typing import Final

from ..errors import UnsafeFileError

_KINDS: Final[dict[bytes, str]] = {
    rb"PK\x03\x04": "a zip archive (or a PyTorch file); unpack it first",
    rb"\x1f\x8b": "gzip-compressed; decompress it first",
    rb"BZh": "bzip2-compressed; decompress it first",
    rb"\xfd7zXZ": "xz-compressed; decompress it first",
    rb"\x28\xb5\x2f\xfd": "Zstandard-compressed; decompress it first",
    rb"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    rb"version https://git-lfs": "a Git LFS pointer, not the file itself; run `git lfs pull`",
    rb"\x93NUMPY": "a numpy array",
    rb"\x89HDF": "an HDF5 file",
    rb"\xff\xfe|\xfe\xff": "text in UTF-16",
    rb"(?i)\s*(<!doctype|<html|<\?xml|<head)": (
        "a web page, perhaps an error or login page saved in place of the download"
    ),
    rb"(?s).{257}ustar": "a tar archive; unpack it first",
    rb'(?s).{8}\{"': "a safetensors file",
    rb'\s*(\{"|\{\n|\[\{|\[")': "JSON",
}
_OLD_PICKLE_STARTS: Final = b"(c]}lidNSVIFLX"


def check_is_pickle(head: bytes | memoryview) -> None:
    """Raise a helpful error for a file that is not a pickle, or is one of protocol 0 or 1.

    head (Union[bytes, memoryview]): The first 512 bytes of the file, or all if there are fewer.
    RAISES (UnsafeFileError): "empty", "not-a-pickle" or "unsupported-protocol".
    """
    head = bytes(head[:512])
    if not head:
        raise UnsafeFileError("the model file is empty; copy or download it again", code="empty")
    if head[0] == 0x80:
        return
    what = next((what for start, what in _KINDS.items() if re.match(start, head)), None)
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
