"""Which row of a vector table each key has, in a file, as a table that can be searched there.

`vocab/vectors/keys` holds the 64-bit keys sorted, `…/rows` the row of each, and `…/order` the place
that each had in the pipeline's own dict, so that the dict can be made again exactly as it was.

A dict of half a million keys takes 0.2 seconds and 80 MB. `MappedRows` looks single keys up in the
file, and only becomes such a dict when it is changed or gone through as a whole.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from ...container.sections import Section, Sections, array_section
from ...dict_keys import are_slow_keys
from ...errors import UnsafeFileError

KEYS: Final = "vocab/vectors"


def key_sections(key2row: Mapping[int, int]) -> Iterator[Section]:
    """Make a table of keys.

    key2row (Mapping[int, int]): Row by key.
    YIELDS (Section): The table.
    """
    if isinstance(key2row, MappedRows) and key2row.table is not None:
        yield from key2row.table.sections()
        return
    n_keys = len(key2row)
    keys = np.fromiter(key2row.keys(), dtype=np.uint64, count=n_keys)
    rows = np.fromiter(key2row.values(), dtype=np.int32, count=n_keys)
    order = np.argsort(keys).astype(np.uint32)
    yield array_section(f"{KEYS}/keys", keys[order])
    yield array_section(f"{KEYS}/rows", rows[order])
    yield array_section(f"{KEYS}/order", order)


class KeyTable:
    """A table of keys in a file.

    sections (Sections): The file. Its keys and rows were checked.
    n_rows (int): Rows of the vector table.
    RAISES (UnsafeFileError): The table is inconsistent ("bad-vocab").
    """

    def __init__(self, sections: Sections, n_rows: int):
        keys, rows = sections.array(f"{KEYS}/keys"), sections.array(f"{KEYS}/rows")
        order = sections.array(f"{KEYS}/order")
        if order.dtype != "<u4" or not keys.shape == rows.shape == order.shape:
            raise _bad("their lists are of different lengths")
        self.n_rows = n_rows
        self.keys, self.rows, self.order = keys, rows, order

    def sections(self) -> Iterator[Section]:
        """YIELDS (Section): The same table, to be written again."""
        yield array_section(f"{KEYS}/keys", self.keys)
        yield array_section(f"{KEYS}/rows", self.rows)
        yield array_section(f"{KEYS}/order", self.order)

    def fills_all_rows(self) -> bool:
        """Return True if each row of the vector table has a key."""
        used = np.zeros(self.n_rows, dtype=np.bool_)
        used[self.rows] = True
        return bool(used.all())

    def to_dict(self) -> dict[int, int]:
        """Make the dict that the table was made from.

        RETURNS (Dict[int, int]): Row by key, in the original order.
        RAISES (UnsafeFileError): The table is inconsistent ("bad-vocab").
        """
        place = np.full(len(self.order), len(self.order), dtype=np.int64)
        if len(self.order) and self.order.max() < len(self.order):
            place[self.order] = np.arange(len(self.order))
        if np.any(place == len(place)) or np.any(self.keys[1:] <= self.keys[:-1]):
            raise _bad("they are in no order")
        if are_slow_keys(np.asarray(self.keys[place], dtype=np.uint64)):
            raise _bad("they share their places in a dict")
        return dict(zip(self.keys[place].tolist(), self.rows[place].tolist(), strict=True))


class MappedRows(dict[int, int]):
    """A dict that finds its keys in a table where it lies, until it is changed or gone through.

    table (KeyTable): The table; the buffer of its file stays alive as long as it is used.
    """

    def __init__(self, table: KeyTable):
        super().__init__()
        self.table: KeyTable | None = table
        self._keys, self._rows = table.keys.data, table.rows.data
        self._lock = threading.Lock()

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: D102
        table = self.table
        row = super().get(key)
        if row is None and table is not None:
            row = self._find(key, table.n_rows)
        return default if row is None else row

    def __getitem__(self, key: Any) -> int:  # noqa: D105
        row: int | None = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def __contains__(self, key: object) -> bool:  # noqa: D105
        return self.get(key) is not None

    def __len__(self) -> int:  # noqa: D105
        return super().__len__() if self.table is None else len(self._keys)

    def _find(self, key: Any, n_rows: int) -> int | None:
        if not isinstance(key, (int, np.integer)):
            return None
        i = bisect_left(self._keys, int(key))
        if i == len(self._keys) or self._keys[i] != key:
            return None
        row: int = self._rows[i]
        if not 0 <= row < n_rows:
            raise _bad("one points outside of the table")
        return row

    def fill(self) -> None:
        """Turn into a normal dict."""
        with self._lock:
            if self.table is not None:
                super().update(self.table.to_dict())
                self.table = None

    def __reduce__(self) -> Any:  # noqa: D105
        return dict, (dict(self.items()),)


def _filled_first(name: str) -> Any:
    method = getattr(dict, name)

    def call(self: MappedRows, *args: Any, **kwargs: Any) -> Any:
        self.fill()
        return method(self, *args, **kwargs)

    call.__name__ = name
    call.__doc__ = method.__doc__
    return call


for _name in (
    *("__iter__", "__reversed__", "items", "keys", "values", "copy", "__repr__"),
    *("__eq__", "__ne__", "__or__", "__ror__", "__ior__"),
    *("__setitem__", "__delitem__", "setdefault", "update", "pop", "popitem", "clear"),
):
    setattr(MappedRows, _name, _filled_first(_name))


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(
        f"the vocab in the model file is unusable: its vector keys: {reason}", code="bad-vocab"
    )
