"""A string store on top of a file answers like spaCy's own, whatever is asked of it."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pytest
from spacy.strings import StringStore, hash_string

from spacy_pickled_ner.container.sections import array_section
from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.model_file.vocab.string_table import (
    MappedStrings,
    read_strings,
    string_sections,
)

from .helpers import sections_of

WORDS = ["Ada", "naïve", "🙂", "ß", "x" * 300, "it's", "a\0b", "nsubj of"]


def mapped(words=WORDS) -> MappedStrings:
    return MappedStrings(sections_of(*string_sections(words)))


def outcome(function):
    try:
        return function()
    except Exception as err:
        return type(err)


# More than are read at once; and texts that are not copied for it, with long and short ones.
LISTS = [
    WORDS,
    [],
    ["one"],
    [f"w{i}" for i in range(5000)],
    [*(f"{i}🙂" + "é" * 1_000 for i in range(1_000)), *(f"w{i}" for i in range(9_000))],
]


@pytest.mark.parametrize("words", LISTS, ids=len)
def test_same_as_spacys_own(words):
    stock, ours = StringStore(sorted(words)), mapped(words)
    assert len(ours) == len(stock)
    assert list(ours) == list(stock)
    assert list(read_strings(sections_of(*string_sections(words)))) == sorted(words)
    asked = [*words[:200], "", "new", "nsubj", 0, 5, 429, 2**64 - 1, 12345, b"Ada", None, 1.5, -1]
    asked += [hash_string(word) for word in words[:200]]
    asked += [np.uint64(hash_string(word)) for word in words[:200]]
    for _ in range(2):  # what was found once is remembered
        for key in asked:
            assert outcome(lambda: ours[key]) == outcome(lambda: stock[key]), key  # noqa: B023
            assert outcome(lambda: key in ours) == outcome(lambda: key in stock), key  # noqa: B023
            if isinstance(key, (str, int)):
                assert outcome(lambda: ours.as_int(key)) == outcome(lambda: stock.as_int(key))  # noqa: B023
    assert ours.to_bytes() == stock.to_bytes()
    for word in [*words[:5], "new", "", "nsubj", b"Ada", 5, ["list"]]:
        assert outcome(lambda: ours.add(word)) == outcome(lambda: stock.add(word)), word  # noqa: B023
    assert len(ours) == len(stock)
    assert list(ours) == list(stock)
    assert "new" in ours
    assert ours[hash_string("new")] == "new"


def test_memory_zone_forgets_only_what_was_added_in_it():
    store = mapped()
    store.add("kept")
    calls = []
    store.before_memory_zone = lambda: calls.append(1)
    with store.memory_zone():
        store.add("on loan")
        store.add("Ada")
        assert "on loan" in store
    assert calls == [1]
    assert "on loan" not in store
    assert "Ada" in store
    assert store[hash_string("Ada")] == "Ada"
    assert "kept" in store


def test_pickles_as_spacys_own():
    copy = pickle.loads(pickle.dumps(mapped()))
    assert type(copy) is StringStore
    assert sorted(copy) == sorted(WORDS)


def test_loading_other_strings_into_it(tmp_path):
    store, other = mapped(), StringStore(["other"])
    store.add("added")
    store.from_bytes(other.to_bytes())
    assert sorted(store) == sorted(["other", "added", *WORDS])
    other.to_disk(tmp_path / "strings.json")
    store.from_disk(tmp_path / "strings.json")
    assert len(store) == len(WORDS) + 2


def edited(name, change):
    sections = {s.name: s for s in string_sections(WORDS)}
    section = sections[f"vocab/strings{name}"]
    array = np.frombuffer(section.data, dtype=section.dtype).copy()
    sections[section.name] = array_section(section.name, change(array))
    return sections_of(*sections.values())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("/offsets", lambda a: a[:-1]),
        ("/offsets", lambda a: a.astype("u8")),
        ("/offsets", lambda a: np.append(a[:-1], a[-1:] + 1)),
        ("/offsets", lambda a: np.append(a[:1] + 1, a[1:])),
        ("/offsets", lambda a: a[:0]),
        ("/hashes", lambda a: a[:-1]),
        ("/hashes", lambda a: a.reshape(2, -1)),
        ("/hashes", lambda a: a.astype("i8")),
        ("/order", lambda a: a[1:]),
        ("", lambda a: a[:-1]),
    ],
)
def test_inconsistent_tables_are_refused(name, change):
    with pytest.raises(UnsafeFileError) as error:
        MappedStrings(edited(name, change))
    assert error.value.code == "bad-vocab"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("/order", lambda a: a + 1),
        ("/order", lambda a: a | 0xFFFFFFFF),
        ("/offsets", lambda a: np.concatenate([a[:1], a[1:-1][::-1], a[-1:]])),
        ("/hashes", lambda a: a + 1),
        ("", lambda a: a ^ 0xFF),
    ],
)
def test_a_hash_never_finds_another_string(name, change):
    store = MappedStrings(edited(name, change))
    for word in WORDS:
        key = hash_string(word)
        for wanted in (key, key + 1):
            try:
                found = store[wanted]
            except (KeyError, UnsafeFileError):
                continue
            assert hash_string(found) == wanted


def test_overlapping_strings_are_refused_when_read():
    sections = edited("/offsets", lambda a: np.concatenate([a[:1], a[1:-1][::-1], a[-1:]]))
    with pytest.raises(UnsafeFileError, match="overlap"):
        list(read_strings(sections))
    with pytest.raises(UnsafeFileError, match="overlap"):
        list(MappedStrings(sections))


def test_reading_all_strings_copies_few_of_them_at_once():
    table = sections_of(*string_sections(f"{i}" + "🙂" * 4_000 for i in range(1_000)))
    tracemalloc.start()
    assert sum(1 for _ in read_strings(table)) == 1_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
