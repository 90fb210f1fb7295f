"""Check names and versions of packages, which become folders, modules and wheel names."""

from __future__ import annotations

import re
from typing import Final

from packaging.version import InvalidVersion, Version

from ..errors import SettingsError

# Valid for a module and for a project. Installers merge repeated underscores, so two names could
# be the same.
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)+")
MAX_NAME: Final = 100


def check_name(lang: str, name: object) -> tuple[str, str]:
    """Create the name of the package, as `spacy package` does.

    lang (str): The pipeline's language.
    name (object): Its name, with or without the language.
    RETURNS (Tuple[str, str]): The name of the package, and of the pipeline without the language.
    RAISES (SettingsError): The name is not valid for a package.
    """
    prefix = f"{lang}_"
    short = name.removeprefix(prefix) if isinstance(name, str) else ""
    if not _NAME.fullmatch(prefix + short) or len(short) > MAX_NAME:
        allowed = "letters, digits and single underscores between them, e.g. my_ner"
        raise SettingsError("name", name, allowed)
    return prefix + short, short


def check_version(version: object) -> str:
    """Normalize a version.

    version (object): The version.
    RETURNS (str): The normalized version, e.g. "1.0.0rc1" for "1.0.0-rc.1".
    RAISES (SettingsError): It is not a version.
    """
    try:
        return str(Version(version))  # type: ignore[arg-type]
    except (InvalidVersion, TypeError) as err:
        raise SettingsError("version", version, "a version such as 1.0.0") from err
