"""A tokenizer that restores its rules when they are first needed.

Compiling the patterns and special cases of a language takes longer than all the rest of loading
a pipeline. Programs that only inspect a pipeline, or train on tokenized texts, need none of it, and
a process for a text or two needs little of it.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any, Final

from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.tokens import Doc

from .first_texts import FirstTexts
from .restored import may_lengthen, tokenizer_errors, whole_tokenizer
from .western_patterns import is_western

# Attributes that need no rules; `hasattr(tokenizer, "memory_zone")` is how spaCy enters one.
_KNOWN: Final = frozenset({"vocab", "memory_zone", "__class__", "__dict__"})


class DeferredTokenizer(Tokenizer):  # type: ignore[misc]
    """Stands in for the tokenizer of a pipeline, and is replaced by it after the first texts.

    nlp (Language): The pipeline.
    state (bytes): What `Tokenizer.to_bytes` returned, without the vocab.
    left_out (FrozenSet[str]): As in `whole_tokenizer`.
    """

    def __init__(self, nlp: Language, state: bytes, left_out: frozenset[str] = frozenset()):
        super().__init__(nlp.vocab)
        super().__setattr__("_pending", _Pending(nlp, state, left_out))

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
        pending: _Pending = vars(self)["_pending"]
        doc = pending.first_doc(text)
        return _real(self)(text) if doc is None else doc


def _real(deferred: DeferredTokenizer) -> Tokenizer:
    pending: _Pending = vars(deferred)["_pending"]
    return pending.tokenizer or pending.restore(deferred)


class _Pending:
    def __init__(self, nlp: Language, state: bytes, left_out: frozenset[str]):
        self.nlp = weakref.ref(nlp)
        self.left_out = left_out
        self.vocab = nlp.vocab
        self.state = state
        self.first_texts: FirstTexts | None = None
        self.tokenizer: Tokenizer | None = None
        # Tokenizing may come back here: lexical attributes can be anyone's functions.
        self.lock = threading.RLock()

    def first_doc(self, text: str) -> Doc | None:
        with self.lock:
            if self.tokenizer is not None or not isinstance(text, str):
                return None
            if self.left_out and may_lengthen(text):
                return None
            if self.first_texts is None:
                with tokenizer_errors():
                    western = is_western(text)
                    self.first_texts = FirstTexts(self.vocab, self.state, western=western)
            return self.first_texts(text)

    def restore(self, deferred: DeferredTokenizer) -> Tokenizer:
        with self.lock:
            if self.tokenizer is None:
                self.tokenizer = whole_tokenizer(self.vocab, self.state, self.left_out)
                self.first_texts = None
        nlp = self.nlp()
        if nlp is not None and nlp.tokenizer is deferred:
            nlp.tokenizer = self.tokenizer
        return self.tokenizer


def defer_tokenizer(nlp: Language, state: bytes, left_out: frozenset[str] = frozenset()) -> None:
    """Give a pipeline its tokenizer, to be restored when it is first needed.

    nlp (Language): The pipeline. Its string store must be one that announces memory zones.
    state (bytes): What `Tokenizer.to_bytes` returned, without the vocab.
    left_out (FrozenSet[str]): As in `whole_tokenizer`.
    """
    deferred = DeferredTokenizer(nlp, state, left_out)
    nlp.tokenizer = deferred
    strings: Any = nlp.vocab.strings
    # Strings and lexemes of the rules would vanish with the zone in which they are first used.
    strings.before_memory_zone = lambda: _real(deferred)
