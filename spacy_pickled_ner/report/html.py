"""Create markup. All text is escaped."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"meta", "br"})


class Html(str):
    """Complete markup, which needs no more escaping."""

    __slots__ = ()


def element(tag: str, *children: object, **attributes: object) -> Html:
    """Create an element.

    tag (str): The name of the element.
    children: `Html` is inserted as it is, anything else as escaped text; None is skipped.
    attributes: Escaped, too. `class_` becomes `class`, `stroke_width` becomes `stroke-width`, and
        None is skipped.
    RETURNS (Html): The element.
    """
    opened = tag + "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{opened}>")
    return Html(f"<{opened}>{join(*children)}</{tag}>")


def join(*children: object) -> Html:
    """Join markup and text, as `element` does with its children."""
    parts = (
        child if isinstance(child, Html) else escape(str(child), quote=False)
        for child in children
        if child is not None
    )
    return Html("".join(parts))
