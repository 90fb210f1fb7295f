"""Choose where to compute."""

from __future__ import annotations

from thinc.api import require_gpu

from ..errors import TrainingError


def use_gpu(gpu_id: int) -> None:
    """Compute on a GPU from here on, in this process.

    gpu_id (int): Its number; below 0 changes nothing.
    RAISES (TrainingError): There is no such GPU, or nothing installed that can use it.
    """
    if gpu_id < 0:
        return
    try:
        require_gpu(gpu_id)
    except Exception as err:  # thinc's own, CuPy's and the driver's, each of another kind
        raise TrainingError(f"cannot use GPU {gpu_id}: {err}") from err
