"""Draw the pictures of README and docs from real runs: `python docs/_scripts/images.py`.

An SVG has no script and no font, so it looks the same everywhere and loads nothing. The numbers in
the pictures come from the machine that drew them.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

import spacy_pickled_ner as spn

IMAGES = Path(__file__).parents[1] / "images"
COMMAND = "python -m spacy pickled-ner"
COLUMNS = 80
# The first line of the demo's output that the picture shows, and the first that it does not show.
FIRST, LAST = "Fine-tuning NER", "Old labels kept with"
STYLE = """\
<style>
text { font: 12px system-ui, sans-serif; fill: #666 }
polyline, .key { fill: none; stroke-width: 2 }
.f { stroke: #00897b }
.loss { stroke: #c77700; stroke-dasharray: 4 3 }
.axis, .mark { stroke: #999; stroke-width: 1 }
.mark { stroke-dasharray: 2 3 }
</style>"""
TERMINAL = """\
<svg xmlns="http://www.w3.org/2000/svg" width="640" viewBox="0 0 {width} {height}" role="img">
<title>The demo in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#20242b"/>
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    """Draw all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        said = _run(["demo"], folder)
        (IMAGES / "demo.svg").write_text(draw_terminal(said), encoding="utf-8")
        data = Path("pickled-ner-demo")
        settings = ["--retention", "none", "--eval-frequency", "20", "--patience", "0"]
        files = ["--dev", str(data / "instrument-dev.jsonl"), "-o", "long.pkl"]
        command = ["fine-tune", str(data / "base.pkl"), str(data / "instrument-train.jsonl")]
        limits = ["--max-steps", "1200", "--metrics", "metrics.json"]
        _run([*command, *files, *settings, *limits], folder)
        history = json.loads((Path(folder) / "metrics.json").read_text("utf-8"))["history"]
    (IMAGES / "stopping.svg").write_text(draw_stopping(history), encoding="utf-8")


def _run(args: list[str], folder: str) -> str:
    command = [sys.executable, "-m", "spacy", "pickled-ner", *args]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout


def draw_terminal(said: str) -> str:
    """Draw the output of the demo.

    said (str): The output, with colours.
    RETURNS (str): An SVG.
    """
    text = Text.from_ansi(said)
    lines = text.split("\n")
    plain = [line.plain for line in lines]
    begin = next(i for i, line in enumerate(plain) if FIRST in line)
    end = next(i for i, line in enumerate(plain) if line.startswith(LAST))
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {COMMAND} demo", style="bold green"))
    console.print(Text("  …", style="dim"))
    for line in _shortened(list(lines[begin:end])):
        console.print(line, no_wrap=True, crop=True)
    drawn = console.export_svg(code_format=TERMINAL, unique_id="demo")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def _shortened(lines: list[Text]) -> list[Text]:
    """Leave out repeated empty lines, and the evaluations between the first and the last few."""
    rows = [i for i, line in enumerate(lines) if line.plain[:4].strip().isdigit()]
    hidden = set(rows[4:-6])
    shown: list[Text] = []
    for i, line in enumerate(lines):
        if i == rows[4]:
            shown.append(Text("  …", style="dim"))
        if i not in hidden and (line.plain.strip() or (shown and shown[-1].plain.strip())):
            shown.append(line)
    return shown


def draw_stopping(history: list[dict[str, Any]]) -> str:
    """Draw a long run, and where a stop policy would have ended it.

    history (List[Dict[str, Any]]): A row per evaluation.
    RETURNS (str): An SVG.
    """
    ours = _replay(spn.EarlyStopping(patience=10), history)
    last, top, bottom, left, right = history[-1]["step"], 40.0, 260.0, 50.0, 700.0

    def x(step: float) -> float:
        return round(left + (right - left) * step / last, 1)

    def line(values: list[tuple[int, float]], style: str) -> str:
        points = " ".join(
            f"{x(step)},{bottom - (bottom - top) * value:.1f}" for step, value in values
        )
        return f'<polyline class="{style}" points="{points}"/>'

    most = max(row["loss"] for row in history[1:])
    scores = [(row["step"], row["ents_f"]) for row in history]
    losses = [(row["step"], row["loss"] / most) for row in history[1:]]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 320" role="img">',
        "<title>Dev F and training loss of a run of the demo data</title>",
        STYLE,
        '<rect width="720" height="320" fill="#fff"/>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = bottom - (bottom - top) * share
        parts.append(
            f'<line class="axis" x1="{left}" x2="{right}" y1="{y}" y2="{y}" opacity=".4"/>'
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{100 * share:.0f}</text>'
        )
    parts += [line(losses, "loss"), line(scores, "f")]
    marks = (
        (ours.best_step, "best", 30),
        (ours.last_step, "stop by patience of 10", 16),
    )
    for step, said, y in marks:
        parts.append(
            f'<line class="mark" x1="{x(step)}" x2="{x(step)}" y1="{y + 4}" y2="{bottom}"/>'
            f'<text x="{x(step)}" y="{y}" text-anchor="middle">{said} ({step})</text>'
        )
    for step in range(0, last + 1, 200):
        parts.append(f'<text x="{x(step)}" y="{bottom + 18}" text-anchor="middle">{step}</text>')
    y = bottom + 44
    parts.append(f'<text x="{left}" y="{y}">updates</text>')
    keys = (("f", 200, "F on the dev data"), ("loss", 400, "training loss, % of its maximum"))
    for style, at, said in keys:
        drawn = f'<line class="key {style}" x1="{at}" x2="{at + 30}" y1="{y - 4}" y2="{y - 4}"/>'
        parts.append(f'{drawn}<text x="{at + 38}" y="{y}">{said}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _replay(policy: spn.EarlyStopping, history: list[dict[str, Any]]) -> spn.EarlyStopping:
    """Update a policy with the rows of a run, until it stops."""
    for row in history:
        if policy.monitor not in row or row[policy.monitor] is None:
            continue
        metrics = {"ents_f": row["ents_f"], "loss": row["loss"]}
        if policy.update(metrics, step=row["step"], epoch=row["epoch"]):
            break
    return policy


if __name__ == "__main__":
    main()
