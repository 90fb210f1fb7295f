"""Examples that compute their gold once, not in every epoch."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from spacy.tokens import Doc, Span
from spacy.training import Example, biluo_tags_to_spans

Kept = TypeVar("Kept")


class GoldExample(Example):
    """An Example that stores its alignments for NER after their first use.

    The NER needs them in each update: BILUO tags for all tokens, and whether the text is annotated.
    They do not change in training, because the predicted and the reference Doc do not.
    """

    _kept: dict[Hashable, Any] | None = None
    _ents_and_ner: tuple[list[Span], list[str]] | None = None
    _whole_text: list[Span] | None = None

    @classmethod
    def of(cls, example: Example) -> GoldExample:
        """Create one with the Docs of another Example."""
        return cls(example.predicted, example.reference)

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Compute a value of this example at the first call, and return it at later calls.

        key (Hashable): Everything that the value depends on, besides the example.
        """
        if self._kept is None:
            self._kept = {}
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    def get_aligned_ents_and_ner(self) -> tuple[list[Span], list[str]]:
        """Return the gold entities and BILUO tags, aligned to the predicted tokens."""
        if self._ents_and_ner is None:
            self._ents_and_ner = super().get_aligned_ents_and_ner()
        return self._ents_and_ner

    def get_aligned_spans_x2y(
        self, x_spans: Iterable[Span], allow_overlap: bool = False
    ) -> list[Span]:
        """Return spans of the reference for spans of the predicted Doc, stored for whole texts."""
        x_spans = list(x_spans)
        if len(x_spans) != 1 or len(x_spans[0]) != len(self.predicted):
            return self._aligned_spans(x_spans, allow_overlap)
        if self._whole_text is None:
            self._whole_text = self._aligned_spans(x_spans, allow_overlap)
        return self._whole_text

    def _aligned_spans(self, x_spans: list[Span], allow_overlap: bool) -> list[Span]:
        return list(super().get_aligned_spans_x2y(x_spans, allow_overlap))


def aligned_tags(example: Example) -> list[str]:
    """Return the BILUO tags of the gold for the predicted tokens; "-" means unknown."""
    return ["-" if tag is None else tag for tag in example.get_aligned_ner()]


def make_gold(doc: Doc, tags: Sequence[str]) -> GoldExample:
    """Create an example from a Doc and its gold.

    doc (Doc): The text, without entities; not changed.
    tags (Sequence[str]): A BILUO tag for each token; "-" means unknown.
    """
    reference = doc.copy()
    missing = [reference[number : number + 1] for number, tag in enumerate(tags) if tag == "-"]
    reference.set_ents(tags_to_spans(reference, tags), missing=missing, default="outside")
    return GoldExample(doc, reference)


def tags_to_spans(doc: Doc, tags: Sequence[str]) -> list[Span]:
    """Return the entities of BILUO tags. spaCy also returns spans for "-"."""
    return [span for span in biluo_tags_to_spans(doc, tags) if span.label]


def entity_tags(label: str, length: int) -> list[str]:
    """Return the BILUO tags of an entity.

    RETURNS (List[str]): E.g. ["B-X", "I-X", "L-X"], or ["U-X"] for one token.
    """
    if length == 1:
        return [f"U-{label}"]
    return [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]
