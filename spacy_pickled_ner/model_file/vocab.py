"""A pipeline's vocab in a file: its strings, word vectors and lookup tables."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.strings import StringStore
from spacy.vectors import Mode, Vectors  # type: ignore[import-not-found]
from spacy.vocab import Vocab
from thinc.api import get_current_ops

from ..errors import UnsafeFileError
from .guards.lookups import check_lookups
from .sections import Section, Sections, array_section, json_section

_FLORET: Final = ("minn", "maxn", "hash_count", "hash_seed", "bow", "eow", "attr")
_MAX_NGRAM: Final = 64


def vocab_sections(vocab: Vocab) -> Iterator[Section]:
    """Take a vocab apart.

    vocab (Vocab): The vocab.
    YIELDS (Section): Its sections; vectors are not copied.
    """
    yield from _string_sections(sorted(vocab.strings))
    if type(vocab.vectors) is Vectors:
        yield from _vector_sections(vocab.vectors)
    else:
        yield Section("vocab/vectors", vocab.vectors.to_bytes(exclude=["strings"]))
    yield Section("vocab/lookups", vocab.lookups.to_bytes())


def restore_vocab(vocab: Vocab, sections: Sections, exclude: Collection[str]) -> None:
    """Put the contents of a file into a vocab.

    vocab (Vocab): A new vocab, or one that the caller shares. Its strings are kept.
    sections (Sections): The file.
    exclude (Collection[str]): Any of "strings", "vectors", "lookups".
    RAISES (UnsafeFileError): The sections do not fit together ("bad-vocab").
    """
    if "strings" not in exclude:
        _restore_strings(vocab.strings, sections)
    if "vectors" not in exclude:
        if type(vocab.vectors) is Vectors:
            _restore_vectors(vocab.vectors, sections)
        else:
            vocab.vectors.from_bytes(bytes(sections["vocab/vectors"]), exclude=["strings"])
    if "lookups" not in exclude:
        check_lookups("the vocab", sections["vocab/lookups"])
        # The vocab itself connects the tables with its lexical attributes.
        vocab.from_bytes(srsly.msgpack_dumps({"lookups": bytes(sections["vocab/lookups"])}))


def _string_sections(strings: Iterable[str]) -> Iterator[Section]:
    encoded = [string.encode() for string in strings]
    ends = np.cumsum([0, *map(len, encoded)], dtype="<u8")
    yield Section("vocab/strings", b"".join(encoded))
    yield array_section("vocab/strings/offsets", ends)


def _restore_strings(store: StringStore, sections: Sections) -> None:
    text = bytes(sections["vocab/strings"])
    offsets = sections.array("vocab/strings/offsets")
    if offsets.ndim != 1 or offsets.dtype != "<u8" or not len(offsets):
        raise _bad("its strings have no offsets")
    if offsets[0] != 0 or offsets[-1] != len(text) or np.any(offsets[1:] < offsets[:-1]):
        raise _bad("its strings overlap or have gaps")
    ends = offsets.tolist()
    try:
        for start, end in itertools.pairwise(ends):
            store.add(text[start:end].decode())
    except UnicodeDecodeError as err:
        raise _bad("a string is not UTF-8") from err


def _vector_sections(vectors: Vectors) -> Iterator[Section]:
    settings = {"mode": Mode(vectors.mode).value}
    if vectors.mode == Mode.floret:
        settings |= {name: getattr(vectors, name) for name in _FLORET}
    data = get_current_ops().to_numpy(vectors.data, byte_order="<")
    n_keys = len(vectors.key2row)
    yield json_section("vocab/vectors.json", settings)
    yield array_section(
        "vocab/vectors/keys", np.fromiter(vectors.key2row.keys(), dtype="<u8", count=n_keys)
    )
    yield array_section(
        "vocab/vectors/rows", np.fromiter(vectors.key2row.values(), dtype="<i4", count=n_keys)
    )
    yield array_section("vocab/vectors/data", data)


def _restore_vectors(vectors: Vectors, sections: Sections) -> None:
    settings = sections.json("vocab/vectors.json")
    data = sections.array("vocab/vectors/data")
    keys, rows = sections.array("vocab/vectors/keys"), sections.array("vocab/vectors/rows")
    _check_vectors(settings, data, keys, rows)
    ops: Any = get_current_ops()
    vectors.data = ops.asarray(data)
    vectors.key2row = dict(zip(keys.tolist(), rows.tolist(), strict=True))
    # Reading settings also brings the table's list of free rows up to date.
    vectors.from_bytes(srsly.msgpack_dumps({"vectors.cfg": srsly.json_dumps(settings)}))


def _check_vectors(
    settings: Any, data: NDArray[Any], keys: NDArray[Any], rows: NDArray[Any]
) -> None:
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
    if settings.get("mode") != "floret" or settings.keys() != {"mode", *_FLORET}:
        raise _bad("its vectors are of an unknown kind")
    numbers = [settings[name] for name in ("minn", "maxn", "hash_count", "hash_seed", "attr")]
    if not all(type(n) is int and 0 <= n < 2**32 for n in numbers):
        raise _bad("its floret settings are unusable")
    if not 1 <= settings["minn"] <= settings["maxn"] <= _MAX_NGRAM or not len(data):
        raise _bad("its floret settings are unusable")
    if not 1 <= settings["hash_count"] <= 4:
        raise _bad("its floret settings are unusable")
    if not all(isinstance(settings[name], str) for name in ("bow", "eow")):
        raise _bad("its floret settings are unusable")


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(f"the vocab in the model file is unusable: {reason}", code="bad-vocab")
