"""A fine-tuning run as one HTML page: how it learnt, what it can do now, and what it forgot.

Takes the plain data of a run (what `--metrics` writes, and texts to show); knows nothing of
training. The page needs no network and runs no script, so it can be mailed, archived or put beside
a model. Labels and texts come from anywhere, so nothing reaches the page but through
`html.element`, which escapes; the page also tells the browser to load and run nothing.
"""

from .page import render_report as render_report
from .page import write_report as write_report

__all__ = ["render_report", "write_report"]
