"""How much memory a run has needed."""

from __future__ import annotations

import sys
from importlib import import_module


def peak_memory_mb() -> float | None:
    """Peak resident memory of this process since it started, as the system counts it.

    All of the process counts: Python, spaCy, the base, the data, and whatever else it has done
    before. Memory of a GPU does not.

    RETURNS (Optional[float]): Megabytes (10^6 bytes); None where the system does not say (Windows).
    """
    try:
        resource = import_module("resource")
    except ImportError:
        return None
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return round(peak * unit / 1e6, 1)
