"""The colours of labels, the same on the whole page."""

from __future__ import annotations

from collections.abc import Iterable

from .html import Html, element

TINTS = 8


class Tints:
    """Assigns one of the stylesheet's colours to each label, in order.

    labels (Iterable[str]): Labels to begin with.
    """

    def __init__(self, labels: Iterable[str] = ()):
        self._tints: dict[str, str] = {}
        for label in labels:
            self[label]

    def __getitem__(self, label: str) -> str:
        """Return the class of a label."""
        return self._tints.setdefault(label, f"tint-{len(self._tints) % TINTS}")

    def chip(self, label: str) -> Html:
        """Return the label on its colour."""
        return element("span", label, class_=f"chip {self[label]}")
