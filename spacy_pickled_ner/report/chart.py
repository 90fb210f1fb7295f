"""The learning curve: scores above, loss below, over the same steps, with the best step.

There are two panels, not two axes in one panel: scores and losses have different units, so it means
nothing where their lines cross. Colours are in the stylesheet, so the curve follows dark mode.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .html import Html, element, join
from .values import compact, duration, number_in, percent

WIDTH, LEFT, RIGHT = 880.0, 46.0, 772.0
LABEL_HEIGHT = 15.0
LONGEST_NAME = 11
TICK_SIZES = (1, 2, 2.5, 5, 10)

# Metric, name on the page, and class in the stylesheet; the main metrics are drawn last.
SERIES = (
    ("ents_p", "precision", "precision"),
    ("ents_r", "recall", "recall"),
    ("retention", "old labels, F", "retention"),
    ("ents_f", "F", "score"),
)

Row = Mapping[str, Any]
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One metric over the steps of a run."""

    metric: str
    name: str
    style: str
    points: Points


@dataclass(frozen=True)
class Panel:
    """A drawing area: top and bottom in pixels; left, right and ticks as values."""

    top: float
    bottom: float
    last_step: float
    ticks: list[float]

    def x(self, step: float) -> float:
        """Return the pixel of a step."""
        return round(LEFT + (RIGHT - LEFT) * step / self.last_step, 1)

    def y(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.bottom - (self.bottom - self.top) * (value - low) / (high - low), 1)


def learning_curve(
    history: Sequence[Row], *, best_step: float | None = None, monitor: str = "ents_f"
) -> Html | None:
    """Draw a run.

    history (Sequence[Mapping]): One row per evaluation: `step`, `loss`, `ents_f` …
    best_step (Optional[float]): The step to mark.
    monitor (str): The monitored metric.
    RETURNS (Optional[Html]): An SVG; None with fewer than two evaluations.
    """
    scores = _score_lines(history, monitor)
    loss = Line("loss", "loss", "loss", _points(history, "loss"))
    losses = [loss] if len(loss.points) > 1 else []
    last_step = max((line.points[-1][0] for line in scores + losses), default=0.0)
    if last_step <= 0:
        return None
    drawn: list[Html] = []
    panels: list[Panel] = []
    if scores:
        panels.append(Panel(52, 292, last_step, _ticks(scores)))
        drawn.append(_draw_panel(panels[-1], scores, "Scores, in %"))
    if losses:
        top = panels[-1].bottom + 56 if panels else 52
        panels.append(Panel(top, top + 96, last_step, _ticks(losses, from_zero=True)))
        drawn.append(_draw_panel(panels[-1], losses, "Loss since the previous evaluation"))
    drawn.append(_draw_steps(panels))
    if best_step is not None:
        drawn.append(_draw_best(panels, scores + losses, best_step, monitor))
    drawn.append(_draw_tooltips(panels, history))
    return element(
        "svg",
        element("title", "Learning curve", id="curve-title"),
        element("desc", _describe(scores + losses, best_step), id="curve-desc"),
        *drawn,
        viewBox=f"0 0 {WIDTH:g} {panels[-1].bottom + 44:g}",
        role="img",
        aria_labelledby="curve-title curve-desc",
        class_="curve",
    )


def _score_lines(history: Sequence[Row], monitor: str) -> list[Line]:
    shown = list(SERIES)
    if monitor not in {metric for metric, _, _ in SERIES} and not monitor.endswith("loss"):
        name = monitor.removeprefix("ents_per_type.").removesuffix(".f")
        if len(name) > LONGEST_NAME:
            name = f"{name[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
        shown.append((monitor, f"{name}, F" if monitor.endswith(".f") else name, "monitored"))
    lines = []
    for metric, name, style in shown:
        points = [(step, 100 * score) for step, score in _points(history, metric)]
        if len(points) > 1:
            lines.append(Line(metric, name, style, points))
    return lines


def _points(history: Sequence[Row], metric: str) -> Points:
    points = ((number_in(row, "step"), number_in(row, metric)) for row in history)
    return sorted((step, value) for step, value in points if step is not None and value is not None)


def _ticks(lines: Sequence[Line], *, from_zero: bool = False) -> list[float]:
    values = [value for line in lines for _, value in line.points]
    low, high = min(values), max(values)
    # A scale that starts above zero exaggerates changes: only use it if all values are high.
    if low >= 0 and (from_zero or low < high / 2):
        low = 0.0
    return _round_ticks(low, high)


def _round_ticks(low: float, high: float, about: int = 4) -> list[float]:
    spread = high - low
    if spread <= 1e-9 * abs(high):
        spread = abs(high)
    rough = max(spread / about, 1e-9)
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(power * step for step in TICK_SIZES if power * step >= rough * 0.999)
    first, last = math.floor(low / size), math.ceil(high / size)
    return [size * i for i in range(first, max(last, first + 1) + 1)]


def _draw_panel(panel: Panel, lines: Sequence[Line], heading: str) -> Html:
    drawn = [element("text", heading, x=LEFT, y=panel.top - 16, class_="heading")]
    for tick in panel.ticks:
        y = panel.y(tick)
        drawn.append(element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid"))
        drawn.append(element("text", compact(tick), x=LEFT - 9, y=y + 4, class_="tick at-end"))
    for line in lines:
        corners = " ".join(f"{panel.x(step)},{panel.y(value)}" for step, value in line.points)
        drawn.append(element("polyline", points=corners, class_=f"line {line.style}"))
    ends = [panel.y(line.points[-1][1]) for line in lines]
    for line, y in zip(lines, _spread(ends, panel.bottom), strict=True):
        label = {"x": RIGHT + 10, "y": y + 4, "class_": f"name {line.style}"}
        drawn.append(element("text", line.name, **label))
    return join(*drawn)


def _spread(wanted: Sequence[float], bottom: float) -> list[float]:
    """Move labels apart if they overlap, and up if they leave the panel."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = list(wanted)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + LABEL_HEIGHT)
    limit = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - LABEL_HEIGHT
    return placed


def _draw_steps(panels: Sequence[Panel]) -> Html:
    lowest = panels[-1]
    ticks = [tick for tick in _round_ticks(0, lowest.last_step, 7) if tick <= lowest.last_step]
    y = lowest.bottom + 20
    return join(
        *(
            element("text", compact(tick), x=lowest.x(tick), y=y, class_="tick at-middle")
            for tick in ticks
        ),
        element("text", "step", x=RIGHT + 34, y=y, class_="tick"),
    )


def _draw_best(
    panels: Sequence[Panel], lines: Sequence[Line], best_step: float, monitor: str
) -> Html:
    x = panels[0].x(best_step)
    anchor = "at-start" if x < LEFT + 50 else "at-end" if x > RIGHT - 50 else "at-middle"
    said = f"best: step {compact(best_step)}" if best_step else "best: the base"
    top, bottom = panels[0].top, panels[-1].bottom
    drawn = [
        element("line", x1=x, x2=x, y1=top - 6, y2=bottom, class_="best"),
        element("text", said, x=x, y=top - 12, class_=f"best-label {anchor}"),
    ]
    for line in lines:
        value = dict(line.points).get(best_step)
        if line.metric == monitor and value is not None:
            panel = panels[-1] if line.metric == "loss" else panels[0]
            dot = {"cx": x, "cy": panel.y(value), "r": 5}
            drawn.append(element("circle", **dot, class_=f"dot {line.style}"))
    return join(*drawn)


def _draw_tooltips(panels: Sequence[Panel], history: Sequence[Row]) -> Html:
    """Draw an invisible column per evaluation. Hovering shows its numbers."""
    rows = {number_in(row, "step"): row for row in history}
    steps = sorted(step for step in rows if step is not None)
    xs = [panels[0].x(step) for step in steps]
    edges = [LEFT, *((a + b) / 2 for a, b in pairwise(xs)), RIGHT]
    top, height = panels[0].top, panels[-1].bottom - panels[0].top
    columns = []
    for step, (left, right) in zip(steps, pairwise(edges), strict=True):
        said = element("title", _say(rows[step]))
        box = {"x": round(left, 1), "y": top, "width": round(max(0, right - left), 1)}
        columns.append(element("rect", said, **box, height=height, class_="column"))
    return join(*columns)


def _say(row: Row) -> str:
    said = [f"step {compact(number_in(row, 'step'))}", f"epoch {compact(number_in(row, 'epoch'))}"]
    for metric, name, _ in reversed(SERIES):
        if (score := number_in(row, metric)) is not None:
            said.append(f"{name} {percent(score)}")
    said.append(f"loss {compact(number_in(row, 'loss'))}")
    said.append(duration(number_in(row, "seconds")))
    return "\n".join(said)


def _describe(lines: Sequence[Line], best_step: float | None) -> str:
    said = [
        f"{line.name} from {compact(line.points[0][1])} at step {compact(line.points[0][0])} "
        f"to {compact(line.points[-1][1])} at step {compact(line.points[-1][0])}."
        for line in reversed(lines)
    ]
    if best_step is not None:
        said.append(f"The best step is {compact(best_step)}.")
    return " ".join(said)
