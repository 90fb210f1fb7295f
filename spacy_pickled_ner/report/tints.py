"""Labels: their tints, the same all over the page."""

from __future__ import annotations

from collections.abc import Iterable

from .html import Html, element

TINTS = 8


class Tints:
    """Hands each label one of the stylesheet's tints, in the order in which they come.

    labels (Iterable[str]): Labels to begin with.
    """

    def __init__(self, labels: Iterable[str] = ()):
        self._tints: dict[str, str] = {}
        for label in labels:
            self[label]

    def __getitem__(self, label: str) -> str:
        """Class of a label."""
        return self._tints.setdefault(label, f"tint-{len(self._tints) % TINTS}")

    def chip(self, label: str) -> Html:
        """The label on its tint."""
        return element("span", label, class_=f"chip {self[label]}")
