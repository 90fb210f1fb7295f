"""Read a run from the `[pickled_ner]` block of a spaCy config, and write the config of a run."""

from __future__ import annotations

from typing import Any

from spacy.util import registry
from thinc.api import Config

from ..early_stopping import EarlyStopping
from ..errors import TrainingError
from .defaults import BATCHER, OPTIMIZER
from .fine_tuning import FineTuning

SECTION = "pickled_ner"
FINE_TUNING = "spacy-pickled-ner.FineTuning.v1"
EARLY_STOPPING = "spacy-pickled-ner.EarlyStopping.v1"


def from_config(config: Config) -> FineTuning:
    """Resolve the `[pickled_ner]` block of a config.

    config (Config): A loaded config; other blocks are ignored.
    RETURNS (FineTuning): Ready to `run()`.
    RAISES (ConfigValidationError): The block has a wrong key, value or function.
        (TrainingError): The block is missing, or resolves to something else.
    """
    block = config.interpolate().get(SECTION)
    if not isinstance(block, dict):
        raise TrainingError(f"the config has no [{SECTION}] block")
    # Checked before resolving: a block without a function would resolve to a plain dict.
    if block.get("@misc") is None:
        raise TrainingError(f'the [{SECTION}] block needs the line @misc = "{FINE_TUNING}"')
    tuning = registry.resolve({SECTION: block})[SECTION]
    if not isinstance(tuning, FineTuning):
        raise TrainingError(
            f'the [{SECTION}] block must have @misc = "{FINE_TUNING}"; what '
            f'"{block["@misc"]}" creates is not a fine-tuning run ({type(tuning).__name__})'
        )
    return tuning


def to_config(
    base: str, settings: dict[str, Any], policy: EarlyStopping, *, logger: str | None = None
) -> Config:
    """Write a run with the default optimizer and batcher as a complete config.

    base (str): The base, as `fine_tune` takes it.
    settings (Dict[str, Any]): Plain fields of `FineTuning`; paths as strings.
    policy (EarlyStopping): The policy of the run.
    logger (Optional[str]): Name of its logger.
    RETURNS (Config): `from_config` creates the same run from it.
    """
    paths = {name: settings.get(name) for name in ("train", "dev", "retention_dev", "raw_text")}
    block = {
        **settings,
        **{name: f"${{paths.{name}}}" for name in ("base", *paths)},
        "@misc": FINE_TUNING,
        "early_stopping": {"@misc": EARLY_STOPPING, **policy.settings()},
        "optimizer": OPTIMIZER,
        "batcher": BATCHER,
        "logger": logger and {"@loggers": logger},
    }
    return Config({"paths": {"base": base, **paths}, SECTION: block})
