"""The report on one source of data: what was read, mended, skipped, and what looks wrong."""

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
    texts (int): Texts that are used.
    words (int): Tokens of these texts.
    labels (Counter): Spans per label.
    trimmed (int): Spans that had white space at an edge, which was cut off.
    repeated (int): Spans that a row gives twice, which count once.
    misaligned (int): Spans that do not begin and end with tokens.
    unusable (int): Misaligned spans that were left out, not moved to the tokens' edges.
    skipped (Counter): Rows that are not used, by reason: "empty", "not accepted", "invalid".
    conflicts (int): Texts that occur again with other entities.
    places (Dict[str, List[str]]): The first few places of each kind of finding.
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
        """Remember where a finding was, for the first few of its kind."""
        places = self.places.setdefault(kind, [])
        if place not in places and len(places) < MAX_PLACES:
            places.append(place)

    def warnings(self) -> list[str]:
        """What the user should know, a sentence each."""
        found = []
        if self.skipped["invalid"]:
            rows = counted(self.skipped["invalid"], "invalid row")
            found.append(f"{rows} skipped, as asked ({self._where('invalid')})")
        if self.skipped["empty"]:
            found.append(f"{counted(self.skipped['empty'], 'row')} without text skipped")
        if self.skipped["not accepted"]:
            rows = counted(self.skipped["not accepted"], "row")
            found.append(f'{rows} skipped: answer is not "accept"')
        if self.repeated:
            spans = counted(self.repeated, "span")
            found.append(f"{spans} given twice ({self._where('repeated')})")
        if self.trimmed:
            spans = counted(self.trimmed, "span")
            found.append(f"{spans} trimmed of white space ({self._where('trimmed')})")
        if self.misaligned:
            counts = {"left out": self.unusable, "moved": self.misaligned - self.unusable}
            done = [f"{count} {what}" for what, count in counts.items() if count]
            found.append(
                f"{self.misaligned} of {counted(self.spans, 'span')} not beginning and ending with "
                f"tokens of this pipeline: {', '.join(done)} ({self._where('misaligned')})"
            )
        if self.conflicts:
            texts = counted(self.conflicts, "text")
            found.append(f"{texts} repeated with other entities ({self._where('conflict')})")
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
