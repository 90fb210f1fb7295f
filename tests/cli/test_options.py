"""Options are settings of a run, and what spaCy keeps private has one way in."""

from __future__ import annotations

import inspect
from pathlib import Path

from spacy_pickled_ner import FineTuning
from spacy_pickled_ner.cli import fine_tune

# Settings of a run that the command line gives in another way, or not at all.
OTHERWISE = {"base", "early_stopping", "logger", "checkpoint_dir", "trusted"}
ONLY_IN_CONFIGS = {"optimizer", "batcher", "dev_fraction", "labels"}


def test_every_setting_is_an_option_or_left_to_configs() -> None:
    settings = set(inspect.signature(FineTuning).parameters)
    assert set(fine_tune.SETTINGS) | OTHERWISE | ONLY_IN_CONFIGS == settings
    assert not set(fine_tune.SETTINGS) & (OTHERWISE | ONLY_IN_CONFIGS)


def test_options_have_the_defaults_of_the_settings() -> None:
    settings = inspect.signature(FineTuning).parameters
    options = inspect.signature(fine_tune.fine_tune_cli).parameters
    for name in set(fine_tune.SETTINGS) - {"train"}:
        assert options[name].default.default == settings[name].default, name


def test_one_module_uses_the_private_part_of_spacys_command_line() -> None:
    package = Path(__file__).parent.parent.parent / "spacy_pickled_ner"
    private = [p.name for p in package.rglob("*.py") if "import spacy.cli._util" in p.read_text()]
    private += [p.name for p in package.rglob("*.py") if "from spacy.cli._util" in p.read_text()]
    assert private == ["options.py"]
