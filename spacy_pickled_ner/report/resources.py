"""Time and memory of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .html import Html, element
from .values import count, duration, number_in, percent

BAR = 160
KINDS = (
    ("read_s", "reading the base and the data"),
    ("prepare_s", "preparing the NER"),
    ("train_s", "updates"),
    ("eval_s", "evaluations"),
    ("checkpoint_s", "checkpoints"),
)


def time_and_memory(metrics: Mapping[str, Any]) -> list[Html]:
    """Show time and memory.

    metrics (Mapping[str, Any]): The run, with "timing" and "memory".
    RETURNS (List[Html]): A table and a sentence, if there are numbers.
    """
    said = []
    spent = {name: number_in(metrics, "timing", kind) for kind, name in KINDS}
    parts = {name: seconds for name, seconds in spent.items() if seconds}
    total = number_in(metrics, "timing", "total_s")
    if total is not None and parts:
        rest = total - sum(parts.values())
        # Less than a hundredth is rounding.
        if rest > total / 100:
            parts["everything else"] = rest
    whole = max(total or 0.0, sum(parts.values()))
    if parts:
        rows = [_row(name, seconds, whole) for name, seconds in parts.items()]
        if total is not None:
            name, time = (element("strong", text) for text in ("all in all", duration(total)))
            cells = (element("th", name, scope="row"), element("td", time, class_="number"))
            rows.append(element("tr", *cells))
        table = element("table", element("tbody", *rows), class_="times")
        said.append(element("div", table, class_="scroll"))
    facts = []
    if (speed := number_in(metrics, "timing", "words_per_second")) is not None:
        facts.append(f"Updates at {count(speed)} words a second.")
    if (peak := number_in(metrics, "memory", "peak_mb")) is not None:
        facts.append(
            f"Peak memory: {count(peak)} MB of the whole process (Python, spaCy, base and data)."
        )
    if facts:
        said.append(element("p", " ".join(facts), class_="note"))
    return said


def _row(name: str, seconds: float, whole: float) -> Html:
    share = min(max(seconds / whole, 0.0), 1.0) if whole > 0 else 0.0
    bar = element("rect", x=0, y=3, height=10, width=round(BAR * share, 1), rx=2, class_="bar")
    size = {"viewBox": f"0 0 {BAR} 16", "width": BAR, "height": 16}
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", duration(seconds), class_="number"),
        element("td", f"{percent(share)} %", class_="number"),
        element("td", element("svg", bar, **size, aria_hidden="true"), class_="bar-cell"),
    )
