"""Turn a model file into an installable package, for `spacy.load("en_my_ner")`.

The pipeline is not built here, and nothing in the file can make pip install or run anything: the
requirements are this package, spaCy, and those that the caller trusts or names.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from spacy import util
from spacy.language import Language

from ..container.source import FILE_NAME, FileLike, Source, map_source, named_in_errors
from ..errors import (
    MissingExtraError,
    SaveError,
    SettingsError,
    UnsafeFileError,
    UntrustedContentError,
)
from ..model_file import load
from ..model_file.guards.config import list_names
from ..model_file.guards.names import as_trusted, check_kinds
from ..model_file.inspection import describe
from ..model_file.verification import verify_source
from .folders import check_folder, local_folder, new_folder
from .naming import check_name, check_version
from .package_meta import make_meta
from .package_sources import make_sources
from .requirements import (
    check_requirements,
    own_requirements,
    spacy_range,
    trusted_requirements,
)

BuildFormat = Literal["none", "wheel", "sdist"]
_BUILT: Final = {"wheel": "*.whl", "sdist": "*.tar.gz"}


@dataclass(frozen=True)
class Package:
    """A created package.

    name (str): Its name for `spacy.load` and `import`, e.g. "en_my_ner".
    version (str): Its version.
    folder (Path): Its sources, ready for `pip install`.
    archive (Optional[Path]): The wheel or sdist, if it was built.
    requirements (Tuple[str, ...]): Its requirements.
    left_out (Tuple[str, ...]): Requirements of the file that were not added; see `package`.
    """

    name: str
    version: str
    folder: Path
    archive: Path | None
    requirements: tuple[str, ...]
    left_out: tuple[str, ...]


def package(
    file: FileLike,
    out: str | os.PathLike[str],
    *,
    name: str | None = None,
    version: str | None = None,
    build: BuildFormat = "none",
    trusted: Iterable[str] = (),
    requirements: Iterable[str] = (),
    force: bool = False,
) -> Package:
    """Create an installable package from a model file, with the names that `spacy package` uses.

    file (Union[str, Path, bytes, BinaryIO]): The model file, as in `load`. It is copied unchanged.
    out (Union[str, Path]): The local folder in which to create `<lang>_<name>-<version>`.
    name (Optional[str]): Name, with or without the language; by default the pipeline's.
    version (Optional[str]): Version; by default the pipeline's.
    build (str): "wheel" or "sdist" to build it, too, into `dist` (needs the extra "package").
    trusted (Iterable[str]): The names that the package's `load()` trusts, as in `load`. Installing
        a package runs its code anyway, so the author of the package decides.
    requirements (Iterable[str]): Additional requirements, e.g. "acme-nlp>=1.2". Requirements in
        the file are never added: a model file does not choose what is installed.
    force (bool): Replace a package of the same name and version.
    RETURNS (Package): The package.
    RAISES (ModelFileError): The file cannot be read, or is damaged.
    RAISES (UntrustedContentError): The file needs more names in `trusted`.
    RAISES (SettingsError): Name, version or a requirement is invalid.
    RAISES (SaveError): The package cannot be written or built.
    RAISES (MissingExtraError): The build tool is not installed.
    """
    _check_build(build)
    target = local_folder(out)
    trusted = as_trusted(trusted)
    source, found = _read(file, trusted)
    module, short = check_name(found["lang"], name or found["name"])
    version = check_version(version or found["version"])
    spacy_version = spacy_range(found["meta"].get("spacy_version"))
    needed = [
        *own_requirements(spacy_version),
        *trusted_requirements(trusted),
        *check_requirements(requirements),
    ]
    meta = make_meta(
        found, name=short, version=version, spacy_version=spacy_version, requirements=needed
    )
    sources = make_sources(module, meta, trusted)
    folder = target / f"{module}-{version}"
    check_folder(folder, force=force, replaceable=lambda old: (old / module / FILE_NAME).is_file())
    with new_folder(folder) as made:
        _write(made, sources)
        (made / module / FILE_NAME).write_bytes(source.buffer)
        archive = None if build == "none" else _build(made, build)
    asked = found["meta"].get("requirements", [])
    return Package(
        name=module,
        version=version,
        folder=folder,
        archive=archive and folder / archive,
        requirements=tuple(needed),
        left_out=tuple(one for one in asked if one not in needed),
    )


def _read(file: FileLike, trusted: tuple[str, ...]) -> tuple[Source, dict[str, Any]]:
    """Read and check a model file. Return its bytes and its description."""
    with named_in_errors(file):
        source = map_source(file)
        found = describe(source)
        check_kinds(trusted, found["untrusted"])
        _check_trust(found, trusted)
        verify_source(source)
    return source, found


def _check_build(build: str) -> None:
    if build not in ("none", *_BUILT):
        raise SettingsError("build", build, f"one of none, {', '.join(_BUILT)}")
    if build != "none" and find_spec("hatchling") is None:
        raise MissingExtraError(f"building a {build}", extra="package")


def _write(folder: Path, sources: Mapping[str, str]) -> None:
    for path, text in sources.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _check_trust(found: dict[str, Any], trusted: tuple[str, ...]) -> None:
    missing = [name for name in found["untrusted"] if name not in trusted]
    if missing:
        raise UntrustedContentError(
            f"the package could not load its model file, which needs trust in "
            f"{list_names(missing)}. If you "
            "trust the author of the file, and these names, pass them as trusted=[…]",
            names=missing,
        )
    if "lang" not in found:
        raise UnsafeFileError(
            f"a file in the format {ascii(found['format'])[:80]} cannot be packaged",
            code="unknown-format",
        )


def _build(folder: Path, target: str) -> Path:
    """Build an archive into `dist`. Return its path relative to the folder."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)  # noqa: S603
    built = [path.relative_to(folder) for path in (folder / "dist").glob(_BUILT[target])]
    if ran.returncode != 0 or len(built) != 1:
        raise SaveError(f"cannot build the {target}: {ran.stderr.strip()[-500:]}")
    return built[0]


def load_packaged(
    init_file: str | os.PathLike[str], *, trusted: Iterable[str] = (), **overrides: Any
) -> Language:
    """Load the pipeline of a package: called by its `load()`.

    init_file (Union[str, Path]): `__file__` of the package.
    trusted (Iterable[str]): The names that the author of the package trusted.
    overrides (Any): The arguments of the caller: `vocab`, `disable`, `enable`, `exclude`, `config`.
    RETURNS (Language): The pipeline, with name and version of the package.
    """
    folder = Path(init_file).parent
    meta = util.get_model_meta(folder)  # warns if the package is for another spaCy
    nlp = load(folder / FILE_NAME, trusted=trusted, **overrides)
    nlp.meta.update({key: meta[key] for key in ("name", "version")})
    return nlp
