"""Find keys of asymmetric algorithms in bytes, in any encoding.

Anyone can know a public key, so bytes with a public key must never be used as a shared secret.
Ed25519 keys in a form that the package "cryptography" reads are extracted, without a byte order
mark, comments or the zeros of UTF-16. Other keys are only named.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from .ed25519_points import can_be_public_key

Form: TypeAlias = Literal["PEM", "DER", "OpenSSH", "other"]

_PEM: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----")
# PEM and the similar formats of PGP and SSH2, also damaged.
_ARMOUR: Final = re.compile(rb"-----? ?BEGIN (?:[A-Z0-9 ]{0,40}(?:KEY|CERTIFICATE)|PGP)", re.I)
_SSH: Final = re.compile(rb"\b(ssh-ed25519)\s+(AAAA[A-Za-z0-9+/]+={0,2})")
_SSH_OTHER: Final = re.compile(rb"\b(?:ssh|sk|ecdsa|rsa|dsa)-[a-z0-9@.-]+\s+AAAA")
_SSH_BINARY: Final = re.compile(rb"\0\0\0.(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+\0\0", re.S)
_SSH_ED25519: Final = re.compile(rb"\0\0\0\x0bssh-ed25519\0\0\0 .{32}", re.S)
# SubjectPublicKeyInfo and PKCS #8 of an Ed25519 key.
_DER_PUBLIC: Final = re.compile(rb"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\0.{32}", re.S)
_DER_PRIVATE: Final = re.compile(
    rb"\x30\x2e\x02\x01\0\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20.{32}", re.S
)
# Names of key algorithms in DER: those of RFC 8410, RSA, and elliptic curves.
_DER_NAMES: Final = re.compile(
    rb"\x30\x05\x06\x03\x2b\x65[\x6e-\x71]|\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
    rb"|\x06\x07\x2a\x86\x48\xce\x3d\x02\x01",
    re.S,
)
_OTHER_TEXTS: Final = {
    "JWK": re.compile(rb"[\"']kty[\"']\s*:"),
    "minisign key": re.compile(rb"(?i)(?:minisign|signify) public key|untrusted comment:"),
    "PuTTY key": re.compile(rb"PuTTY-User-Key-File"),
    "XML key": re.compile(rb"<(?:\w+:)?(?:RSA|DSA|EC)KeyValue"),
}
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_INTEGER, _SEQUENCE = 0x02, 0x30
# 32 characters of text: one key in 10 ** 13 looks like that.
_PRINTABLE: Final = re.compile(rb"[ -~]{32}").fullmatch
# Longer texts are not keys in hex or base64.
_MAX_TEXT: Final = 16 * 1024


@dataclass(frozen=True)
class EncodedKey:
    """A key that was found in bytes.

    form (str): "PEM", "DER" or "OpenSSH", which "cryptography" may read; or "other".
    name (str): Description, for errors.
    data (bytes): The key alone.
    is_private (bool): True for a private key, if recognizable.
    """

    form: Form
    name: str
    data: bytes = b""
    is_private: bool = False


def find_keys(data: bytes) -> list[EncodedKey]:
    """Find the keys in bytes.

    data (bytes): Text with keys in PEM, OpenSSH or another known form; binary DER; or either in hex
        or base64.
    RETURNS (List[EncodedKey]): The keys; empty for a secret.
    """
    if found := _find(data):
        return found
    return [key for word in _words(data) for decoded in _decodings(word) for key in _find(decoded)]


def can_be_raw_key(data: bytes) -> bool:
    """Return True if bytes can be an Ed25519 public key without an encoding.

    data (bytes): 32 bytes, optionally with a line break; or text with 32 bytes in hex or base64.
    RETURNS (bool): True for all public keys, and for 1/16 of all random secrets of 32 bytes.
    """
    return any(map(can_be_public_key, raw_keys(data)))


def raw_keys(data: bytes) -> list[bytes]:
    """List all possible 32 bytes behind some bytes.

    data (bytes): As for `can_be_raw_key`.
    RETURNS (List[bytes]): The bytes themselves, and what they decode to, if it has 32 bytes.
    """
    for end in (b"", b"\n", b"\r\n"):
        if len(data) == 32 + len(end) and data.endswith(end) and not _PRINTABLE(data[:32]):
            return [data[:32]]
    decoded = (raw for word in _words(data) for raw in _decodings(word) if len(raw) == 32)
    return list(dict.fromkeys(decoded))


def _find(data: bytes) -> list[EncodedKey]:
    data = _without_mark(data)
    if is_der(data):
        start, end = _header(data)
        is_private = data[start] == _INTEGER  # a version comes first
        return [EncodedKey("DER", "DER", data[:end], is_private)]
    text = _text(data)
    found = [*_find_pem(text), *_find_binary(data)]
    found += [
        EncodedKey("OpenSSH", "OpenSSH key", b" ".join(match.groups()))
        for match in _SSH.finditer(text)
    ]
    if not found:
        if _ARMOUR.search(text):
            found.append(EncodedKey("other", "damaged PEM"))
        if _SSH_OTHER.search(text):
            found.append(EncodedKey("other", "OpenSSH key of another kind"))
        found += [
            EncodedKey("other", name)
            for name, pattern in _OTHER_TEXTS.items()
            if pattern.search(text)
        ]
    return found


def _find_pem(text: bytes) -> Iterator[EncodedKey]:
    for label, body in _PEM.findall(text):
        name = label.decode()
        if not name.endswith(("PUBLIC KEY", "PRIVATE KEY")):
            yield EncodedKey("other", f"PEM of a {name}")
            continue
        packed = b"".join(body.split())
        lines = [packed[start : start + 64] for start in range(0, len(packed), 64)]
        pem = b"\n".join([b"-----BEGIN %b-----" % label, *lines, b"-----END %b-----" % label, b""])
        yield EncodedKey("PEM", "PEM", pem, name.endswith("PRIVATE KEY"))


def _find_binary(data: bytes) -> Iterator[EncodedKey]:
    found = [
        *(EncodedKey("DER", "DER", der) for der in _DER_PUBLIC.findall(data)),
        *(EncodedKey("DER", "DER", der, is_private=True) for der in _DER_PRIVATE.findall(data)),
        *(
            EncodedKey("OpenSSH", "OpenSSH", b"ssh-ed25519 " + binascii.b2a_base64(blob).strip())
            for blob in _SSH_ED25519.findall(data)
        ),
    ]
    yield from found
    if not found and (_DER_NAMES.search(data) or _SSH_BINARY.search(data)):
        yield EncodedKey("other", "binary key of another kind")
    # A public key of minisign: two letters, a number of 8 bytes, the key.
    if len(data) == 42 and data.startswith(b"Ed") and can_be_public_key(data[10:]):
        yield EncodedKey("other", "minisign key")


def is_der(data: bytes) -> bool:
    """Return True if bytes are one DER sequence of complete values, like keys and certificates.

    data (bytes): The bytes; spaces at the end are ignored.
    RETURNS (bool): True for such a sequence. Random bytes almost never are.
    """
    if data[:1] != bytes([_SEQUENCE]):
        return False
    start, end = _header(data)
    if not 0 < start < end <= len(data) or data[end:].strip():
        return False
    if data[start] not in (_INTEGER, _SEQUENCE):
        return False
    count = 0
    while start < end:
        inner, after = _header(data[start:end])
        if inner == 0:
            return False
        start, count = start + after, count + 1
    return start == end and count >= 2


def _header(data: bytes) -> tuple[int, int]:
    """Return start and end of the contents of a DER value; (0, 0) if its length is invalid."""
    if len(data) < 2:
        return 0, 0
    length, start = data[1], 2
    if length & 0x80:
        width = length & 0x7F
        if not 1 <= width <= 3 or len(data) < 2 + width:
            return 0, 0
        length, start = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
    return start, start + length


def _words(data: bytes) -> list[bytes]:
    """Yield a text and its words: a comment or a name can be beside a key."""
    if len(data) > _MAX_TEXT:
        return []
    return list(dict.fromkeys([data, *re.split(rb"[\s:;,\"'<>()\[\]{}]+", _text(data))]))


def _decodings(data: bytes) -> list[bytes]:
    """Decode a text as hex, base64 and base64url, if possible."""
    text = b"".join(_text(data).split())
    found = []
    digits = re.sub(rb"^0[xX]|:", b"", text)
    if digits and len(digits) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", digits):
        found.append(binascii.unhexlify(digits))
    letters = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    if letters and len(letters) % 4 != 1 and re.fullmatch(rb"[A-Za-z0-9+/]+", letters):
        found.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
    return found


def _text(data: bytes) -> bytes:
    """Return ASCII text that is stored as ASCII, UTF-8 or UTF-16."""
    return _without_mark(data).replace(b"\0", b"")


def _without_mark(data: bytes) -> bytes:
    for mark in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :]
    return data
