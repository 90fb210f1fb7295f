"""The knowledge base of an entity linker: a header with counts, and tables that must match them.

Compiled code allocates as many entries as the header says, and then writes all that follow.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ....msgpack import decode_msgpack_map
from ..hashes import check_even
from ..refuse import is_int, refuse
from ..settings import decode_json

MAX_ENTRIES: Final = 2**26
MAX_WIDTH: Final = 8_192
_CODE: Final = "bad-knowledge-base"
_KEYS: Final = frozenset({"header", "entity_vectors", "entries", "aliases"})
_MAX_HASH: Final = 2**64 - 1


def check_knowledge_base(what: str, state: dict[str, Any]) -> None:
    """Check the in-memory knowledge base of an entity linker.

    what (str): Name of the component.
    state (Dict[str, Any]): Its decoded state.
    RAISES (UnsafeFileError): It is inconsistent ("bad-knowledge-base").
    """
    packed = state.get("kb")
    if not isinstance(packed, bytes):
        refuse(what, "it has no knowledge base", _CODE)
    parts = decode_msgpack_map(packed, what)
    if parts.keys() != _KEYS:
        refuse(what, "its knowledge base is incomplete", _CODE)
    header = decode_json(parts["header"], what)
    if type(header) is not list or len(header) != 3:
        refuse(what, "its knowledge base has no header", _CODE)
    n_entities, n_aliases, width = header
    if not is_int(n_entities, 0, MAX_ENTRIES) or not is_int(n_aliases, 0, MAX_ENTRIES):
        refuse(what, "its knowledge base has an impossible size", _CODE)
    if not is_int(width, 1, MAX_WIDTH):
        refuse(what, "its vectors have an impossible width", _CODE)
    vectors = _table(what, parts["entity_vectors"])
    entries = _table(what, parts["entries"])
    if len(entries) != n_entities:
        refuse(what, "it has more or fewer entities than its header says", _CODE)
    _check_entries(what, entries, vectors, width)
    aliases = _table(what, parts["aliases"])
    if len(aliases) != 3:
        refuse(what, "its aliases are unusable", _CODE)
    _check_aliases(what, [_table(what, part) for part in aliases], n_entities, n_aliases)


def _table(what: str, value: object) -> list[Any]:
    table = decode_json(value, what)
    if type(table) is not list:
        refuse(what, "a table of its knowledge base is not a list", _CODE)
    return table


def _check_entries(what: str, entries: list[Any], vectors: list[Any], width: int) -> None:
    check_even(
        what, [e[0] for e in entries if type(e) is list and e and is_int(e[0], 0, _MAX_HASH)]
    )
    seen = set()
    for entry in entries:
        if type(entry) is not list or len(entry) != 3:
            refuse(what, "an entity is unusable", _CODE)
        entity, frequency, row = entry
        if not is_int(entity, 1, _MAX_HASH) or not _is_number(frequency):
            refuse(what, "an entity is unusable", _CODE)
        if not is_int(row, 0, len(vectors) - 1) or not _is_vector(vectors[row], width):
            refuse(what, "an entity has no vector", _CODE)
        seen.add(entity)
    if len(seen) != len(entries):
        refuse(what, "an entity is in it twice", _CODE)
    # Rows that no entity uses are read all the same, and may be of any width.
    if not all(_is_vector(vector, None) for vector in vectors):
        refuse(what, "a vector is not a list of numbers", _CODE)


def _check_aliases(what: str, tables: list[list[Any]], n_entities: int, n_aliases: int) -> None:
    headers, indices, probabilities = tables
    if not len(headers) == len(indices) == len(probabilities) == n_aliases:
        refuse(what, "it has more or fewer aliases than its header says", _CODE)
    check_even(
        what, [h[0] for h in headers if type(h) is list and h and is_int(h[0], 0, _MAX_HASH)]
    )
    seen = set()
    for header, entries, probs in zip(headers, indices, probabilities, strict=True):
        if type(header) is not list or len(header) != 2 or not is_int(header[0], 1, _MAX_HASH):
            refuse(what, "an alias is unusable", _CODE)
        if type(entries) is not list or not all(is_int(n, 1, n_entities) for n in entries):
            refuse(what, "an alias has an unknown entity", _CODE)
        if not _is_vector(probs, len(entries)) or header[1] != len(entries):
            refuse(what, "an alias has other probabilities than entities", _CODE)
        seen.add(header[0])
    if len(seen) != n_aliases:
        refuse(what, "an alias is in it twice", _CODE)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _is_vector(value: object, width: int | None) -> bool:
    if type(value) is not list or (width is not None and len(value) != width):
        return False
    return all(_is_number(number) for number in value)


def _hashes(rows: list[Any]) -> list[int]:
    """Return the hashes at the start of rows, for rows with one."""
    return [row[0] for row in rows if type(row) is list and row and is_int(row[0], 0, _MAX_HASH)]
