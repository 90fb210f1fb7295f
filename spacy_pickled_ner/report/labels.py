"""Labels: their tints, the same all over the page, and example texts with their entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from spacy import displacy
from spacy.tokens import Doc

from .html import Html, element, join

TINTS = 8

# displaCy's own template has its colours inside, where a stylesheet cannot darken them.
_ENTITY = '<mark class="entity {bg}">{text}<span class="label">{label}</span></mark>'


class Tints:
    """Hands each label one of the stylesheet's tints, in the order in which they come.

    labels (Iterable[str]): Labels to begin with.
    """

    def __init__(self, labels: Iterable[str] = ()):
        self._tints: dict[str, str] = {}
        for label in labels:
            self[label]

    def __getitem__(self, label: str) -> str:
        """Class of a label. Labels that differ in case share one, as displaCy wants it."""
        return self._tints.setdefault(label.upper(), f"tint-{len(self._tints) % TINTS}")

    def chip(self, label: str) -> Html:
        """The label on its tint."""
        return element("span", label, class_=f"chip {self[label]}")


def render_examples(docs: Sequence[Doc], tints: Tints) -> Html | None:
    """Show texts with their entities marked, by displaCy.

    docs (Sequence[Doc]): Annotated Docs.
    RETURNS (Optional[Html]): One figure per Doc; None if there are none.
    """
    return join(*(_render(doc, tints) for doc in docs)) if docs else None


def _render(doc: Doc, tints: Tints) -> Html:
    # displaCy escapes the text but neither labels, nor titles, nor knowledge base ids. So it is
    # given no more than it needs, with labels escaped beforehand.
    entities = [
        {"start": ent.start_char, "end": ent.end_char, "label": escape(ent.label_)}
        for ent in doc.ents
    ]
    classes = {escape(ent.label_): tints[ent.label_] for ent in doc.ents}
    rendered = displacy.render(
        {"text": doc.text, "ents": entities, "settings": displacy.get_doc_settings(doc)},
        style="ent",
        manual=True,
        jupyter=False,
        options={"template": _ENTITY, "colors": classes},
    )
    return element("figure", Html(rendered), class_="example")
