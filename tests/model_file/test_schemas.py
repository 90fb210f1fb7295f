"""The tables of allowed functions follow the signatures of the spaCy that is installed."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
import spacy
import spacy.lang
from catalogue import RegistryError
from spacy.language import Language

from spacy_pickled_ner.model_file.guards.components.restore import FACTORIES, KINDS
from spacy_pickled_ner.model_file.guards.schemas import FUNCTIONS, SETTINGS

PASSED_BY_SPACY = {"nlp", "name"}
# What the rules say in other words than the values that stand in a saved config.
NOT_AS_SAVED = {("tokenizers:spacy.zh.ChineseTokenizer", "segmenter")}


@pytest.fixture(scope="module", autouse=True)
def all_languages() -> None:
    spacy.blank("en")
    for module in pkgutil.iter_modules(spacy.lang.__path__):
        if module.ispkg:
            importlib.import_module(f"spacy.lang.{module.name}")


def found(name: str) -> Callable[..., Any]:
    registry, _, function = name.partition(":")
    return spacy.util.registry.get(registry, function)


def parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in PASSED_BY_SPACY
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_are_those_of_the_function(name):
    wanted = parameters(found(name))
    assert FUNCTIONS[name].arguments.keys() == wanted.keys()
    for argument, parameter in wanted.items():
        if parameter.default is not parameter.empty and (name, argument) not in NOT_AS_SAVED:
            assert FUNCTIONS[name].arguments[argument].accepts(parameter.default), argument


def test_languages_have_factories_of_the_same_arguments():
    variants = [name for name in Language.factories if "." in name]
    variants += [name for name in spacy.util.registry.factories.get_all() if "." in name]
    assert len(variants) > 10
    for name in variants:
        factory = FUNCTIONS[f"factories:{name.rpartition('.')[2]}"]
        assert parameters(found(f"factories:{name}")).keys() <= factory.arguments.keys(), name


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("factories:")])
def test_default_settings_of_spacy_are_accepted(name):
    defaults = Language.get_factory_meta(name.partition(":")[2]).default_config
    for key, value in defaults.items():
        rule = FUNCTIONS[name].arguments[key]
        assert rule.accepts(value), (key, value)
        if isinstance(value, dict) and (role := rule.role):
            [function] = [f"{k[1:]}:{v}" for k, v in value.items() if k.startswith("@")]
            assert FUNCTIONS[function].role == role


def test_every_kind_is_a_class_of_spacy():
    for name in KINDS:
        module, _, cls = name.rpartition(".")
        assert inspect.isclass(getattr(importlib.import_module(module), cls))


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("factories:")])
def test_settings_in_a_state_have_rules(name):
    """Whatever a component of spaCy keeps in its settings, the table knows."""
    nlp = spacy.blank("en")
    pipe = nlp.create_pipe(name.partition(":")[2])
    kept = getattr(pipe, "cfg", None)
    if not isinstance(kept, dict):
        return
    kinds = [KINDS.get(f"{cls.__module__}.{cls.__qualname__}") for cls in type(pipe).__mro__]
    kind = next(kind for kind in kinds if kind is not None)
    assert kind.settings is not None
    for key, value in kept.items():
        assert SETTINGS[kind.settings][key].accepts(value), (key, value)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("factories:")])
def test_states_that_can_need_trust_are_listed_by_factory(name):
    factory = name.partition(":")[2]
    pipe = spacy.blank("en").create_pipe(factory)
    kinds = [KINDS.get(f"{cls.__module__}.{cls.__qualname__}") for cls in type(pipe).__mro__]
    kind = next((kind for kind in kinds if kind is not None), None)
    rules = SETTINGS[kind.settings].values() if kind is not None and kind.settings else ()
    needed = any(rule.trust for rule in rules) or (kind is not None and kind.is_ruler)
    assert needed == (factory in FACTORIES)


def test_functions_that_are_not_there_are_not_allowed():
    with pytest.raises(RegistryError):
        found("architectures:spacy.TorchBiLSTMEncoder.v0")
    assert "architectures:spacy.TorchBiLSTMEncoder.v1" not in FUNCTIONS
    assert not {name for name in FUNCTIONS if name.startswith(("callbacks:", "readers:"))}
