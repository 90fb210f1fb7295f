"""A fine-tuning run as one HTML page: learning curve, scores, retention and examples.

It is made from the plain data of a run (as `--metrics` writes it, and texts to show), without any
training code. The page needs no network and runs no script, so it can be mailed, archived or put
beside a model. Labels and texts can come from anywhere, so everything on the page goes through
`html.element`, which escapes it. The page also forbids the browser to load or run anything.

    page.py              the page, from its parts
    chart.py             the learning curve
    tables.py            scores per label, history, data, settings
    confusion_tables.py  which labels are confused; example_texts.py shows texts
    resources.py         time and memory; origin.py: date, base, versions
    values.py            reads values of plain data, and formats numbers
    tints.py, html.py    colours of labels; creating markup
"""

from .page import render_report as render_report
from .page import write_report as write_report

__all__ = ["render_report", "write_report"]
