"""A vocab whose strings and vectors stay in the file, and are found there when they are needed.

spaCy has no public way to give a vocab another string store. The function that it unpickles vocabs
with can: it is only called with objects made here. Whether the result works is tried out first;
if it does not, the vocab is filled the official way, string by string.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, Final

import spacy.vocab
import srsly
from spacy.language import Language
from spacy.lookups import Lookups
from spacy.morphology import Morphology  # type: ignore[import-not-found]
from spacy.strings import StringStore
from spacy.tokens import Doc
from spacy.vectors import Vectors  # type: ignore[import-not-found]
from spacy.vocab import Vocab
from thinc.api import get_current_ops

from ...container.sections import Sections
from .contents import read_vectors
from .key_table import MappedRows
from .string_table import MappedStrings, string_sections

_PROBE: Final = "a string that is in no vocab but this one"
_NO_GETTERS: Final = srsly.pickle_dumps({})


def map_vocab(lang_cls: type[Language], sections: Sections, vectors_name: Any) -> Vocab | None:
    """Make a vocab on top of a file. Its lookup tables are still empty.

    lang_cls (Type[Language]): The language, which brings lexical attributes.
    sections (Sections): The file; its buffer stays alive as long as the vocab.
    vectors_name (Any): Name of the vectors.
    RETURNS (Optional[Vocab]): The vocab, or None if this spaCy or machine does not allow it.
    RAISES (UnsafeFileError): The sections do not fit together ("bad-vocab").
    """
    if not can_map():
        return None
    strings = MappedStrings(sections)
    vectors = _map_vectors(sections, vectors_name)
    vocab = _vocab_on(strings, lang_cls)
    vocab.vectors = vectors
    return vocab


@cache
def can_map() -> bool:
    """Return True if this spaCy accepts our string store, and uses it.

    RETURNS (bool): True for every release this was tested with, on a little-endian machine.
    """
    if sys.byteorder != "little":
        return False
    try:
        table = {section.name: section for section in string_sections([_PROBE])}
        arrays = {n: (s.dtype or "", s.shape or ()) for n, s in table.items()}
        strings = MappedStrings(
            Sections({n: memoryview(s.data).cast("B") for n, s in table.items()}, arrays)
        )
        vocab = _vocab_on(strings, Language)
        [token] = Doc(vocab, words=[_PROBE])
        return (
            vocab.strings is strings
            and StringStore.__len__(strings) == len(strings) - 1
            and token.text == token.lex.text == _PROBE
            and vocab.morphology.strings is strings
        )
    except Exception:
        return False


def _vocab_on(strings: StringStore, lang_cls: type[Language]) -> Vocab:
    functions: Any = spacy.vocab
    new: Any = functions.create_vocab(lang_cls.lang, lang_cls.Defaults)
    vocab: Any = functions.unpickle_vocab(
        strings,
        Vectors(),
        Morphology(strings),
        new._unused_object,
        _NO_GETTERS,
        Lookups(),
        new.get_noun_chunks,
    )
    # Getters are functions: passing them through that call would pickle them.
    vocab.lex_attr_getters = new.lex_attr_getters
    vocab.writing_system = new.writing_system
    vocab.cfg = new.cfg
    vocab.vectors = Vectors()
    made: Vocab = vocab
    return made


def _map_vectors(sections: Sections, name: Any) -> Vectors:
    settings, data, table = read_vectors(sections)
    ops: Any = get_current_ops()
    vectors = Vectors(data=ops.asarray(data), name=name, **settings)
    if settings["mode"] == "floret" or table.fills_all_rows():
        vectors.key2row = MappedRows(table) if len(table.keys) else {}
    else:
        # Which rows are free, spaCy works out from a complete dict.
        vectors.key2row = table.to_dict()
        vectors.from_bytes(srsly.msgpack_dumps({"vectors.cfg": srsly.json_dumps(settings)}))
    return vectors
