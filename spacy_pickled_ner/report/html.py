"""The one way to make markup here: text becomes part of it only escaped."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"meta", "br"})


class Html(str):
    """Markup that is complete and safe to be put into other markup as it is."""

    __slots__ = ()


def element(tag: str, *children: object, **attributes: object) -> Html:
    """Make an element.

    tag (str): Its name.
    children: `Html` goes in as it is, anything else as escaped text; None is left out.
    attributes: Escaped too. `class_` is `class` and `stroke_width` is `stroke-width`; an attribute
        that is None is left out.
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
    """Put markup and text side by side, as `element` does with its children."""
    parts = (
        child if isinstance(child, Html) else escape(str(child), quote=False)
        for child in children
        if child is not None
    )
    return Html("".join(parts))
