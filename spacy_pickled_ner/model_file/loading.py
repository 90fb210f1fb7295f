"""Load a pipeline from one file, without running code from the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from spacy.language import Language
from spacy.vocab import Vocab

from ..container.file import ModelData, read_model_data
from ..container.layout import FORMAT
from ..container.signatures.signing import Key, as_key
from ..container.source import FileLike, Source, map_source, named_in_errors, read_source
from ..errors import ModelFileError, PickledNerError, UnsafeFileError, UntrustedContentError
from ..msgpack import gc_paused
from . import seed_v0
from .guards.names import Names, as_names, as_trusted
from .pickle_v1 import load_v1
from .registries import Loader, LoadOptions, loaders

BUILT_IN_FORMATS = (FORMAT, seed_v0.FORMAT)


def load(
    file: FileLike,
    *,
    vocab: Vocab | Literal[True] = True,
    disable: Names = (),
    enable: Names = (),
    exclude: Names = (),
    config: Mapping[str, Any] | None = None,
    trusted: Iterable[str] = (),
    require_signature: Key | None = None,
    mmap: bool = True,
    eager: bool = False,
    verify: bool = False,
) -> Language:
    """Load a pipeline from a file written by `dump`.

    The file is never unpickled. It is read as plain data, its digests are checked, and the pipeline
    is built only from spaCy's own components and functions, unless the caller trusts others.

    file (Union[str, Path, bytes, BinaryIO]): The file: a path, a folder with `model.pkl`, a URL
        (needs the extra "fsspec"), bytes or an open binary file.
    vocab (Union[Vocab, bool]): A vocab to share, or True for a new one.
    disable (Union[str, Iterable[str]]): Components to load but not run.
    enable (Union[str, Iterable[str]]): If set, all other components are disabled.
    exclude (Union[str, Iterable[str]]): Components, or parts such as "tokenizer", not to load.
    config (Optional[Mapping[str, Any]]): Config overrides, nested or by dotted path.
    trusted (Iterable[str]): Extra registered names to allow, e.g. "factories:my_component".
    require_signature (Optional[Key]): The key that the file must be signed with: the secret passed
        to `dump`, or the public key of its private key, or the `Path` of a file with one of them.
        Other files and unsigned files are errors.
    mmap (bool): Map the file, so that processes share its vectors and weights in memory. The file
        can be replaced at any time, but must not be changed in place while a pipeline uses it.
        False reads it into memory, and also checks the digest of its vectors.
    eager (bool): Fill the vocab and build the tokenizer now, not on first use.
    verify (bool): Also check the digest of mapped vectors, which reads all of them.
    RETURNS (Language): The pipeline, ready for `nlp(text)`.
    RAISES (ModelFileError): The file cannot be read; see `code`.
    RAISES (UntrustedContentError): The file needs trust. Nothing in it has run.
    """
    options = LoadOptions(
        vocab=vocab,
        disable=as_names(disable, "disable"),
        enable=as_names(enable, "enable"),
        exclude=as_names(exclude, "exclude"),
        config=dict(config or {}),
        trusted=as_trusted(trusted),
        require_signature=as_key(require_signature, "require_signature"),
        eager=eager,
        # A signature covers the digests, so all of them must be compared.
        verify=verify or require_signature is not None,
    )
    with named_in_errors(file):
        source = map_source(file, writable=True) if mmap else read_source(file)
        return _load(source, options)


def _load(source: Source, options: LoadOptions) -> Language:
    data = read_model_data(source)
    name = format_of(data)
    if options.require_signature is not None and name != FORMAT:
        raise UnsafeFileError(
            "its format has no signatures, but one is required", code="not-signed"
        )
    loader = _find_loader(name, options)
    try:
        # A garbage collection would visit all of spaCy's objects without freeing any.
        with gc_paused():
            return loader(data, options)
    except PickledNerError:
        raise
    except Exception as err:
        raise ModelFileError(
            f"cannot build the pipeline: {type(err).__name__}: {ascii(str(err))[1:-1][:300]}",
            code="cannot-build",
        ) from err


def loads(
    data: bytes | bytearray | memoryview,
    *,
    vocab: Vocab | Literal[True] = True,
    disable: Names = (),
    enable: Names = (),
    exclude: Names = (),
    config: Mapping[str, Any] | None = None,
    trusted: Iterable[str] = (),
    require_signature: Key | None = None,
    eager: bool = False,
) -> Language:
    """Load a pipeline from the bytes that `dumps` returned.

    data (bytes): The bytes of a file.
    vocab, disable, enable, exclude, config, trusted, require_signature, eager: As in `load`.
    RETURNS (Language): The pipeline, ready for `nlp(text)`.
    RAISES (ModelFileError): As in `load`.
    """
    return load(
        data,
        vocab=vocab,
        disable=disable,
        enable=enable,
        exclude=exclude,
        config=config,
        trusted=trusted,
        require_signature=require_signature,
        eager=eager,
    )


def format_of(data: ModelData) -> str:
    """Return the format of a file.

    data (ModelData): The file.
    RETURNS (str): The name of a loader, e.g. "pickle.v1".
    RAISES (UnsafeFileError): It has no format ("unknown-format").
    """
    name = data.content.get("format")
    if isinstance(name, str):
        return name
    if data.content.keys() == seed_v0.KEYS:
        return seed_v0.FORMAT
    keys = ", ".join(ascii(key)[:40] for key in list(data.content)[:5])
    raise UnsafeFileError(
        f"plain data, but not a model file: its keys are {keys or 'none'}",
        code="unknown-format",
    )


def _find_loader(name: str, options: LoadOptions) -> Loader:
    # The registry imports the package of a name, so it is only used for trusted names.
    if name not in BUILT_IN_FORMATS and f"loaders:{name}" not in options.trusted:
        raise UntrustedContentError(
            f"the model file is in the format {ascii(name)[:80]}, which this version does not "
            "have; it may be newer, or from another package",
            names=[f"loaders:{name}"],
            code="unknown-format",
        )
    if name == FORMAT:
        # Without the registry, which would search all installed packages.
        return load_v1
    loader: Loader = loaders.get(name)
    return loader
