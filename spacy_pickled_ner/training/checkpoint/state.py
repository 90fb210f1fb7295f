"""The state of a run: save it between two updates as plain data, and restore it.

Parameters are named by the position of their layer in the model, e.g. "12/W", because thinc's layer
ids differ between processes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.pipeline import EntityRecognizer
from thinc.api import Model, Optimizer
from thinc.types import FloatsXd

from ...early_stopping import EarlyStopping
from ...ner.update import Updates
from ...ner.weights import Params, Snapshot
from ..progress import Progress

# What thinc's optimizer stores for each parameter, besides counts.
MOMENTS = ("mom1", "mom2", "averages")
COUNTS = ("nr_update", "last_seen")


@dataclass
class RunState:
    """Everything that changes during a run.

    ner (EntityRecognizer): The component that is trained.
    optimizer (Optimizer): Its momenta, averages and schedules.
    policy (EarlyStopping): The evaluations so far.
    progress (Progress): Counters, clocks and history.
    best (Snapshot): The best weights so far.
    updates (Updates): Updates the weights.
    """

    ner: EntityRecognizer
    optimizer: Optimizer
    policy: EarlyStopping
    progress: Progress
    best: Snapshot
    updates: Updates


@dataclass(frozen=True)
class SavedState:
    """The state of a run at one step, as stored in a checkpoint.

    values (Dict[str, Any]): Plain JSON.
    arrays (Dict[str, NDArray]): Weights, moments and averages.
    """

    values: dict[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def capture(run: RunState) -> SavedState:
    """Copy the state of a run. The run does not change.

    run (RunState): Between two updates.
    RETURNS (SavedState): Views of the run's arrays: use them before the next update.
    """
    model, optimizer = run.ner.model, run.optimizer
    names = {key: name for name, key in _keys(model).items()}
    current = Snapshot.view(model)
    arrays = {
        **_named("weights", current.params, names),
        **_named("best", run.best.params, names),
    }
    for moment in MOMENTS:
        arrays |= _named(moment, getattr(optimizer, moment) or {}, names)
    arrays |= {f"waiting/{name}": array for name, array in run.updates.waiting().items()}
    python_state = random.getstate()
    numpy_state: Any = numpy.random.get_state(legacy=False)
    arrays["numpy_random"] = numpy_state["state"]["key"]
    return SavedState(
        {
            "progress": run.progress.state_dict(),
            "policy": run.policy.state_dict(),
            "unseen_classes": sorted(current.unseen_classes),
            "best_unseen_classes": sorted(run.best.unseen_classes),
            "optimizer": {
                count: {names[key]: number for key, number in getattr(optimizer, count).items()}
                for count in COUNTS
            },
            "python_random": python_state,
            "numpy_random": {
                "pos": numpy_state["state"]["pos"],
                "has_gauss": numpy_state["has_gauss"],
                "gauss": numpy_state["gauss"],
            },
        },
        arrays,
    )


def restore(run: RunState, state: SavedState) -> None:
    """Restore the state of a run into an equal run that has not begun.

    run (RunState): Gets the weights, optimizer, policy, progress and best weights. The global
        random generators are set, too.
    RAISES (KeyError, ValueError, TypeError, TrainingError): The state does not fit this run.
    """
    model, optimizer, values = run.ner.model, run.optimizer, state.values
    keys = _keys(model)
    current = _params("weights", state.arrays, model)
    best = _params("best", state.arrays, model)
    Snapshot(current, frozenset(values["unseen_classes"])).restore(model)
    run.best = Snapshot(best, frozenset(values["best_unseen_classes"]))
    for moment in MOMENTS:
        found = {
            keys[name]: _to_device(array, model.ops) for name, array in _under(moment, state.arrays)
        }
        if getattr(optimizer, moment) is not None:
            getattr(optimizer, moment).update(found)
    for count in COUNTS:
        numbers = values["optimizer"][count]
        getattr(optimizer, count).update({keys[name]: number for name, number in numbers.items()})
    _restore_gradients(model, optimizer)
    run.updates.restore_waiting(dict(_under("waiting", state.arrays)))
    run.progress.load_state_dict(values["progress"])
    run.policy.load_state_dict(values["policy"])
    # Schedules are generators, which cannot be saved. They only depend on the step.
    for _ in range(run.progress.step):
        optimizer.step_schedules()
    version, numbers, gauss = values["python_random"]
    random.setstate((version, tuple(numbers), gauss))
    said = values["numpy_random"]
    numpy.random.set_state(
        {
            "bit_generator": "MT19937",
            "state": {"key": state.arrays["numpy_random"].copy(), "pos": said["pos"]},
            "has_gauss": said["has_gauss"],
            "gauss": said["gauss"],
        }
    )


def _restore_gradients(model: Model[Any, Any], optimizer: Optimizer) -> None:
    """Give a gradient of zero to each parameter that had one.

    The optimizer keeps updating such a parameter, even if a batch has no gradient for it.
    """
    for node in model.walk():
        for name in node.param_names:
            if (node.id, name) in optimizer.nr_update and not node.has_grad(name):
                node.set_grad(name, node.ops.alloc(node.get_param(name).shape, dtype="float32"))


def _keys(model: Model[Any, Any]) -> dict[str, tuple[int, str]]:
    return {
        f"{place}/{name}": (node.id, name)
        for place, node in enumerate(model.walk())
        for name in node.param_names
        if node.has_param(name)
    }


def _named(
    kind: str, params: Params, names: Mapping[tuple[int, str], str]
) -> dict[str, NDArray[Any]]:
    return {f"{kind}/{names[key]}": _to_numpy(array) for key, array in params.items()}


def _to_numpy(array: Any) -> NDArray[Any]:
    # CuPy arrays have `get`; numpy arrays do not.
    on_cpu: NDArray[Any] = array.get() if hasattr(array, "get") else array
    return on_cpu


def _to_device(array: NDArray[Any], ops: Any) -> FloatsXd:
    on_device: FloatsXd = ops.asarray(array.copy())
    return on_device


def _under(kind: str, arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name in arrays:
        if name.startswith(f"{kind}/"):
            yield name.removeprefix(f"{kind}/"), arrays[name]


def _params(kind: str, arrays: Mapping[str, NDArray[Any]], model: Model[Any, Any]) -> Params:
    """Read all parameters of a model from the arrays, and check their shapes."""
    found: Params = {}
    expected: Iterable[tuple[str, tuple[int, str]]] = _keys(model).items()
    nodes = {node.id: node for node in model.walk()}
    for name, key in expected:
        array = arrays[f"{kind}/{name}"]
        wanted = nodes[key[0]].get_param(key[1])
        if array.shape != wanted.shape or array.dtype != wanted.dtype:
            raise ValueError(f"{kind}/{name} has another shape")
        found[key] = _to_device(array, model.ops)
    return found
