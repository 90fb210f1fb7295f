"""What other programs pay for this package being installed."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import spacy
nlp = spacy.blank("en")
nlp.add_pipe("sentencizer")
ours = {name for name in sys.modules if name.startswith("spacy_pickled_ner.")}
print(*sorted(ours))
"""
LIGHT = {
    "spacy_pickled_ner.early_stopping",
    "spacy_pickled_ner.errors",
    "spacy_pickled_ner.registrations",
    "spacy_pickled_ner.registrations.factories",
    "spacy_pickled_ner.registrations.loggers",
}


def test_making_a_pipeline_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) <= LIGHT
