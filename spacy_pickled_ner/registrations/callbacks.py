"""`@callbacks`: callbacks for stock `spacy train`."""

from collections.abc import Sequence
from pathlib import Path

from ..ty import Callback, UpdateCallback


def create_copy_from_pickled(
    path: str | Path,
    tokenizer: bool = True,
    vocab: bool = True,
    trusted: Sequence[str] = (),
) -> Callback:
    """`@callbacks = "spacy-pickled-ner.copy_from_pickled.v1"`: see `copy_from_pickled`."""
    from ..spacy_train.callbacks import copy_from_pickled

    return copy_from_pickled(path, tokenizer=tokenizer, vocab=vocab, trusted=trusted)


def create_resume_from_base(
    base: str | Path, component: str = "ner", trusted: Sequence[str] = ()
) -> Callback:
    """`@callbacks = "spacy-pickled-ner.resume_from_base.v1"`: see `resume_from_base`."""
    from ..spacy_train.callbacks import resume_from_base

    return resume_from_base(base, component=component, trusted=trusted)


def create_rehearse(
    raw_text: str | Path,
    base: str | Path,
    component: str = "ner",
    ratio: float = 0.5,
    pull: float = 0.0001,
    seed: int = 0,
    trusted: Sequence[str] = (),
) -> UpdateCallback:
    """`@callbacks = "spacy-pickled-ner.rehearse.v1"`: see `Rehearsal`."""
    settings = locals()
    from ..spacy_train.rehearsing import Rehearsal

    return Rehearsal(**settings)


def create_dump_pickled(path: str | Path, only_best: bool = True) -> Callback:
    """`@callbacks = "spacy-pickled-ner.dump_pickled.v1"`: see `dump_pickled`."""
    from ..spacy_train.callbacks import dump_pickled

    return dump_pickled(path, only_best=only_best)
