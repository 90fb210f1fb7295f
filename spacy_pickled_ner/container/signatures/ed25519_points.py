"""Check if bytes can be an Ed25519 public key.

A public key is a point of the curve's subgroup of prime order (RFC 8032, 5.1). So is one in 16
random strings of 32 bytes. The code only handles public values, so it need not run in constant
time.
"""

from __future__ import annotations

from typing import Final, TypeAlias

# Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
_Point: TypeAlias = tuple[int, int, int, int]

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)
_IDENTITY: Final[_Point] = (0, 1, 1, 0)


def can_be_public_key(data: bytes) -> bool:
    """Return True if bytes are a point of the prime-order subgroup.

    data (bytes): The bytes.
    RETURNS (bool): True for all Ed25519 public keys, and for 1/16 of all other 32 bytes.
    """
    point = _decompress(data) if len(data) == 32 else None
    if point is None:
        return False
    x, y, z, _ = _multiply(_ORDER, point)
    return x == 0 and y == z


def _decompress(data: bytes) -> _Point | None:
    """Return the point from the bytes of y and the last bit of x."""
    number = int.from_bytes(data, "little")
    y, is_odd = number % 2**255, number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P or (x == 0 and is_odd):
        return None
    if x & 1 != is_odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _multiply(factor: int, point: _Point) -> _Point:
    total = _IDENTITY
    for bit in bin(factor)[2:]:
        total = _add(total, total)
        if bit == "1":
            total = _add(total, point)
    return total


def _add(left: _Point, right: _Point) -> _Point:
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * _D * t1 * t2 % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
