"""All exceptions of this package.

    PickledNerError
    ├── AnnotationError          (ValueError)   a row of the user's data is invalid
    ├── TrainingError            (RuntimeError) training cannot start or continue
    │   ├── BasePipelineError    (ValueError)   the base pipeline cannot be found, loaded or used
    │   └── CheckpointError                     a run cannot resume from its checkpoint
    ├── SettingsError            (ValueError)   a setting has an invalid value
    ├── UnknownMetricError       (ValueError)   the monitored metric does not exist
    ├── ModelFileError           (ValueError)   a model file cannot be read
    │   ├── UnsafeFileError                     not a model file, or damaged
    │   └── UntrustedContentError               it needs the caller's trust
    ├── ComponentError           (ValueError)   an NER from a model file does not fit a pipeline
    ├── SaveError                (OSError)      a model file cannot be written; an old one is intact
    └── MissingExtraError        (ImportError)  an optional dependency is not installed

File, row, code, names and the like are attributes. The message says what is wrong, where, and what
to do. Nothing here imports spaCy or the rest of the package.

`PickledNerWarning` is for surprises that are not errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class PickledNerError(Exception):
    """Base class of all exceptions of this package."""


class AnnotationError(PickledNerError, ValueError):
    """Annotated data cannot be used.

    source (str): File name, or "<list>" for data passed from Python.
    row (Optional[int]): Number of the row, from 1; None for the whole file.
    unit (str): What `row` counts: "line" (JSONL), "row" or "doc".
    reason (str): What is wrong, and what to do.
    """

    def __init__(self, reason: str, *, source: str, row: int | None = None, unit: str = "row"):
        self.reason = reason
        self.source = source
        self.row = row
        self.unit = unit
        where = source if row is None else f"{source}, {unit} {row}"
        super().__init__(f"{where}: {reason}")


class TrainingError(PickledNerError, RuntimeError):
    """Training cannot start or continue with these settings and this data."""


class BasePipelineError(TrainingError, ValueError):
    """The base pipeline cannot be found, loaded or used for NER training."""


class CheckpointError(TrainingError):
    """A run cannot resume from a checkpoint. The checkpoint does not change.

    path (Path): The checkpoint.
    changed (Tuple[str, ...]): Differences to the run of the checkpoint, one phrase each.
    """

    def __init__(self, reason: str, *, path: Path, changed: Iterable[str] = ()):
        self.path = path
        self.changed = tuple(changed)
        super().__init__(
            f"cannot resume from {path}: {reason}. To start anew, remove {path.parent}"
        )


class SettingsError(PickledNerError, ValueError):
    """A setting has an invalid value.

    setting (str): Name of the setting.
    value (object): The invalid value.
    allowed (str): The allowed values, in words.
    """

    def __init__(self, setting: str, value: object, allowed: str):
        self.setting = setting
        self.value = value
        self.allowed = allowed
        super().__init__(f"{setting}={value!r} is not allowed; allowed: {allowed}")


class UnknownMetricError(PickledNerError, ValueError):
    """The monitored metric does not exist in an evaluation.

    metric (str): The name of the metric.
    available (Tuple[str, ...]): The names of the existing metrics.
    """

    def __init__(self, metric: str, available: Iterable[str]):
        self.metric = metric
        self.available = tuple(sorted(available))
        listed = ", ".join(self.available) or "none"
        super().__init__(f"cannot monitor {metric!r}: the metrics of this run are {listed}")


class ModelFileError(PickledNerError, ValueError):
    """A model file cannot be read.

    code (str): Stable, machine-readable code of the problem, e.g. "truncated".
    offset (Optional[int]): Byte offset in the file, if known.
    file (Optional[str]): Path, or URL without passwords; None for bytes. Also in the message.
    reason (str): What is wrong.
    """

    def __init__(
        self, message: str, *, code: str, offset: int | None = None, file: str | None = None
    ):
        self.code = code
        self.offset = offset
        self.file = file
        self.reason = message
        super().__init__(message)

    def name_file(self, file: str) -> None:
        """Add the file to the message, if the code that found the problem did not know it.

        file (str): Path or URL.
        """
        self.file = file
        self.args = (f"{file}: {self.reason}",)


class UnsafeFileError(ModelFileError):
    """The file is not plain data in our format, or is damaged. Nothing in it was run or built."""


class UntrustedContentError(ModelFileError):
    """The file needs components or functions that the caller does not trust.

    names (Tuple[str, ...]): The names to pass as `trusted=[…]`, e.g. "factories:my_component".
    """

    def __init__(self, message: str, *, names: Iterable[str], code: str = "untrusted"):
        self.names = tuple(names)
        super().__init__(message, code=code)


class ComponentError(PickledNerError, ValueError):
    """A model file has no NER for the factory `pickled_ner`, or its NER cannot run in the pipeline.

    component (str): Name for the NER in the pipeline.
    path (str): The model file.
    reason (str): What is wrong, and what to do.
    """

    def __init__(self, reason: str, *, component: str, path: str):
        self.reason = reason
        self.component = component
        self.path = path
        super().__init__(f"cannot add the component {component!r} from {path}: {reason}")


class SaveError(PickledNerError, OSError):
    """A model file cannot be written. An older file is unchanged."""


class MissingExtraError(PickledNerError, ImportError):
    """An optional dependency is not installed.

    extra (str): The extra to install: `pip install "spacy-pickled-ner[<extra>]"`.
    """

    def __init__(self, what: str, *, extra: str):
        self.extra = extra
        super().__init__(f'{what} needs an extra: pip install "spacy-pickled-ner[{extra}]"')


class PickledNerWarning(UserWarning):
    """Something works, but perhaps not as the caller expects."""
