"""What pip installs together with a packaged pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from spacy import about, util

from ..about import __version__
from ..errors import SettingsError

# What spaCy brings along, and what every package requires anyway.
_ALWAYS_THERE: Final = frozenset(
    {"spacy", "spacy-legacy", "spacy-loggers", "thinc", "spacy-pickled-ner"}
)


def spacy_range(meta_range: object) -> str:
    """Check the versions of spaCy that a pipeline says it is made for.

    meta_range (object): What its meta data say.
    RETURNS (str): The same, e.g. ">=3.8.0,<3.9.0"; if it is none, this spaCy's minor version.
    """
    try:
        specifiers = SpecifierSet(meta_range) if isinstance(meta_range, str) else None
    except InvalidSpecifier:
        specifiers = None
    return meta_range if specifiers and isinstance(meta_range, str) else _minor(about.__version__)


def own_requirements(spacy_versions: str) -> list[str]:
    """What every packaged pipeline needs.

    spacy_versions (str): Range of versions.
    RETURNS (List[str]): Requirements.
    """
    return [f"spacy-pickled-ner>={__version__}", f"spacy{spacy_versions}"]


def trusted_requirements(trusted: Iterable[str]) -> list[str]:
    """Find the installed packages that provide trusted names, without importing any.

    trusted (Iterable[str]): Names such as "factories:my_component".
    RETURNS (List[str]): A requirement for each package. Names that are registered by imported code,
        and not by an entry point, have none.
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
    """Check requirements that the caller names.

    requirements (Iterable[str]): As pip reads them.
    RETURNS (List[str]): The same, in one spelling.
    RAISES (SettingsError): One cannot be read.
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
