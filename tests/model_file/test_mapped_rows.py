"""A dict on top of a file answers like a real one, and becomes one when it has to."""

from __future__ import annotations

import copy
import operator
import pickle
import threading

import numpy as np
import pytest
import srsly

from spacy_pickled_ner.container.sections import array_section
from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.model_file.vocab.key_table import KeyTable, MappedRows, key_sections

from .helpers import sections_of

ROWS = {5: 1, 2**64 - 1: 0, 77: 1, 12: 3, 0: 2}


def mapped(rows=ROWS, n_rows=4) -> MappedRows:
    return MappedRows(KeyTable(sections_of(*key_sections(rows)), n_rows))


@pytest.mark.parametrize("rows", [ROWS, {}, {3: 0}])
def test_look_ups(rows):
    ours = mapped(rows)
    assert len(ours) == len(rows)
    for key in [*ROWS, np.uint64(77), 6, -1, 2**70, "5", None, True]:
        assert ours.get(key) == rows.get(key)
        assert ours.get(key, -1) == rows.get(key, -1)
        assert (key in ours) == (key in rows)
        if key in rows:
            assert ours[key] == rows[key]
        else:
            with pytest.raises(KeyError):
                ours[key]
    assert ours.table is not None  # none of this needed the whole


@pytest.mark.parametrize(
    "use",
    [
        list,
        lambda d: list(reversed(d)),
        lambda d: list(d.items()),
        lambda d: list(d.keys()),
        lambda d: list(d.values()),
        lambda d: {**d},
        dict,
        copy.copy,
        copy.deepcopy,
        lambda d: d.copy(),
        repr,
        srsly.msgpack_dumps,
        lambda d: d == ROWS,
        lambda d: operator.eq(ROWS, d),
        lambda d: d != ROWS,
        lambda d: d == {},
        lambda d: d | {1: 1},
        lambda d: {1: 1} | d,
        lambda d: operator.ior(d, {1: 1}),
        lambda d: d.pop(5),
        lambda d: d.pop(6, None),
        lambda d: d.popitem(),
        lambda d: d.setdefault(9, 1),
        lambda d: d.setdefault(5, 9),
        lambda d: [d.update({1: 2}), len(d), list(d)],
        lambda d: [d.clear(), len(d), d.get(5), 5 in d],
        lambda d: [operator.setitem(d, 5, 9), d[5], list(d.items())],
        lambda d: [operator.delitem(d, 5), d.get(5), len(d)],
        lambda d: pickle.loads(pickle.dumps(d)),
        lambda d: max(d.values()),
        lambda d: sorted(set(d.values())),
    ],
)
def test_everything_else_is_done_by_a_real_dict(use):
    ours, real = mapped(), dict(ROWS)
    assert use(ours) == use(real)
    assert list(ours.items()) == list(real.items())


def test_saving_again_takes_the_table_as_it_is():
    first = {s.name: bytes(s.data) for s in key_sections(ROWS)}
    untouched, touched = mapped(), mapped()
    assert list(touched) == list(ROWS)
    for rows in (untouched, touched):
        assert {s.name: bytes(s.data) for s in key_sections(rows)} == first
    assert untouched.table is not None


def test_full_tables():
    sections = sections_of(*key_sections(ROWS))
    assert KeyTable(sections, 4).fills_all_rows()
    assert not KeyTable(sections, 5).fills_all_rows()
    assert KeyTable(sections_of(*key_sections({})), 0).fills_all_rows()


def edited(name, change):
    sections = {s.name: s for s in key_sections(ROWS)}
    section = sections[f"vocab/vectors/{name}"]
    array = np.frombuffer(section.data, dtype=section.dtype).copy()
    sections[section.name] = array_section(section.name, change(array))
    return sections_of(*sections.values())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("order", lambda a: a * 0),
        ("order", lambda a: a + 1),
        ("keys", lambda a: a[::-1]),
        ("keys", lambda a: a * 0),
    ],
)
def test_inconsistent_tables_never_become_a_dict(name, change):
    rows = MappedRows(KeyTable(edited(name, change), 4))
    with pytest.raises(UnsafeFileError) as error:
        dict(rows.items())
    assert error.value.code == "bad-vocab"


def test_lists_of_different_lengths():
    with pytest.raises(UnsafeFileError):
        KeyTable(edited("order", lambda a: a[1:]), 4)


def test_a_row_outside_of_the_table_is_never_given_out():
    table = KeyTable(sections_of(*key_sections({5: 1})), 4)
    table.n_rows = 1  # as if the file had changed after it was checked
    with pytest.raises(UnsafeFileError):
        MappedRows(table).get(5)


def test_threads_see_all_or_nothing_missing():
    real = {i * 7: i for i in range(20_000)}
    ours = mapped(real, len(real))
    failures = []

    def look_up():
        failures.extend(i for i in range(0, 20_000, 3) if ours.get(i * 7) != i)

    threads = [threading.Thread(target=look_up) for _ in range(3)]
    threads += [threading.Thread(target=lambda: list(ours)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(ours.items()) == list(real.items())
