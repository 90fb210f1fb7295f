"""What other programs pay for this package being installed."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import spacy
nlp = spacy.blank("en")
nlp.add_pipe("sentencizer")
{more}
ours = {{name for name in sys.modules if name.startswith("spacy_pickled_ner.")}}
print(*sorted(ours))
"""
LISTING = """
from spacy.util import registry
for names in (registry.callbacks, registry.loggers, registry.misc, registry.readers):
    assert any(name.startswith("spacy-pickled-ner.") for name in names.get_all())
"""
LIGHT = {
    "spacy_pickled_ner.about",
    "spacy_pickled_ner.early_stopping",
    "spacy_pickled_ner.errors",
    "spacy_pickled_ner.registrations",
    "spacy_pickled_ner.registrations.factories",
    "spacy_pickled_ner.registrations.loggers",
    "spacy_pickled_ner.ty",
    "spacy_pickled_ner.wording",
}
LISTED = {f"spacy_pickled_ner.registrations.{name}" for name in ("callbacks", "misc", "readers")}


def imported(more: str) -> set[str]:
    code = CODE.format(more=more)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_making_a_pipeline_imports_nothing_heavy() -> None:
    assert imported("") <= LIGHT


def test_listing_what_is_registered_imports_nothing_heavy() -> None:
    assert LISTED <= imported(LISTING) <= LIGHT | LISTED
