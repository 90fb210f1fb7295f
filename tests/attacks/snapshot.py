"""The state of a process that no load may change, and how it differs from an earlier one."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import catalogue
import numpy as np

from .trap import VARIABLE

# Modules that a load may import: what spaCy's languages and components are made of, and ours.
EXPECTED = (
    "spacy.", "spacy_legacy", "spacy_pickled_ner", "thinc.", "tests.", "encodings.", "numpy.",
    "importlib.", "urllib.", "configparser", "tempfile", "fractions", "statistics", "jieba",
    "spacy_loggers",
)  # fmt: skip
WATCHED = ("spacy.", "thinc.", "srsly", "catalogue", "confection", "numpy.", "spacy_pickled_ner.")
_STDLIB = frozenset(sys.stdlib_module_names)
# What Python itself keeps in `sys` of the last error.
_VOLATILE = {"last_exc", "last_type", "last_value", "last_traceback", "modules", "_cached"}


def _classes() -> list[type]:
    found = {}
    for name, module in list(sys.modules.items()):
        if module is not None and f"{name}.".startswith(WATCHED):
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__.startswith(WATCHED):
                    found[id(value)] = value
    return list(found.values())


def _attributes(cls: type) -> dict[str, int]:
    # thinc counts layers in the class, Python keeps annotations and answers of `isinstance`.
    return {
        key: id(value)
        for key, value in vars(cls).items()
        if key not in ("global_id", "__annotations__") and not key.startswith("_abc_")
    }


class Snapshot:
    """What a process looks like at one moment."""

    def __init__(self) -> None:
        self.modules = set(sys.modules)
        self.classes = {cls: _attributes(cls) for cls in _classes()}
        self.registered = {path: id(value) for path, value in catalogue.REGISTRY.items()}
        self.plain: dict[str, Any] = {
            # The trap for imports is set by the case itself.
            "environment": {k: v for k, v in os.environ.items() if k != VARIABLE},
            "folder": str(Path.cwd()),
            "threads": threading.active_count(),
            "signals": {n: signal.getsignal(n) for n in signal.valid_signals()},
            "garbage collector": gc.isenabled(),
            "warnings": list(warnings.filters),
            "numpy's errors": np.geterr(),
            "recursion": sys.getrecursionlimit(),
            "open files": len([*Path("/proc/self/fd").iterdir()]),
            **{
                f"sys.{name}": list(value) if isinstance(value, list) else value
                for name, value in vars(sys).items()
                if name not in _VOLATILE and not isinstance(value, dict)
            },
        }

    def difference(self, later: Snapshot) -> str:
        """Say what is different later; empty if nothing is."""
        for name, value in self.plain.items():
            if later.plain.get(name) != value:
                return f"{name}: {value!r:.200} became {later.plain.get(name)!r:.200}"
        # A language or component that is imported registers what it has; nothing may be replaced.
        for path, value in self.registered.items():
            if later.registered.get(path) != value:
                return f"the registered {path} was replaced"
        for name in sorted(later.modules - self.modules):
            if not f"{name}.".startswith(EXPECTED) and name.partition(".")[0] not in _STDLIB:
                return f"the module {name} was imported"
        for cls, attributes in self.classes.items():
            if later.classes.get(cls, attributes) != attributes:
                changed = set(attributes.items()) ^ set(later.classes[cls].items())
                return f"{cls.__module__}.{cls.__qualname__}: {sorted(k for k, _ in changed)}"
        return ""
