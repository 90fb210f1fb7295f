"""Fine-tune spaCy's NER with early stopping, and ship the pipeline as one file that runs no code.

Everything public can be imported from here. Names are resolved on first use, because spaCy imports
this package on every `python -m spacy …` call, which must stay fast.

Every room may import the ground: `about` (version, meta key), `errors` (the exception tree),
`wording` (numbers in sentences), `ty` (type aliases), `machine` (BLAS, GPU, memory, seeds),
`msgpack` and `dict_keys` (msgpack and integer keys that may be hostile), `early_stopping` (the
policy). `pipelines` loads a pipeline by name. CONTRIBUTING.md lists the
rooms.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .about import __version__

if TYPE_CHECKING:
    from .deployment import pack as pack
    from .deployment import package as package
    from .deployment import unpack as unpack
    from .early_stopping import EarlyStopping as EarlyStopping
    from .early_stopping import StopReason as StopReason
    from .errors import AnnotationError as AnnotationError
    from .errors import BasePipelineError as BasePipelineError
    from .errors import CheckpointError as CheckpointError
    from .errors import ComponentError as ComponentError
    from .errors import MissingExtraError as MissingExtraError
    from .errors import ModelFileError as ModelFileError
    from .errors import PickledNerError as PickledNerError
    from .errors import PickledNerWarning as PickledNerWarning
    from .errors import SaveError as SaveError
    from .errors import SettingsError as SettingsError
    from .errors import TrainingError as TrainingError
    from .errors import UnknownMetricError as UnknownMetricError
    from .errors import UnsafeFileError as UnsafeFileError
    from .errors import UntrustedContentError as UntrustedContentError
    from .model_file import PipelineHandle as PipelineHandle
    from .model_file import dump as dump
    from .model_file import dumps as dumps
    from .model_file import get_untrusted as get_untrusted
    from .model_file import inspect as inspect
    from .model_file import load as load
    from .model_file import loads as loads
    from .model_file import make_phrases as make_phrases
    from .model_file import verify as verify
    from .spacy_train import TrainingStopped as TrainingStopped
    from .training import FineTuneResult as FineTuneResult
    from .training import FineTuning as FineTuning
    from .training import fine_tune as fine_tune

_HOMES = {
    "deployment": ("pack", "package", "unpack"),
    "early_stopping": ("EarlyStopping", "StopReason"),
    "errors": (
        "AnnotationError",
        "BasePipelineError",
        "CheckpointError",
        "ComponentError",
        "MissingExtraError",
        "ModelFileError",
        "PickledNerError",
        "PickledNerWarning",
        "SaveError",
        "SettingsError",
        "TrainingError",
        "UnknownMetricError",
        "UnsafeFileError",
        "UntrustedContentError",
    ),
    "model_file": (
        "PipelineHandle",
        "dump",
        "dumps",
        "get_untrusted",
        "inspect",
        "load",
        "loads",
        "make_phrases",
        "verify",
    ),
    "spacy_train": ("TrainingStopped",),
    "training": ("FineTuneResult", "FineTuning", "fine_tune"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*sorted(_HOME_OF), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
