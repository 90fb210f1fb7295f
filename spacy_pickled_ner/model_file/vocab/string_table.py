"""The strings of a vocab in a file, as a table that can be searched where it lies.

`vocab/strings` holds the texts one after the other in alphabetical order, `…/offsets` where each
begins and the last one ends, `…/hashes` the sorted 64-bit hashes that spaCy knows strings by, and
`…/order` which text each hash belongs to.

spaCy's own store has to be filled string by string, 0.4 µs and 80 bytes each. `MappedStrings` is
such a store that finds the strings of a file in the file; what is added later goes into spaCy's.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Any, Final

import numpy as np
from spacy.strings import StringStore, hash_string  # type: ignore[attr-defined]

from ...container.sections import Section, Sections, array_section
from ...errors import SaveError, UnsafeFileError

_NAME: Final = "vocab/strings"
MAX_TEXT_BYTES: Final = 2**32 - 1
_AT_ONCE: Final = 4_096
_COPIED_BYTES: Final = 2**20


def string_sections(strings: Iterable[str]) -> Iterator[Section]:
    """Make a table of strings.

    strings (Iterable[str]): The strings, each once, in any order.
    YIELDS (Section): The table.
    RAISES (SaveError): They are too long for one.
    """
    texts, lengths, hashes = bytearray(), array("I", [0]), array("Q")
    in_order = sorted(strings)
    for start in range(0, len(in_order), _AT_ONCE):
        some = in_order[start : start + _AT_ONCE]
        encoded = [*map(str.encode, some)]
        texts += b"".join(encoded)
        if len(texts) > MAX_TEXT_BYTES:
            raise SaveError("cannot save the vocab: its strings are larger than 4 GiB")
        lengths.extend(map(len, encoded))
        hashes.extend(map(hash_string, some))
    del in_order
    offsets = np.cumsum(np.frombuffer(lengths, dtype=np.uint32), dtype=np.uint32)
    unsorted = np.frombuffer(hashes, dtype=np.uint64)
    order = np.argsort(unsorted).astype(np.uint32)
    yield array_section(_NAME, np.frombuffer(texts, dtype=np.uint8))
    yield array_section(f"{_NAME}/offsets", offsets)
    yield array_section(f"{_NAME}/hashes", unsorted[order])
    yield array_section(f"{_NAME}/order", order)


def read_strings(sections: Sections) -> Iterator[str]:
    """Read all strings of a table.

    sections (Sections): The file.
    YIELDS (str): A string, in alphabetical order.
    RAISES (UnsafeFileError): The table is inconsistent ("bad-vocab").
    """
    yield from _Table(sections)


class _Table:
    """A table of strings in a file. Nothing in it is believed: each find is checked.

    sections (Sections): The file.
    """

    def __init__(self, sections: Sections):
        texts, offsets = sections.array(_NAME), sections.array(f"{_NAME}/offsets")
        hashes, order = sections.array(f"{_NAME}/hashes"), sections.array(f"{_NAME}/order")
        if (
            texts.dtype != "|u1"
            or hashes.dtype != "<u8"
            or {offsets.dtype.str, order.dtype.str} != {"<u4"}
        ):
            raise bad_strings("they are of a wrong type")
        if {texts.ndim, offsets.ndim, hashes.ndim, order.ndim} != {1}:
            raise bad_strings("they are not lists")
        if not len(hashes) == len(order) == len(offsets) - 1:
            raise bad_strings("their lists are of different lengths")
        if offsets[0] != 0 or offsets[-1] != len(texts):
            raise bad_strings("they have gaps")
        self._offset_array = offsets
        self.texts, self.offsets = texts.data, offsets.data
        self.hashes, self.order = hashes.data, order.data

    def __len__(self) -> int:
        return len(self.hashes)

    def __iter__(self) -> Iterator[str]:
        offsets = self._offset_array
        if np.any(offsets[1:] < offsets[:-1]):
            raise bad_strings("they overlap")
        try:
            for first in range(0, len(self), _AT_ONCE):
                borders = offsets[first : first + _AT_ONCE + 1]
                texts = self.texts[borders[0] : borders[-1]]
                pairs = pairwise((borders - borders[0]).tolist())
                # Bytes are faster to cut up, but a copy of many long texts would be large.
                if len(texts) <= _COPIED_BYTES:
                    copied = bytes(texts)
                    yield from [copied[start:end].decode() for start, end in pairs]
                else:
                    for start, end in pairs:
                        yield str(texts[start:end], "utf-8")
        except UnicodeDecodeError as err:
            raise bad_strings("one is not UTF-8") from err

    def find(self, key: int) -> str | None:
        i = bisect_left(self.hashes, key)
        if i == len(self.hashes) or self.hashes[i] != key:
            return None
        try:
            row = self.order[i]
            string = str(self.texts[self.offsets[row] : self.offsets[row + 1]], "utf-8")
        except (IndexError, UnicodeDecodeError) as err:
            raise bad_strings("a hash points to no string") from err
        if not string or hash_string(string) != key:
            raise bad_strings("a hash is not that of its string")
        return string


class MappedStrings(StringStore):
    """A string store that finds the strings of a file where they lie.

    sections (Sections): The file; its buffer stays alive as long as the store.
    RAISES (UnsafeFileError): The table of strings is inconsistent ("bad-vocab").
    """

    def __init__(self, sections: Sections):
        super().__init__()
        self._table: _Table | None = _Table(sections)
        # Hash by string and string by hash, for the used strings of the table.
        self._found: dict[int | str, Any] = {}
        # Work put off that adds strings must be done before what is added is only on loan.
        self.before_memory_zone: Callable[[], object] | None = None

    def __getitem__(self, key: Any) -> Any:  # noqa: D105
        known = self._found.get(key)
        if known is not None:
            return known
        try:
            return super().__getitem__(key)
        except KeyError:
            string = self._find(key)
            if string is None:
                raise
            return string

    def __contains__(self, key: Any) -> bool:  # noqa: D105
        if super().__contains__(key):
            return True
        return self._find(super().__getitem__(key) if isinstance(key, str) else key) is not None

    def __len__(self) -> int:  # noqa: D105
        return super().__len__() + (0 if self._table is None else len(self._table))

    def __iter__(self) -> Iterator[str]:  # noqa: D105
        if self._table is not None:
            yield from self._table
        yield from super().__iter__()

    def add(self, string: Any, allow_transient: bool | None = None) -> int:  # noqa: D102
        known: int | None = self._found.get(string)
        if known is not None and isinstance(string, str):
            return known
        if isinstance(string, (str, bytes)):
            key: int = super().__getitem__(string)
            found = self._find(key)
            if found is not None:
                if isinstance(string, str) and found != string:
                    raise bad_strings(f"another one has the hash of {string[:40]!a}")
                return key
        return super().add(string, allow_transient)  # type: ignore[call-arg]

    def memory_zone(self, mem: Any = None) -> AbstractContextManager[Any]:  # noqa: D102
        if self.before_memory_zone is not None:
            self.before_memory_zone()
        return super().memory_zone(mem)  # type: ignore[misc, no-any-return]

    def _find(self, key: Any) -> str | None:
        string: str | None = self._found.get(key)
        if string is None and self._table is not None and isinstance(key, (int, np.integer)):
            string = self._table.find(int(key))
            if string is not None:
                self._found[int(key)] = string
                self._found[string] = int(key)
        return string

    def _reset_and_load(self, strings: Iterable[str]) -> None:
        self._table, self._found = None, {}
        super()._reset_and_load(strings)


def bad_strings(reason: str) -> UnsafeFileError:
    """Make the error for a table that is inconsistent."""
    return UnsafeFileError(
        f"the vocab in the model file is unusable: its strings: {reason}", code="bad-vocab"
    )
