"""What one annotated text is, whichever file or list it came from."""

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

    start (int): First character.
    end (int): One past the last character.
    label (str): The entity's label.
    """

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text with its entities, and where it came from.

    text (str): The text.
    spans (Tuple[EntitySpan, ...]): Its entities, in order, not overlapping.
    source (str): File name, or "<list>".
    row (int): 1-based line or row in the source.
    unit (str): What `row` counts: "line", "row" or "doc".
    reference (Optional[Doc]): The gold Doc itself where the source has one (`.spacy`, Examples):
        it can say of a token that nothing is known, which offsets cannot.
    """

    text: str
    spans: tuple[EntitySpan, ...]
    source: str
    row: int
    unit: str = "row"
    reference: Doc | None = None

    @property
    def position(self) -> str:
        """Where it stands in its source, e.g. "line 7"."""
        return f"{self.unit} {self.row}"

    @property
    def place(self) -> str:
        """The row as messages name it, e.g. "train.jsonl, line 7"."""
        return f"{self.source}, {self.position}"


def digest_rows(rows: Iterable[AnnotatedText]) -> str:
    """Digest rows: two runs with the same digest have been given the same.

    rows (Iterable[AnnotatedText]): Checked rows.
    RETURNS (str): SHA-256 of all that training sees of them; of gold Docs their own tokens too.
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
