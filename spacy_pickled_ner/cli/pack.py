"""`pickled-ner pack` and `unpack`: from spaCy's directory to one file, and back."""

from pathlib import Path

from wasabi import msg

from .failing import reported_errors
from .options import CODE, FORMAT, Arg, FileFormat, Opt, import_user_code, read_key

TRUST = Opt(
    [],
    "--trust",
    help="For a model file: allow this name, e.g. factories:my_component (repeatable)",
)
KEY = Opt(None, "--key", help="Refuse the file unless it is signed with the key in this file")


def pack_cli(
    pipeline: str = Arg(..., help="Directory, package name, or a model file (path or URL)"),
    file: str = Arg(..., help="Model file to write, e.g. model.pkl; also a URL"),
    file_format: FileFormat = FORMAT,
    trust: list[str] = TRUST,
    sign: Path | None = Opt(
        None, "--sign", help="Sign it with the key in this file: a secret, or a private key"
    ),
    code: Path | None = CODE,
    force: bool = Opt(False, "--force", "-F", help="Replace an existing file"),
) -> None:
    """Turn a pipeline into one file.

    A model file can be packed, too: into another format, or to update it.
    """
    with reported_errors():
        from ..container.urls.remote import is_url, shown_url, url_exists
        from ..deployment import pack
        from ..errors import SaveError
        from .outputs import check_writable

        if not is_url(file):
            check_writable(Path(file), force=force)
        elif not force and url_exists(file):
            raise SaveError(f"{shown_url(file)} already exists: use --force to replace it")
        import_user_code(code)
        key = read_key(sign, "--sign")
        pack(pipeline, file, format=file_format.value, trusted=trust, sign=key)
        msg.good(f"Packed {shown_url(pipeline)} into {shown_url(file)}")


def unpack_cli(
    file: str = Arg(..., help="Model file, or a directory that holds model.pkl, or a URL"),
    folder: str = Arg(..., help="Directory to create, on this machine"),
    trust: list[str] = TRUST,
    key: Path | None = KEY,
    code: Path | None = CODE,
    force: bool = Opt(False, "--force", "-F", help="Replace an existing pipeline"),
) -> None:
    """Turn a model file into a directory that spacy.load can read without this package."""
    with reported_errors():
        from ..container.urls.remote import shown_url
        from ..deployment import unpack

        import_user_code(code)
        unpack(file, folder, trusted=trust, require_signature=read_key(key, "--key"), force=force)
        msg.good(f"Unpacked {shown_url(file)} into {folder}")
