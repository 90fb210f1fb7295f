"""`pickled-ner verify`: check the digests and the signature of a model file."""

import sys
from pathlib import Path

from wasabi import msg

from .failing import reported_errors
from .options import Arg, Opt, read_key
from .text import shown, shown_list, shown_size


def verify_cli(
    file: str = Arg(..., help="A model file, a directory that holds model.pkl, or a URL"),
    key: Path | None = Opt(
        None,
        "--key",
        help="Check the signature with the key in this file: the secret, or the public key",
    ),
    as_json: bool = Opt(False, "--json", help="Print the result as JSON"),
) -> None:
    """Check every byte of a model file, without building it. Exit code 1 if anything is wrong."""
    with reported_errors():
        import json

        from ..errors import ModelFileError
        from ..model_file import verify

        try:
            found = verify(file, require_signature=read_key(key, "--key"))
        except ModelFileError as err:
            if not as_json:
                raise
            wrong = {"file": err.file, "error": err.reason, "code": err.code, "offset": err.offset}
            print(json.dumps(wrong, indent=2))
            sys.exit(1)
        if as_json:
            print(json.dumps(found, indent=2))
            return
        what = f"{shown(found['file'])} ({shown(found['format'])}, {shown_size(found['size'])})"
        if found["digests"]:
            msg.good(f"{what} is undamaged: all {found['digests']} digests match")
        else:
            msg.warn(
                f"{what} is readable, but its format has no digests",
                "`pickled-ner pack` converts it to a format with digests.",
            )
        if found["signed"]:
            msg.good(f"Signed with this key ({found['signature']})")
        elif found["signature"]:
            msg.info(f"Signed ({shown(found['signature'])}); use --key to check by whom")
        else:
            msg.info("Not signed")
        msg.info(f"Names that need trust: {shown_list(found['untrusted'], 20) or 'none'}")
