"""The layout of a `pickle.v1` file: one flat dict, written in exactly one possible way.

The file is the pickle of `{"format", "manifest_sha256", ["signature",] "manifest", <section>, …}`.
The digest is that of the manifest, followed by the signature if there is one. Between two section
values there are only a few bytes of pickle instructions, which depend on names and sizes alone. So
a reader can compare all bytes outside of the payload with the expected ones: every byte of a file
is checked.

Every section value starts at a multiple of 64 bytes, so that arrays can be used in place. The
filler is `MARK SETITEMS`, "add no items to the dict", which is valid plain data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..errors import UnsafeFileError

FORMAT: Final = "pickle.v1"
ALIGNMENT: Final = 64
MAX_NAME_BYTES: Final = 255

_OPEN: Final = b"\x80\x04}"  # PROTO 4, EMPTY_DICT
_SETITEM: Final = b"s"
_STOP: Final = b"."
_NO_ITEMS: Final = b"(u"  # MARK, SETITEMS
_BINBYTES8: Final = b"\x8e"


def _text(value: str, *, wide: bool = False) -> bytes:
    raw = value.encode()
    if len(raw) > MAX_NAME_BYTES:
        raise ValueError(f"name longer than {MAX_NAME_BYTES} bytes: {value[:80]!r}…")
    if wide:
        return b"X" + len(raw).to_bytes(4, "little") + raw  # BINUNICODE
    return b"\x8c" + len(raw).to_bytes(1, "little") + raw  # SHORT_BINUNICODE


def _short(name: str, value: bytes) -> bytes:
    return _text(name) + b"C" + len(value).to_bytes(1, "little") + value  # SHORT_BINBYTES


def _lead_in(position: int, name: str, size: int) -> bytes:
    """Return instructions after which the value of `name` starts at a multiple of 64."""
    tail = _BINBYTES8 + size.to_bytes(8, "little")
    # The filler has steps of two bytes; the long spelling of the name adds an odd number.
    for key in (_text(name), _text(name, wide=True)):
        gap = -(position + len(key) + len(tail)) % ALIGNMENT
        if gap % len(_NO_ITEMS) == 0:
            return _NO_ITEMS * (gap // len(_NO_ITEMS)) + key + tail
    raise AssertionError("one of two spellings that differ by three bytes fits an even gap")


def frame(
    manifest: bytes | memoryview,
    manifest_sha256: bytes,
    sections: Sequence[tuple[str, int]],
    signature: bytes = b"",
) -> Iterator[tuple[bytes, int]]:
    """Yield the instructions before each value of a file, and the size of the value.

    manifest (Union[bytes, memoryview]): The first value.
    manifest_sha256 (bytes): Its digest, 32 bytes.
    sections (Sequence[Tuple[str, int]]): Name and size of each further value, in file order.
    signature (bytes): The signature, at most 255 bytes; empty if the file is not signed.
    YIELDS (Tuple[bytes, int]): Instructions, and the number of payload bytes after them. The last
        pair ends the file, without payload.
    """
    glue = b"".join(
        (
            _OPEN,
            *(_text("format"), _text(FORMAT), _SETITEM),
            *(_short("manifest_sha256", manifest_sha256), _SETITEM),
            *((_short("signature", signature), _SETITEM) if signature else ()),
        )
    )
    position = 0
    for name, size in (("manifest", len(manifest)), *sections):
        glue += _lead_in(position + len(glue), name, size)
        yield glue, size
        position += len(glue) + size
        glue = _SETITEM
    yield glue + _STOP, 0


def check_frame(
    buffer: memoryview,
    manifest: memoryview,
    manifest_sha256: bytes,
    sections: Sequence[tuple[str, int]],
    signature: bytes = b"",
) -> None:
    """Check all bytes outside of the values.

    buffer (memoryview): The whole file.
    manifest (memoryview): The manifest in it.
    manifest_sha256 (bytes): The digest of the manifest.
    sections (Sequence[Tuple[str, int]]): Name and size of each section, in the manifest's order.
    signature (bytes): The signature; empty if there is none.
    RAISES (UnsafeFileError): A byte is wrong ("not-canonical").
    """
    position = 0
    for glue, size in frame(manifest, manifest_sha256, sections, signature):
        if buffer[position : position + len(glue)] != glue:
            raise UnsafeFileError(
                f"damaged model file: the bytes from {position} on are wrong; "
                "copy or download it again",
                code="not-canonical",
                offset=position,
            )
        position += len(glue) + size
    if position != len(buffer):
        raise UnsafeFileError(
            "damaged model file: it is longer or shorter than its contents",
            code="not-canonical",
            offset=position,
        )
