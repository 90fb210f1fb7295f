"""Digests of data: two runs with the same digest have been given the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..annotations import AnnotatedText

if TYPE_CHECKING:
    from hashlib import _Hash


def digest_rows(rows: Iterable[AnnotatedText]) -> str:
    """Digest rows with all that training sees of them; of gold Docs their own tokens too.

    rows (Iterable[AnnotatedText]): Checked rows.
    RETURNS (str): SHA-256.
    """
    digest = hashlib.sha256()
    for row in rows:
        add_row(digest, row)
    return digest.hexdigest()


def add_row(digest: _Hash, row: AnnotatedText) -> None:
    """Add one row to a digest."""
    value: Sequence[Any] = [row.text, row.spans]
    digest.update(json.dumps(value).encode("utf-8") + b"\n")
    if row.reference is not None:
        digest.update(row.reference.to_array(["LENGTH", "SPACY", "ENT_IOB"]).tobytes())
