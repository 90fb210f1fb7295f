"""Check before a file is written that `load` will accept it.

The reader has limits, and a pipeline that was changed by hand can differ from its config. A file
that cannot be loaded would mean the loss of the model. So the writer restores the pipeline from the
bytes that it is about to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import ModelFileError, SaveError
from ..msgpack import gc_paused
from .guards.config import required_names
from .pipeline.plan import Plan, uses_foreign_code
from .registries import LoadOptions
from .trust import needed_names


def check_loadable(
    plan: Plan,
    tokenizer: bytes | memoryview,
    states: Mapping[str, bytes | memoryview],
    restore: Callable[[LoadOptions], object],
) -> None:
    """Restore a pipeline from the parts that are about to be written.

    Components that need trust are skipped, because building them would run their code. A pipeline
    whose language, tokenizer or callbacks need trust is not restored at all.

    plan (Plan): Its config, variables resolved.
    tokenizer (Union[bytes, memoryview]): The state of its tokenizer.
    states (Mapping[str, Union[bytes, memoryview]]): The states of its components, by name.
    restore (Callable[[LoadOptions], object]): Restores the pipeline.
    RAISES (SaveError): `load` would refuse the file.
    """
    try:
        names = needed_names(plan, tokenizer, states)
        if required_names(plan.nlp, {}):
            return
        foreign = [
            name
            for name in plan.nlp["pipeline"]
            if uses_foreign_code(name, plan.components[name], names)
        ]
        with gc_paused():
            restore(LoadOptions(exclude=tuple(foreign), trusted=tuple(names)))
    except ModelFileError as err:
        raise SaveError(f"cannot save this pipeline: load would refuse it: {err}") from err
    except Exception as err:
        raise SaveError(
            f"cannot save this pipeline: load would refuse it: {type(err).__name__}: {err}"
        ) from err
