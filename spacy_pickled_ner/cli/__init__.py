"""`python -m spacy pickled-ner …`: the only place that prints or exits.

spaCy imports this on every `python -m spacy` call. So this module and the command modules only import
typer, wasabi and spaCy's own CLI helpers at the top. A command imports what else it needs when it
runs.

There is a module for each command. They share `options`, `failing` (errors on one screen), `run` and
`console` (a run, and its output), `outputs` (written files) and `text`.
"""

import os

import typer
from wasabi import msg

from . import demo, evaluate, fine_tune, inspect, pack, package, train, verify
from .options import spacy_app

HELP = """Fine-tune NER with early stopping, and ship the pipeline as one file that runs no code."""

app = typer.Typer(name="pickled-ner", help=HELP, no_args_is_help=True, rich_markup_mode=None)
app.command("fine-tune")(fine_tune.fine_tune_cli)
app.command("train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    train.train_cli
)
app.command("evaluate")(evaluate.evaluate_cli)
app.command("inspect")(inspect.inspect_cli)
app.command("verify")(verify.verify_cli)
app.command("pack")(pack.pack_cli)
app.command("unpack")(pack.unpack_cli)
app.command("package")(package.package_cli)
app.command("demo")(demo.demo_cli)


@app.callback()
def set_up() -> None:
    """Set up what all commands need."""
    if os.environ.get("NO_COLOR"):
        msg.show_color = False  # wasabi reads another variable


spacy_app.add_typer(app)
