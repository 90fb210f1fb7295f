"""A pipeline's vocab in a file: its strings, word vectors and lookup tables."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Any, Final, Literal

import srsly
from numpy.typing import NDArray
from spacy.lookups import Lookups
from spacy.vectors import Mode, Vectors  # type: ignore[import-not-found]
from spacy.vocab import Vocab
from thinc.api import get_current_ops

from ...container.sections import Section, Sections, array_section, json_section
from ...errors import UnsafeFileError
from ...msgpack import EMPTY_MAP
from ..guards.hashes import check_even_texts
from ..guards.vocab.lookups import check_lookups, restore_tables
from ..guards.vocab.vectors import FLORET, check_vectors
from .key_table import KEYS, KeyTable, key_sections
from .string_table import read_strings, string_sections

VECTORS: Final = "vocab/vectors/data"


def vocab_sections(vocab: Vocab) -> Iterator[Section]:
    """Take a vocab apart.

    vocab (Vocab): The vocab.
    YIELDS (Section): Its sections; vectors are not copied.
    """
    yield from string_sections(vocab.strings)
    if type(vocab.vectors) is Vectors:
        yield from _vector_sections(vocab.vectors)
    else:
        yield Section("vocab/vectors", vocab.vectors.to_bytes(exclude=["strings"]))
    yield Section("vocab/lookups", vocab.lookups.to_bytes())


def restore_vocab(vocab: Vocab, sections: Sections, exclude: Collection[str]) -> None:
    """Put the contents of a file into a vocab.

    vocab (Vocab): A new vocab, or one that the caller shares. Its strings are kept.
    sections (Sections): The file.
    exclude (Collection[str]): Any of "strings", "vectors", "lookups".
    RAISES (UnsafeFileError): The sections do not fit together ("bad-vocab").
    """
    if "strings" not in exclude:
        # Read twice, piece by piece, so that they are never all in memory beside the vocab.
        check_even_texts("the vocab", read_strings(sections))
        for string in read_strings(sections):
            if vocab.strings[vocab.strings.add(string)] != string:
                raise _bad(f"another string has the hash of {string[:40]!a}")
    if "vectors" not in exclude:
        if type(vocab.vectors) is Vectors:
            _restore_vectors(vocab.vectors, sections)
        else:
            vocab.vectors.from_bytes(bytes(sections["vocab/vectors"]), exclude=["strings"])
    if "lookups" not in exclude:
        restore_lookups(vocab, sections)


@contextlib.contextmanager
def kept_on_error(vocab: Vocab | Literal[True], exclude: Collection[str]) -> Iterator[None]:
    """Leave the vectors and lookup tables of a shared vocab as they were if loading fails.

    vocab (Union[Vocab, bool]): The vocab, or True for a new one.
    exclude (Collection[str]): Parts that are not loaded: "vocab", "vectors", "lookups".
    """
    if vocab is True or "vocab" in exclude:
        yield
        return
    shared: Any = vocab
    vectors, lookups, getters = shared.vectors, shared.lookups, {**shared.lex_attr_getters}
    if "vectors" not in exclude and type(vectors) is Vectors:
        vocab.vectors = Vectors(strings=vocab.strings, name=vectors.name)
    if "lookups" not in exclude:
        vocab.lookups = Lookups()
    try:
        yield
    except BaseException:
        shared.vectors, shared.lookups, shared.lex_attr_getters = vectors, lookups, getters
        raise


def restore_lookups(vocab: Vocab, sections: Sections) -> None:
    """Put the lookup tables of a file into a vocab.

    vocab (Vocab): The vocab.
    sections (Sections): The file.
    RAISES (UnsafeFileError): They are unusable.
    """
    check_lookups("the vocab", sections["vocab/lookups"])
    restore_tables(vocab.lookups, "the vocab", sections["vocab/lookups"])
    # The vocab itself connects the tables with its lexical attributes.
    vocab.from_bytes(EMPTY_MAP)


def _vector_sections(vectors: Vectors) -> Iterator[Section]:
    settings = {"mode": Mode(vectors.mode).value}
    if vectors.mode == Mode.floret:
        settings |= {name: getattr(vectors, name) for name in FLORET}
    data = get_current_ops().to_numpy(vectors.data, byte_order="<")
    yield json_section("vocab/vectors.json", settings)
    yield from key_sections(vectors.key2row)
    yield array_section(VECTORS, data)


def _restore_vectors(vectors: Vectors, sections: Sections) -> None:
    settings, data, table = read_vectors(sections)
    ops: Any = get_current_ops()
    vectors.data = ops.asarray(data)
    vectors.key2row = table.to_dict()
    # Reading settings also brings the table's list of free rows up to date.
    vectors.from_bytes(srsly.msgpack_dumps({"vectors.cfg": srsly.json_dumps(settings)}))


def read_vectors(sections: Sections) -> tuple[dict[str, Any], NDArray[Any], KeyTable]:
    """Read and check the word vectors of a file.

    sections (Sections): The file.
    RETURNS (Tuple[Dict[str, Any], NDArray, KeyTable]): Settings, the vectors, and their keys.
    RAISES (UnsafeFileError): They do not fit together ("bad-vocab").
    """
    settings, data = sections.json("vocab/vectors.json"), sections.array(VECTORS)
    keys, rows = sections.array(f"{KEYS}/keys"), sections.array(f"{KEYS}/rows")
    check_vectors(settings, data, keys, rows)
    return settings, data, KeyTable(sections, len(data))


def _bad(reason: str) -> UnsafeFileError:
    return UnsafeFileError(f"the vocab in the model file is unusable: {reason}", code="bad-vocab")
