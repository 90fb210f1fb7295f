"""Check a table of word vectors: settings, shape, and keys of its rows."""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray

from ....errors import UnsafeFileError
from ..rules import is_text

# The settings of vectors in mode "floret".
FLORET: Final = ("minn", "maxn", "hash_count", "hash_seed", "bow", "eow", "attr")
_MAX_NGRAM: Final = 64
# The marks that floret adds around each word; spaCy uses "<" and ">".
_MAX_MARK: Final = 16


def check_vectors(
    settings: Any, data: NDArray[Any], keys: NDArray[Any], rows: NDArray[Any]
) -> None:
    """Check that a table of vectors fits together: settings, shape, keys and the rows they name.

    settings (Any): The decoded settings.
    data (NDArray): The vectors, one per row.
    keys (NDArray): The hashes of words, `uint64`.
    rows (NDArray): The row of each key.
    RAISES (UnsafeFileError): They do not fit together ("bad-vocab").
    """
    if not isinstance(settings, dict):
        raise _bad("its vectors have no settings")
    if data.ndim != 2 or data.dtype.kind != "f" or (data.shape[0] and not data.shape[1]):
        raise _bad("its vectors are not a table of numbers")
    if keys.dtype != "<u8" or rows.dtype != "<i4" or keys.ndim != 1 or keys.shape != rows.shape:
        raise _bad("its vectors have no keys")
    if len(rows) and not (rows.min() >= 0 and rows.max() < data.shape[0]):
        raise _bad("a vector key points outside of the table")
    if settings == {"mode": "default"}:
        return
    if settings.get("mode") != "floret" or settings.keys() != {"mode", *FLORET}:
        raise _bad("its vectors are of an unknown kind")
    numbers = [settings[name] for name in ("minn", "maxn", "hash_count", "hash_seed", "attr")]
    if not all(type(n) is int and 0 <= n < 2**32 for n in numbers):
        raise _bad("its floret settings are unusable")
    if not 1 <= settings["minn"] <= settings["maxn"] <= _MAX_NGRAM or not len(data):
        raise _bad("its floret settings are unusable")
    if not 1 <= settings["hash_count"] <= 4:
        raise _bad("its floret settings are unusable")
    if not all(is_text(settings[name], _MAX_MARK) for name in ("bow", "eow")):
        raise _bad("its floret settings are unusable")


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(f"the vocab in the model file is unusable: {reason}", code="bad-vocab")
