"""Load a pipeline by name: package, directory, file, URL or blank language."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeAlias

import spacy
import srsly
from spacy.language import Language
from spacy.util import is_package
from spacy.vocab import Vocab

from . import model_file
from .container.urls.remote import is_url
from .errors import BasePipelineError, PickledNerError
from .model_file.guards.names import as_trusted

Base: TypeAlias = str | os.PathLike[str] | Language

BLANK_PREFIX = "blank:"


def load_base(
    base: Base, *, trusted: Iterable[str] = (), vocab: Vocab | Literal[True] = True
) -> Language:
    """Load the pipeline to fine-tune, to score or to pack.

    base (Base): A package name, a directory, a `.pkl` file (or a directory that holds
        `model.pkl`, or a URL), "blank:<language>", or a Language, which is copied.
    trusted (Iterable[str]): For `.pkl` files, see `spacy_pickled_ner.load`.
    vocab (Union[Vocab, bool]): A vocab to share, or True for a new one. A Language keeps its own.
    RETURNS (Language): A pipeline that nobody else uses.
    RAISES (BasePipelineError): There is no such pipeline, or it cannot be loaded.
    """
    trusted = as_trusted(trusted)
    if isinstance(base, Language):
        return _copy(base)
    name = os.fspath(base)
    try:
        if name.startswith(BLANK_PREFIX):
            return spacy.blank(name.removeprefix(BLANK_PREFIX), vocab=vocab)
        if is_url(name):
            return model_file.load(name, vocab=vocab, trusted=trusted, verify=True)
        path = Path(name)
        if path.is_file() or (path / "model.pkl").is_file():
            return model_file.load(path, vocab=vocab, trusted=trusted, verify=True)
        if path.exists() or is_package(name):
            return spacy.load(name, vocab=vocab)
    except PickledNerError:
        raise
    except Exception as err:  # a damaged folder can fail anywhere in spaCy, thinc or msgpack
        raise BasePipelineError(f"cannot load the pipeline {name!r}: {_first_line(err)}") from err
    if name != Path(name).name or name.endswith(".pkl"):
        raise BasePipelineError(f"no pipeline {name!r}: there is no such file or directory")
    raise BasePipelineError(
        f"no pipeline {name!r}: it is neither an installed package, nor a directory, nor a "
        f".pkl file. spaCy's own packages are installed with: python -m spacy download {name}"
    )


def _copy(nlp: Language) -> Language:
    # Pickle, not to_bytes: spaCy's EntityRuler.from_bytes loses phrase patterns. The bytes never
    # leave this function.
    try:
        copied = pickle.loads(srsly.pickle_dumps(nlp))  # noqa: S301
    except Exception:
        # The knowledge base of an entity linker, for example, cannot be pickled.
        return _copy_by_disk(nlp)
    assert isinstance(copied, Language)
    vectors: Any = copied.vocab.vectors
    if nlp.vocab.vectors.strings is nlp.vocab.strings:
        # Pickling gives the vectors a copy of the strings, without words that are added later.
        vectors.strings = copied.vocab.strings
    return copied


def _copy_by_disk(nlp: Language) -> Language:
    try:
        with TemporaryDirectory() as folder:
            nlp.to_disk(folder)
            return spacy.load(folder)
    except Exception as err:
        raise BasePipelineError(
            f"cannot copy the pipeline ({_first_line(err)}); save it and pass its path"
        ) from err


def _first_line(err: BaseException) -> str:
    text = str(err).strip().split("\n", 1)[0]
    return text if isinstance(err, (ImportError, OSError, ValueError)) else f"{err!r}"
