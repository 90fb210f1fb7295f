"""A tokenizer that restores its rules when they are first needed.

Compiling the patterns and special cases of a language takes longer than all the rest of loading
a pipeline, and whoever only looks at a pipeline, or trains on tokenized texts, needs none of it.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any, Final

from spacy.language import Language
from spacy.symbols import NORM, ORTH  # type: ignore[import-not-found]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.tokens import Doc

from ..errors import ModelFileError
from .msgpack import gc_kept

# What can be told without any rules; `hasattr(tokenizer, "memory_zone")` is how spaCy enters one.
_KNOWN: Final = frozenset({"vocab", "memory_zone", "__class__", "__dict__"})


class DeferredTokenizer(Tokenizer):  # type: ignore[misc]
    """Stands in for the tokenizer of a pipeline, and is replaced by it on first use.

    nlp (Language): The pipeline.
    state (bytes): What `Tokenizer.to_bytes` returned, without the vocab.
    """

    def __init__(self, nlp: Language, state: bytes):
        super().__init__(nlp.vocab)
        super().__setattr__("_pending", _Pending(nlp, state))

    def __getattribute__(self, name: str) -> Any:  # noqa: D105
        if name in _KNOWN or "_pending" not in vars(self):
            return super().__getattribute__(name)
        return getattr(_real(self), name)

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: D105
        if "_pending" in vars(self):
            setattr(_real(self), name, value)
        else:
            super().__setattr__(name, value)

    def __call__(self, text: str) -> Doc:  # noqa: D102
        doc: Doc = _real(self)(text)
        return doc


class RestoredTokenizer(Tokenizer):  # type: ignore[misc]
    """A tokenizer that is quicker at seeing that a special case from a file is valid.

    vocab (Vocab): The vocab.
    """

    def _validate_special_case(self, chunk: str, substrings: Any) -> None:
        if not _is_plain_case(chunk, substrings):
            super()._validate_special_case(chunk, substrings)

    def __reduce__(self) -> Any:  # noqa: D105
        _, args, *rest = super().__reduce__()
        return (Tokenizer, args, *rest)


def _is_plain_case(chunk: str, tokens: Any) -> bool:
    """Whether a special case is one of nothing but texts and norms, and its texts add up to it."""
    text = ""
    for token in tokens if type(tokens) is list else ():
        if type(token) is not dict or type(orth := token.get(ORTH)) is not str:
            return False
        if len(token) > 1 and (len(token) > 2 or type(token.get(NORM)) is not str):
            return False
        text += orth
    return text == chunk != ""


def _real(deferred: DeferredTokenizer) -> Tokenizer:
    pending: _Pending = vars(deferred)["_pending"]
    return pending.tokenizer or pending.restore(deferred)


class _Pending:
    def __init__(self, nlp: Language, state: bytes):
        self.nlp = weakref.ref(nlp)
        self.vocab = nlp.vocab
        self.state = state
        self.tokenizer: Tokenizer | None = None
        self.lock = threading.Lock()

    def restore(self, deferred: DeferredTokenizer) -> Tokenizer:
        with self.lock:
            if self.tokenizer is None:
                self.tokenizer = restored_tokenizer(RestoredTokenizer(self.vocab), self.state)
        nlp = self.nlp()
        if nlp is not None and nlp.tokenizer is deferred:
            nlp.tokenizer = self.tokenizer
        return self.tokenizer


def defer_tokenizer(nlp: Language, state: bytes) -> None:
    """Give a pipeline its tokenizer, to be restored when it is first needed.

    nlp (Language): The pipeline. Its string store must be one that announces memory zones.
    state (bytes): What `Tokenizer.to_bytes` returned, without the vocab.
    """
    deferred = DeferredTokenizer(nlp, state)
    nlp.tokenizer = deferred
    strings: Any = nlp.vocab.strings
    # Strings and lexemes of the rules would vanish with the zone in which they are first used.
    strings.before_memory_zone = lambda: _real(deferred)


def restored_tokenizer(tokenizer: Any, state: bytes) -> Any:
    """Put the state of a file into a tokenizer.

    tokenizer (Any): The tokenizer.
    state (bytes): What its `to_bytes` returned, without the vocab.
    RETURNS (Any): The same tokenizer.
    RAISES (ModelFileError): The state is not one that it can use ("cannot-build").
    """
    try:
        with gc_kept():
            tokenizer.from_bytes(state, exclude=["vocab"])
    except Exception as err:
        raise ModelFileError(
            f"cannot build the tokenizer of the model file: {type(err).__name__}: "
            f"{ascii(str(err))[1:-1][:300]}",
            code="cannot-build",
        ) from err
    return tokenizer
