"""Names and versions of packages: checked before they become folders, modules and wheel names."""

from __future__ import annotations

import re
from typing import Final

from packaging.version import InvalidVersion, Version

from ..errors import SettingsError

# A module that can be imported and a project that can be installed; installers take runs of
# underscores for one, so that two names could be the same.
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)+")
MAX_NAME: Final = 100


def check_name(lang: str, name: object) -> tuple[str, str]:
    """Make the name of the package, as `spacy package` does.

    lang (str): The pipeline's language.
    name (object): Its name, with or without the language in front.
    RETURNS (Tuple[str, str]): The package's name, and the pipeline's without the language.
    RAISES (SettingsError): It cannot be the name of a package.
    """
    prefix = f"{lang}_"
    short = name.removeprefix(prefix) if isinstance(name, str) else ""
    if not _NAME.fullmatch(prefix + short) or len(short) > MAX_NAME:
        allowed = "letters, digits and single underscores between them, e.g. my_ner"
        raise SettingsError("name", name, allowed)
    return prefix + short, short


def check_version(version: object) -> str:
    """Bring a version into the form that installers use.

    version (object): The version.
    RETURNS (str): The same, e.g. "1.0.0rc1" for "1.0.0-rc.1".
    RAISES (SettingsError): It is no version.
    """
    try:
        return str(Version(version))  # type: ignore[arg-type]
    except (InvalidVersion, TypeError) as err:
        raise SettingsError("version", version, "a version such as 1.0.0") from err
