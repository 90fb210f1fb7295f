"""Make spaCy's own tokenizer out of the state in a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from spacy.symbols import NORM, ORTH  # type: ignore[import-not-found]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]

from ..errors import ModelFileError
from ..msgpack import gc_kept


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


def is_plain_case(chunk: str, tokens: Any) -> bool:
    """Whether a special case is one of nothing but texts and norms, and its texts add up to it.

    chunk (str): The text that the case is for.
    tokens (Any): Its tokens, as they stand in the file.
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
