"""A fine-tuning run as one HTML page: how it learnt, what it can do now, and what it forgot.

Takes the plain data of a run (what `--metrics` writes, and texts to show); knows nothing of
training. The page needs no network and runs no script, so it can be mailed, archived or put beside
a model. Labels and texts come from anywhere, so nothing reaches the page but through
`html.element`, which escapes; the page also tells the browser to load and run nothing.

    page.py              the page, from its parts
    chart.py             the learning curve
    tables.py            scores per label, history, data, settings
    confusion_tables.py  which labels are taken for which; example_texts.py shows texts
    resources.py         time and memory; origin.py: day, base, versions
    values.py            values of plain data, and numbers as people read them
    tints.py, html.py    colours of labels; the one way to make markup
"""

from .page import render_report as render_report
from .page import write_report as write_report

__all__ = ["render_report", "write_report"]
