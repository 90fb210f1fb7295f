"""The requirements of a packaged pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from spacy import about, util

from ..about import __version__
from ..errors import SettingsError

# Installed with spaCy, or required by every package anyway.
_ALWAYS_THERE: Final = frozenset(
    {"spacy", "spacy-legacy", "spacy-loggers", "thinc", "spacy-pickled-ner"}
)


def spacy_range(meta_range: object) -> str:
    """Check the spaCy versions in the meta of a pipeline.

    meta_range (object): The value from the meta.
    RETURNS (str): The range, e.g. ">=3.8.0,<3.9.0". If it is invalid, this spaCy's minor version.
    """
    try:
        specifiers = SpecifierSet(meta_range) if isinstance(meta_range, str) else None
    except InvalidSpecifier:
        specifiers = None
    return meta_range if specifiers and isinstance(meta_range, str) else _minor(about.__version__)


def own_requirements(spacy_versions: str) -> list[str]:
    """Return the requirements of every packaged pipeline.

    spacy_versions (str): Range of versions.
    RETURNS (List[str]): Requirements.
    """
    return [f"spacy-pickled-ner>={__version__}", f"spacy{spacy_versions}"]


def trusted_requirements(trusted: Iterable[str]) -> list[str]:
    """Find the installed packages that provide trusted names, without importing any.

    trusted (Iterable[str]): Names such as "factories:my_component".
    RETURNS (List[str]): A requirement for each package. Names without an entry point have
        none.
    """
    needed: dict[str, str] = {}
    for name in trusted:
        registry, _, function = name.partition(":")
        for group in (f"spacy_{registry}", f"spacy_pickled_ner_{registry}"):
            for entry in entry_points(group=group):
                # Factories can be registered for one language: `en.lemmatizer`.
                if entry.dist and function in (entry.name, entry.name.partition(".")[2]):
                    needed[entry.dist.name] = f"{entry.dist.name}{_minor(entry.dist.version)}"
    return [needed[name] for name in sorted(needed) if name not in _ALWAYS_THERE]


def check_requirements(requirements: Iterable[str]) -> list[str]:
    """Check requirements from the caller.

    requirements (Iterable[str]): As pip reads them.
    RETURNS (List[str]): The normalized requirements.
    RAISES (SettingsError): A requirement is invalid.
    """
    checked = []
    for requirement in requirements:
        try:
            checked.append(str(Requirement(requirement)))
        except InvalidRequirement as err:
            allowed = "a requirement as pip reads it, e.g. acme-nlp>=1.2"
            raise SettingsError("requirements", requirement, allowed) from err
    return checked


def _minor(version: str) -> str:
    return util.get_minor_version_range(version) or f"=={version}"
