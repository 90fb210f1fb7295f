"""Every exception this package raises on purpose, so that callers can catch by meaning.

    PickledNerError
    ├── AnnotationError          (ValueError)   a row of the user's data is wrong
    ├── TrainingError            (RuntimeError) training cannot start or go on
    │   ├── BasePipelineError    (ValueError)   the base pipeline cannot be found, loaded or used
    │   └── CheckpointError                     an interrupted run cannot go on from its checkpoint
    ├── SettingsError            (ValueError)   a setting has a value that makes no sense
    ├── UnknownMetricError       (ValueError)   the monitored metric is not among the scores
    ├── ModelFileError           (ValueError)   a model file cannot be read
    │   ├── UnsafeFileError                     not plain data, not a file of ours, or damaged
    │   └── UntrustedContentError               it asks for code that the caller did not allow
    ├── ComponentError           (ValueError)   an NER in a model file does not fit into a pipeline
    ├── SaveError                (OSError)      a model file cannot be written; an old one is intact
    └── MissingExtraError        (ImportError)  an optional dependency is not installed

What callers may want to act on (file, row, code, names …) is on attributes; the message says what
was wrong, where, and what to do. Nothing here imports spaCy or the rest of the package.

What is not wrong, but may be a surprise, is a `PickledNerWarning`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class PickledNerError(Exception):
    """Root of the tree: `except PickledNerError` catches whatever this package reports."""


class AnnotationError(PickledNerError, ValueError):
    """Annotated data cannot be used as it is.

    source (str): File name, or "<list>" for data passed from Python.
    row (Optional[int]): 1-based number of the row; None if the whole file is meant.
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
    """Training cannot start, or cannot go on, with these settings and this data."""


class BasePipelineError(TrainingError, ValueError):
    """The base pipeline cannot be found, loaded or used for NER training."""


class CheckpointError(TrainingError):
    """A run cannot go on from a checkpoint. The checkpoint is left as it is.

    path (Path): The checkpoint.
    changed (Tuple[str, ...]): What differs from the run that it is of, a phrase each.
    """

    def __init__(self, reason: str, *, path: Path, changed: Iterable[str] = ()):
        self.path = path
        self.changed = tuple(changed)
        super().__init__(
            f"cannot resume from {path}: {reason}. To start anew, remove {path.parent}"
        )


class SettingsError(PickledNerError, ValueError):
    """A setting has a value that makes no sense.

    setting (str): Its name.
    value (object): What it was set to.
    allowed (str): What it can be set to, in words.
    """

    def __init__(self, setting: str, value: object, allowed: str):
        self.setting = setting
        self.value = value
        self.allowed = allowed
        super().__init__(f"{setting}={value!r} is not allowed: give {allowed}")


class UnknownMetricError(PickledNerError, ValueError):
    """The monitored metric is not among the scores of an evaluation.

    metric (str): The name that was asked for.
    available (Tuple[str, ...]): The names that there are.
    """

    def __init__(self, metric: str, available: Iterable[str]):
        self.metric = metric
        self.available = tuple(sorted(available))
        listed = ", ".join(self.available) or "none"
        super().__init__(f"cannot monitor {metric!r}: the metrics of this run are {listed}")


class ModelFileError(PickledNerError, ValueError):
    """A model file cannot be read.

    code (str): Stable, machine-readable kind of the problem, e.g. "truncated".
    offset (Optional[int]): Byte offset in the file, where one is known.
    file (Optional[str]): Its path, or its URL without passwords; None for bytes. The message names
        it, too.
    reason (str): What is wrong with it.
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
        """Put the file in front of the message: what finds a problem may not know where it is.

        file (str): Its path or URL.
        """
        self.file = file
        self.args = (f"{file}: {self.reason}",)


class UnsafeFileError(ModelFileError):
    """The file is not plain data in our format, or is damaged. Nothing of it was run or built."""


class UntrustedContentError(ModelFileError):
    """The file asks for components or functions that the caller did not allow.

    names (Tuple[str, ...]): What it would need in `trusted=[…]`, e.g. "factories:my_component".
    """

    def __init__(self, message: str, *, names: Iterable[str], code: str = "untrusted"):
        self.names = tuple(names)
        super().__init__(message, code=code)


class ComponentError(PickledNerError, ValueError):
    """A model file has no NER for the factory `pickled_ner`, or none that can run in a pipeline.

    component (str): Name that it was to have in the pipeline.
    path (str): The model file.
    reason (str): What is wrong, and what to do.
    """

    def __init__(self, reason: str, *, component: str, path: str):
        self.reason = reason
        self.component = component
        self.path = path
        super().__init__(f"cannot add the component {component!r} from {path}: {reason}")


class SaveError(PickledNerError, OSError):
    """A model file cannot be written. A file that was there before is still there, unchanged."""


class MissingExtraError(PickledNerError, ImportError):
    """An optional dependency is needed for this and is not installed.

    extra (str): The extra to install: `pip install "spacy-pickled-ner[<extra>]"`.
    """

    def __init__(self, what: str, *, extra: str):
        self.extra = extra
        super().__init__(f'{what} needs an extra: pip install "spacy-pickled-ner[{extra}]"')


class PickledNerWarning(UserWarning):
    """Something works, but perhaps not as well as the caller expects."""
