"""The common parts of JSON rows: offsets, labels, texts.

Every function raises a ValueError with the reason; the caller adds file and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..rows import EntitySpan

Parsed = tuple[str, tuple[EntitySpan, ...]]


class SkippedRow(Exception):  # noqa: N818
    """A row that is marked as not to be used. The message is the reason for the report."""


def parse_spans(values: Any, parse: Callable[[Any], EntitySpan]) -> tuple[EntitySpan, ...]:
    """Parse a list of spans.

    values (Any): The value from the file.
    parse (Callable): Parses one span.
    RETURNS (Tuple[EntitySpan, ...]): The spans, not compared with the text yet.
    """
    return tuple(parse(value) for value in as_list(values, "entities"))


def as_list(value: Any, what: str) -> Sequence[Any]:
    """Check that a value is a list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{what} must be a list, not {type(value).__name__}")
    return value


def as_mapping(value: Any, what: str) -> Mapping[str, Any]:
    """Check that a value is an object."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} must be an object, not {shown(value)}")
    return value


def parse_dict_span(value: Any) -> EntitySpan:
    """Parse `{"start": 0, "end": 4, "label": "X"}`."""
    span = as_mapping(value, "a span")
    return make_span(span.get("start"), span.get("end"), span.get("label"), value)


def parse_triple(value: Any) -> EntitySpan:
    """Parse `[0, 4, "X"]`."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise ValueError(f"an entity must be [start, end, label], not {shown(value)}")
    start, end, label = value
    return make_span(start, end, label, value)


def make_span(start: Any, end: Any, label: Any, value: Any) -> EntitySpan:
    """Check the types of a span.

    start, end (Any): Offsets, the end exclusive.
    label (Any): The label.
    value (Any): The value from the file, for the message.
    RETURNS (EntitySpan): The span.
    """
    # A bool is an int in Python, but {"start": true} is a mistake.
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start and end must be whole numbers in {shown(value)}")
    if not isinstance(label, str):
        raise ValueError(f"the label must be a string in {shown(value)}")
    check_encodable(label)
    return EntitySpan(start, end, label)


def make_spans(start: Any, end: Any, labels: Any, value: Any) -> Iterable[EntitySpan]:
    """Create a span for each label of a region. Several spans overlap, which is refused later.

    labels (Any): A label, or a list of at least one.
    """
    listed = [labels] if isinstance(labels, str) else labels
    if not isinstance(listed, Sequence) or not listed:
        raise ValueError(f"the labels must be a list of strings in {shown(value)}")
    return [make_span(start, end, label, value) for label in listed]


def check_covered(spans: Iterable[EntitySpan], text: str, covered: Any) -> None:
    """Compare spans with the covered text, if the tool writes it.

    text (str): The text of the row.
    covered (Any): The text from the tool; white space may differ.
    """
    if not isinstance(covered, str):
        return
    for span in spans:
        found = text[max(span.start, 0) : max(span.end, 0)]
        # Label Studio writes line breaks as a backslash and an n.
        if found.split() != covered.replace("\\n", " ").split():
            raise ValueError(
                f"the {span.label} span {span.start}-{span.end} covers {shown(found)}, but the "
                f"file says {shown(covered)}: check that the offsets belong to this text"
            )


def check_encodable(text: str) -> None:
    """Refuse half a surrogate pair: JSON can have one, but spaCy's string store cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as err:
        raise ValueError(
            f"character {err.start} of {shown(text)} is half of a surrogate pair: a character "
            "was split when the file was written"
        ) from err


def checked_text(value: Any, key: str) -> str:
    """Check the text of a row.

    value (Any): The value from the file.
    key (str): The name of its field, for the message.
    RETURNS (str): The text.
    """
    if not isinstance(value, str):
        raise ValueError(f'a row needs a string "{key}"')
    check_encodable(value)
    return value


def shown(value: Any) -> str:
    """Format a value for a message, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
