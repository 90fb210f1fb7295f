"""An annotated text, from any file or list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from spacy.tokens import Doc

if TYPE_CHECKING:
    from hashlib import _Hash


class EntitySpan(NamedTuple):
    """One entity, as characters of its text.

    start (int): Offset of the first character.
    end (int): Offset after the last character.
    label (str): The entity's label.
    """

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text with its entities and its source.

    text (str): The text.
    spans (Tuple[EntitySpan, ...]): Its entities, sorted, without overlap.
    source (str): File name, or "<list>".
    row (int): Number of the line or row in the source, from 1.
    unit (str): What `row` counts: "line", "row" or "doc".
    reference (Optional[Doc]): The gold Doc, if the source has one (`.spacy`, Examples). Unlike
        offsets, it can mark tokens as unknown.
    """

    text: str
    spans: tuple[EntitySpan, ...]
    source: str
    row: int
    unit: str = "row"
    reference: Doc | None = None

    @property
    def position(self) -> str:
        """Its place in the source, e.g. "line 7"."""
        return f"{self.unit} {self.row}"

    @property
    def place(self) -> str:
        """Its source and place, e.g. "train.jsonl, line 7"."""
        return f"{self.source}, {self.position}"


def digest_rows(rows: Iterable[AnnotatedText]) -> str:
    """Digest rows. Equal data has equal digests.

    rows (Iterable[AnnotatedText]): Checked rows.
    RETURNS (str): SHA-256 of everything that training uses, including the tokens of gold Docs.
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
