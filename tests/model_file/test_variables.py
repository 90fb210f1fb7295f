"""Variables mean what they mean to spaCy, and cannot be used to make a config explode."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Config

from spacy_pickled_ner.errors import UnsafeFileError
from spacy_pickled_ner.model_file.pipeline.variables import apply_overrides, resolve_variables

TEXT = """
[vars]
a = 1
b = "two"
c = ${vars.b}
d = "${vars.b}-${vars.a}"
e = [1, 2]

[nlp]
whole = ${vars.a}
text = ${vars.b}
indirect = ${vars.c}
mixed = "x ${vars.a} ${vars.b} ${vars.d}"
colon = ${vars:a}
list = ${vars.e}
block = ${other}

[other]
f = ${vars.a}
"""


def test_same_as_spacy():
    raw = Config().from_str(TEXT, interpolate=False)
    assert resolve_variables(raw["nlp"], raw) == Config().from_str(TEXT)["nlp"]


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=10) | st.integers() | st.none()))
def test_without_variables_nothing_changes(config):
    if not any(isinstance(value, str) and "${" in value for value in config.values()):
        assert resolve_variables(config, config) == config


@pytest.mark.parametrize(
    "config",
    [
        {"a": {"b": "${a.b}"}},
        {"a": {"b": "${a.c}", "c": "${a.b}"}},
        {"a": {"b": "x${a.b}"}},
        {"a": {"b": "${a}"}},
        {"a": {"b": "${nowhere.c}"}},
        {"a": functools.reduce(lambda inner, _: {"b": inner}, range(500), {})},
        {"a": {"b": "${a.c.d}", "c": 1}},
        {"a": {"b": "text ${c}"}, "c": {"d": 1}},
        {"a": {f"k{i}": f"${{a.k{i + 1}}}" * 10 for i in range(10)} | {"k10": "x"}},
        {"a": {f"k{i}": [f"${{a.k{i + 1}}}"] * 10 for i in range(10)} | {"k10": "x"}},
    ],
    ids=lambda config: str(config)[:40],
)
def test_refused(config):
    with pytest.raises(UnsafeFileError) as error:
        resolve_variables(config["a"], config)
    assert error.value.code == "bad-config"


def test_overrides():
    config = {"a": {"b": {"c": 1}}}
    apply_overrides(config, {"a.b.c": 2, "a.b.new": 3})
    assert config == {"a": {"b": {"c": 2, "new": 3}}}
    for path in ("a", "a.x.c", "a.b.c.d"):
        with pytest.raises(ValueError, match="no such section"):
            apply_overrides(config, {path: 1})
