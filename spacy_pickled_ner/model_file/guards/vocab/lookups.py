"""Check the form of lookup tables, which are maps of words."""

from __future__ import annotations

from typing import Final

from spacy.lookups import Lookups

from ....msgpack import decode_msgpack_map, gc_paused, is_harmless, walk_msgpack
from ..refuse import refuse

# srsly turns a map with this key into an array, of any shape that the map names.
_ARRAY_KEYS: Final = tuple(
    prefix + name
    for name in (b"nd", b"complex")
    for prefix in (b"\xc4%c" % len(name), b"\xc5\0%c" % len(name), b"\xc6\0\0\0%c" % len(name))
)


def check_lookups(what: str, data: bytes | memoryview) -> None:
    """Check lookup tables before they are decoded.

    what (str): The owner of the tables, for the error.
    data (Union[bytes, memoryview]): The msgpack of `Lookups.to_bytes`.
    RAISES (UnsafeFileError): They are invalid ("bad-msgpack", "bad-lookups").
    """
    raw = bytes(data)
    if not is_harmless(raw):
        walk_msgpack(raw, what)
    if any(key in raw for key in _ARRAY_KEYS):
        refuse(what, "its tables hold arrays", "bad-lookups")


def restore_tables(lookups: Lookups, what: str, data: bytes | memoryview) -> None:
    """Put the lookup tables of a file in the place of all that there are.

    lookups (Lookups): The lookups to fill.
    what (str): The owner of the tables, for the error.
    data (Union[bytes, memoryview]): The msgpack of `Lookups.to_bytes`, checked.
    RAISES (UnsafeFileError): They are invalid ("bad-lookups", "bad-msgpack").
    """
    tables = decode_msgpack_map(data, what)
    if not all(type(table) is dict for table in tables.values()):
        refuse(what, "one of its lookup tables is invalid", "bad-lookups")
    for name in lookups.tables:
        lookups.remove_table(name)
    with gc_paused():
        for name, table in tables.items():
            lookups.add_table(name, table)
