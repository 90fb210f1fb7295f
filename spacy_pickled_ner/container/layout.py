"""Where the bytes of a `pickle.v1` file go: one flat dict, written in exactly one possible way.

The file is the pickle of `{"format", "manifest_sha256", ["signature",] "manifest", <section>, …}`.
The digest is that of the manifest and, if there is one, of the signature put after it. Between two
section values stand only a few bytes of pickle instructions; which ones follows from the names
and sizes alone. A reader can therefore compare everything that is not payload with what a writer
must have written, so that no byte of a file goes unchecked.

Every section value starts on a multiple of 64 bytes, so that arrays can be used where they lie. The
filler is `MARK SETITEMS`, "add no items to the dict", which is a valid instruction of plain data.
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
    """Instructions that put the next byte, the value of `name`, on a multiple of 64."""
    tail = _BINBYTES8 + size.to_bytes(8, "little")
    # The filler comes in steps of two bytes; the long spelling of the name makes an odd step.
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
    """Lay out a file: the instructions before each value, and the size of that value.

    manifest (Union[bytes, memoryview]): The first value.
    manifest_sha256 (bytes): Its digest, 32 bytes.
    sections (Sequence[Tuple[str, int]]): Name and size of each further value, in file order.
    signature (bytes): The signature, at most 255 bytes; empty if the file is not signed.
    YIELDS (Tuple[bytes, int]): Instructions, and how many bytes of payload follow them. The last
        pair ends the file and has no payload.
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
    """Check that all bytes outside of the values are the ones a writer must have written.

    buffer (memoryview): The whole file.
    manifest (memoryview): The manifest in it.
    manifest_sha256 (bytes): The digest of the manifest.
    sections (Sequence[Tuple[str, int]]): Name and size of each section, in the manifest's order.
    signature (bytes): The signature; empty if there is none.
    RAISES (UnsafeFileError): They are not ("not-canonical").
    """
    position = 0
    for glue, size in frame(manifest, manifest_sha256, sections, signature):
        if buffer[position : position + len(glue)] != glue:
            raise UnsafeFileError(
                f"damaged model file: byte {position} and following are not what they must be; "
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
