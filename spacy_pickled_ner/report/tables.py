"""The tables of the page, from the plain data of a run. Missing parts are not shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .html import Html, element, join
from .tints import Tints
from .values import change, compact, count, duration, number_in, percent

TRACK = 120


def label_table(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    tints: Tints,
    *,
    new: Iterable[str] = (),
) -> Html | None:
    """Scores per label, before and after.

    before, after (Mapping[str, Mapping]): `p`, `r`, `f` of each label, and optionally `support` and
        `predicted`.
    new (Iterable[str]): Labels that the base did not have.
    """
    labels = sorted(set(before) | set(after))
    if not labels:
        return None
    with_counts = any(number_in(after, label, "support") is not None for label in labels)
    head = ["Label", "F before", "F after", "", "", "Precision", "Recall"]
    rows = []
    for label in labels:
        was, now = (number_in(scores, label, "f") for scores in (before, after))
        tag = element("span", "new", class_="tag") if label in new else None
        row = [
            element("th", tints.chip(label), tag, scope="row"),
            _number(percent(was)),
            _number(element("strong", percent(now))),
            element("td", _dumbbell(was, now), class_="track-cell"),
            _number(change(was, now)),
            _number(percent(number_in(after, label, "p"))),
            _number(percent(number_in(after, label, "r"))),
        ]
        if with_counts:
            row += [_number(count(number_in(after, label, n))) for n in ("support", "predicted")]
        rows.append(row)
    return _table(head + ["Support", "Predicted"] * with_counts, rows, class_="labels")


def history_table(history: Sequence[Mapping[str, Any]], best_step: float | None) -> Html | None:
    """Show all evaluations of the run, one row each."""
    shown: list[tuple[str, str, Any]] = [
        ("Epoch", "epoch", count),
        ("Time", "seconds", duration),
        ("Loss", "loss", compact),
        ("F", "ents_f", percent),
        ("Precision", "ents_p", percent),
        ("Recall", "ents_r", percent),
        ("Old labels, F", "retention", percent),
    ]
    shown = [column for column in shown if any(column[1] in row for row in history)]
    rows = []
    for row in history:
        is_best = best_step is not None and number_in(row, "step") == best_step
        mark = element("span", "best", class_="tag") if is_best else None
        cells = [_number(join(count(number_in(row, "step")), mark))]
        cells += [_number(say(number_in(row, name))) for _, name, say in shown]
        rows.append(cells)
    head = ["Step", *(heading for heading, _, _ in shown)]
    return _table(head, rows, class_="evaluations")


def data_table(data: Mapping[str, Any], tints: Tints) -> Html | None:
    """Show the contents of each data source."""
    parts = {name: part for name, part in data.items() if isinstance(part, Mapping)}
    rows = []
    for name, part in parts.items():
        source = re.split(r"[\\/]", str(part.get("source", "")))[-1]
        by_label = part.get("labels")
        labels = by_label.items() if isinstance(by_label, Mapping) else ()
        chips = (
            element("span", tints.chip(str(label)), f" {count(number)}", class_="pair")
            for label, number in labels
        )
        counts = (count(number_in(part, kind)) for kind in ("texts", "words", "spans"))
        rows.append(
            [
                element("th", name.replace("_", " "), scope="row"),
                element("td", source, class_="source"),
                *map(_number, counts),
                element("td", *chips, class_="chips"),
            ]
        )
    return _table(["Part", "Source", "Texts", "Words", "Entities", "Of each label"], rows)


def settings_list(settings: Mapping[str, Any]) -> Html | None:
    """Show settings by name; nested settings have dotted names."""
    pairs = [
        element("div", element("dt", name), element("dd", value))
        for name, value in _flatten(settings)
    ]
    return element("dl", *pairs, class_="settings") if pairs else None


def _flatten(settings: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False, default=str)


def _table(
    head: Sequence[str], rows: Sequence[Sequence[Html]], *, class_: str | None = None
) -> Html | None:
    if not rows:
        return None
    headings = (element("th", name, scope="col") if name else element("td") for name in head)
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *headings)),
            element("tbody", *(element("tr", *row) for row in rows)),
            class_=class_,
        ),
        class_="scroll",
    )


def _number(value: str | Html | None) -> Html:
    return element("td", value, class_="number")


def _dumbbell(before: float | None, after: float | None) -> Html:
    """Draw before and after as dots on a line from 0 to 100, beside the numbers."""
    ends = {kind: score for kind, score in (("was", before), ("now", after)) if score is not None}
    xs = {kind: round(6 + (TRACK - 12) * min(max(score, 0), 1), 1) for kind, score in ends.items()}
    drawn = [element("line", x1=6, x2=TRACK - 6, y1=8, y2=8, class_="track")]
    if len(xs) == 2:
        drawn.append(element("line", x1=xs["was"], x2=xs["now"], y1=8, y2=8, class_="way"))
    drawn += [element("circle", cx=x, cy=8, r=4.5, class_=kind) for kind, x in xs.items()]
    size = {"viewBox": f"0 0 {TRACK} 16", "width": TRACK, "height": 16}
    return element("svg", *drawn, **size, class_="dumbbell", aria_hidden="true")
