"""Make spaCy's own tokenizer out of the state in a file."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import srsly
from spacy.symbols import NORM, ORTH  # type: ignore[import-not-found]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ...errors import ModelFileError
from ...msgpack import decode_msgpack_map, gc_kept

# Each adds one token or two, and spaCy leaves room for five.
MAX_LENGTHENED: Final = 2
_LENGTHENED: Final[Callable[[str], list[str]]] = re.compile(r"°\s*[CFK]\s*\.", re.I).findall


class RestoredTokenizer(Tokenizer):  # type: ignore[misc]
    """A tokenizer that is quicker at seeing that a special case from a file is valid.

    vocab (Vocab): The vocab.
    """

    def _validate_special_case(self, chunk: str, substrings: Any) -> None:
        if not is_plain_case(chunk, substrings):
            super()._validate_special_case(chunk, substrings)

    def __reduce__(self) -> Any:  # noqa: D105
        _, args, *rest = super().__reduce__()
        return (Tokenizer, args, *rest)


class GuardedTokenizer(RestoredTokenizer):
    """A tokenizer that is not just its language's, and has special cases that lengthen a doc.

    spaCy does not allocate enough tokens for a doc that is temporarily longer. A few cases fit
    anyway. A text with more of them is tokenized without these cases.
    """

    _state: bytes = b""
    _left_out: frozenset[str] = frozenset()
    _without: Tokenizer | None = None

    def guard(self, state: bytes, left_out: frozenset[str]) -> None:
        """Know the cases.

        state (bytes): What the tokenizer was restored from.
        left_out (FrozenSet[str]): The cases that lengthen a doc.
        """
        self._state, self._left_out = state, left_out

    def __call__(self, text: str) -> Doc:  # noqa: D102
        if not isinstance(text, str) or not may_lengthen(text):
            usual: Doc = super().__call__(text)
            return usual
        if self._without is None:
            parts = decode_msgpack_map(self._state, "the tokenizer")
            rules = parts["exceptions"]
            kept = {case: rules[case] for case in rules if case not in self._left_out}
            state = srsly.msgpack_dumps({**parts, "exceptions": kept})
            self._without = restored_tokenizer(RestoredTokenizer(self.vocab), state)
        doc: Doc = self._without(text)
        return doc


def may_lengthen(text: str) -> bool:
    """Return True if a text has many places in which a case of all languages lengthens a doc.

    text (str): The text.
    RETURNS (bool): False if they fit into the room that spaCy leaves.
    """
    return text.count("°") > MAX_LENGTHENED and len(_LENGTHENED(text)) > MAX_LENGTHENED


def is_plain_case(chunk: str, tokens: Any) -> bool:
    """Return True if a special case only has texts and norms, and its texts add up to it.

    chunk (str): The text that the case is for.
    tokens (Any): Its tokens in the file.
    RETURNS (bool): True if spaCy would accept it; False says nothing.
    """
    text = ""
    for token in tokens if type(tokens) is list else ():
        if type(token) is not dict:
            return False
        orth, norm = ("ORTH", "NORM") if "ORTH" in token else (ORTH, NORM)
        if type(part := token.get(orth)) is not str:
            return False
        if len(token) > 1 and (len(token) > 2 or type(token.get(norm)) is not str):
            return False
        text += part
    return text == chunk != ""


@contextlib.contextmanager
def tokenizer_errors() -> Iterator[None]:
    """Say of any error that it comes from a tokenizer in a file ("cannot-build")."""
    try:
        with gc_kept():
            yield
    except Exception as err:
        raise ModelFileError(
            f"cannot build the tokenizer of the model file: {type(err).__name__}: "
            f"{ascii(str(err))[1:-1][:300]}",
            code="cannot-build",
        ) from err


def restored_tokenizer(tokenizer: Any, state: bytes) -> Any:
    """Put the state of a file into a tokenizer.

    tokenizer (Any): The tokenizer.
    state (bytes): What its `to_bytes` returned, without the vocab.
    RETURNS (Any): The same tokenizer.
    RAISES (ModelFileError): The state is not one that it can use ("cannot-build").
    """
    with tokenizer_errors():
        tokenizer.from_bytes(state, exclude=["vocab"])
    return tokenizer


def whole_tokenizer(vocab: Vocab, state: bytes, left_out: frozenset[str]) -> Any:
    """Make the tokenizer of a file, with all of its rules.

    vocab (Vocab): The vocab.
    state (bytes): What its `to_bytes` returned, without the vocab, checked.
    left_out (FrozenSet[str]): Cases for which spaCy may not allocate enough tokens.
    RETURNS (Tokenizer): The tokenizer.
    RAISES (ModelFileError): The state is not one that it can use ("cannot-build").
    """
    if not left_out:
        return restored_tokenizer(RestoredTokenizer(vocab), state)
    tokenizer = restored_tokenizer(GuardedTokenizer(vocab), state)
    tokenizer.guard(state, left_out)
    return tokenizer
