"""A pipeline by the name of its file, to send to workers instead of the pipeline.

Pickling a pipeline copies all of it to each worker. A handle is only a path and some options. Each
process loads the file once, when the handle is first used, and processes on one machine share the
file's pages in memory.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from spacy.language import Language
from spacy.tokens import Doc

from ..container.signatures.keys import is_public
from ..container.source import find_file
from ..container.urls.local_urls import local_path
from ..container.urls.remote import is_url
from ..errors import SettingsError
from .guards.names import as_trusted
from .loading import load

_OPTIONS: Final = frozenset(
    {"disable", "enable", "exclude", "config", "trusted", "mmap", "eager", "verify"}
    | {"require_signature"}
)
_Version = tuple[int, int, int] | None

# The pipelines of this process: by file and options, the file's version and its pipeline.
_loaded: dict[str, tuple[_Version, Language]] = {}
_lock = threading.RLock()


def _forget_lock() -> None:
    """Create a new lock after a fork: the thread that held it does not exist in the child."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock)


class PipelineHandle:
    """A pipeline in a file, loaded on first use, once per process.

    Handles are cheap to pickle. In one process, handles with the same file and options share one
    pipeline. If the file is replaced, new handles load the new file, and old ones keep their
    pipeline. Loading is thread-safe; using a pipeline is as thread-safe as spaCy.

    file (Union[str, Path]): A path, a folder that holds `model.pkl`, or a URL that all workers can
        read.
    options: As for `load`, except `vocab`. A handle must not contain a secret. So for
        `require_signature`, pass the path of a file with the key (as a `Path`, or in a pair such as
        `("hmac-sha256", Path("key"))`), a function without arguments that returns the key, or a
        public key (in PEM, DER or OpenSSH form, or `("ed25519", <32 raw bytes>)`). The file is read
        and the function is called where the pipeline is loaded.
    RAISES (TypeError): An option is not an option of `load`, or the file is not a name.
    RAISES (SettingsError): `require_signature` contains a secret.
    """

    def __init__(self, file: str | os.PathLike[str], **options: Any):
        if not isinstance(file, (str, os.PathLike)):
            raise TypeError(f"a handle needs the name of a file, not a {type(file).__name__}")
        if unknown := sorted(options.keys() - _OPTIONS):
            raise TypeError(f"a handle has no option {unknown[0]!r}")
        if "trusted" in options:
            options["trusted"] = as_trusted(options["trusted"])
        if "require_signature" in options:
            options["require_signature"] = _key_source(options["require_signature"])
        if isinstance(file, str):
            file = local_path(file) or file
        # Workers may have another current folder.
        self.file: str = file if is_url(file) else os.path.abspath(file)  # noqa: PTH100
        self.options = options
        self._nlp: Language | None = None

    @property
    def nlp(self) -> Language:
        """Return the pipeline. Load it if this process has not loaded it yet.

        RETURNS (Language): The pipeline.
        RAISES (ModelFileError): As `load`.
        """
        if self._nlp is None:
            with _lock:
                self._nlp = self._load()
        return self._nlp

    def _load(self) -> Language:
        key, version = repr(self), self._version()
        if key not in _loaded or _loaded[key][0] != version:
            options = {**self.options}
            if "require_signature" in options:
                options["require_signature"] = _key(options["require_signature"])
            _loaded[key] = (version, load(self.file, **options))
        return _loaded[key][1]

    def _version(self) -> _Version:
        if is_url(self.file):
            return None
        try:
            found = find_file(self.file).stat()
        except OSError:
            return None  # loading it will raise the error
        return found.st_mtime_ns, found.st_size, found.st_ino

    def __call__(self, text: str | Doc) -> Doc:
        """Run the pipeline on one text.

        text (Union[str, Doc]): The text.
        RETURNS (Doc): Its annotation.
        """
        return self.nlp(text)

    def pipe(self, texts: Iterable[Any], **options: Any) -> Iterator[Any]:
        """Run the pipeline on many texts.

        texts (Iterable[Any]): The texts.
        options: As for `Language.pipe`.
        YIELDS (Doc): Their annotations, in order.
        """
        yield from self.nlp.pipe(texts, **options)

    def __reduce__(self) -> tuple[Any, ...]:  # noqa: D105
        return _make_handle, (self.file, self.options)

    def __eq__(self, other: object) -> bool:  # noqa: D105
        return isinstance(other, PipelineHandle) and repr(self) == repr(other)

    def __hash__(self) -> int:  # noqa: D105
        return hash(self.file)

    def __repr__(self) -> str:  # noqa: D105
        options = "".join(f", {name}={value!r}" for name, value in sorted(self.options.items()))
        return f"PipelineHandle({self.file!r}{options})"


def _make_handle(file: str, options: dict[str, Any]) -> PipelineHandle:
    return PipelineHandle(file, **options)


def _key_source(value: Any) -> Any:
    """Return the part of a key that a handle may contain: its source, or a public key."""
    if isinstance(value, os.PathLike):
        return Path(value).absolute()
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], os.PathLike):
        return value[0], Path(value[1]).absolute()
    if value is None or callable(value) or is_public(value):
        return value
    raise SettingsError(
        "require_signature",
        "<key>",
        "a Path of a file with the key, a function that returns it, or a public key (in PEM, or as "
        '("ed25519", key)): a handle must not contain a secret',
    )


def _key(source: Any) -> Any:
    key = source() if callable(source) else source
    if callable(source) and key is None:
        raise SettingsError("require_signature", "None", "a function that returns a key")
    return key
