"""What comes out of a file is shown as one line that cannot control a terminal."""

from __future__ import annotations

import pytest

from spacy_pickled_ner.cli.text import shown, shown_list, shown_size


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Straße 東京", "Straße 東京"),
        ("\x1b]0;title\x07\x1b[31mred\n\r", "]0;title [31mred"),
        ("\x9b31m \u202efdp.exe", "31m  fdp.exe"),
        ("\ud800", "?"),
        (None, "None"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_shown(value, expected):
    assert shown(value) == expected


def test_shown_list():
    assert shown_list(["A", "B\n"]) == "A, B"
    assert shown_list("ABC") == shown_list(5) == shown_list({}) == ""
    assert shown_list(list("ABCDEFGH"), 2) == "A, B … (8)"


@pytest.mark.parametrize(
    ("n_bytes", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_999, "1.0 MB"), (6.4e8, "640.0 MB"),
     (3.2e9, "3.2 GB")],
)  # fmt: skip
def test_shown_size(n_bytes, expected):
    assert shown_size(n_bytes) == expected
