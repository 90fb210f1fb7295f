"""The report on a source of data: texts read, changed and skipped, and warnings."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..wording import counted

logger = logging.getLogger("spacy_pickled_ner")

MAX_PLACES = 3


@dataclass
class DataReport:
    """Counts and warnings for one source. Filled while the source is read and aligned.

    source (str): File name, or "<list>".
    texts (int): Used texts.
    words (int): Tokens of the used texts.
    labels (Counter): Spans per label.
    trimmed (int): Spans with white space at an edge, which was removed.
    repeated (int): Spans that a row has twice; they count once.
    misaligned (int): Spans that do not match tokens.
    unusable (int): Misaligned spans that were skipped, not moved to the tokens' bounds.
    skipped (Counter): Skipped rows, by reason: "empty", "not accepted", "invalid".
    conflicts (int): Texts that occur again with different entities.
    places (Dict[str, List[str]]): The first places of each kind of finding.
    """

    source: str
    texts: int = 0
    words: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    trimmed: int = 0
    repeated: int = 0
    misaligned: int = 0
    unusable: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    places: dict[str, list[str]] = field(default_factory=dict)

    @property
    def spans(self) -> int:
        """Number of entity spans, over all labels."""
        return sum(self.labels.values())

    def note(self, kind: str, place: str) -> None:
        """Store the place of a finding, for the first few of its kind."""
        places = self.places.setdefault(kind, [])
        if place not in places and len(places) < MAX_PLACES:
            places.append(place)

    def warnings(self) -> list[str]:
        """Warnings for the user, one sentence each."""
        found = []
        if self.skipped["invalid"]:
            rows = counted(self.skipped["invalid"], "invalid row")
            found.append(f"{rows} skipped ({self._where('invalid')})")
        if self.skipped["empty"]:
            found.append(f"{counted(self.skipped['empty'], 'row')} without text skipped")
        if self.skipped["not accepted"]:
            rows = counted(self.skipped["not accepted"], "row")
            found.append(f'{rows} skipped: answer is not "accept"')
        if self.repeated:
            spans = counted(self.repeated, "span")
            found.append(f"{spans} repeated in the same row ({self._where('repeated')})")
        if self.trimmed:
            spans = counted(self.trimmed, "span")
            found.append(f"{spans} trimmed of white space ({self._where('trimmed')})")
        if self.misaligned:
            counts = {"left out": self.unusable, "moved": self.misaligned - self.unusable}
            done = [f"{count} {what}" for what, count in counts.items() if count]
            found.append(
                f"{self.misaligned} of {counted(self.spans, 'span')} not matching the "
                f"tokens of this pipeline: {', '.join(done)} ({self._where('misaligned')})"
            )
        if self.conflicts:
            texts = counted(self.conflicts, "text")
            found.append(f"{texts} repeated with different entities ({self._where('conflict')})")
        return [f"{self.source}: {text}" for text in found]

    def log_warnings(self) -> None:
        """Log the warnings, for callers that have no other way to show them."""
        for text in self.warnings():
            logger.warning(text)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, for the metrics file."""
        return {
            "source": self.source,
            "texts": self.texts,
            "words": self.words,
            "spans": self.spans,
            "labels": dict(sorted(self.labels.items())),
            "trimmed": self.trimmed,
            "repeated": self.repeated,
            "misaligned": self.misaligned,
            "unusable": self.unusable,
            "skipped": dict(sorted(self.skipped.items())),
            "conflicts": self.conflicts,
            "warnings": self.warnings(),
        }

    def _where(self, kind: str) -> str:
        return "first: " + "; ".join(self.places.get(kind, ["?"]))
