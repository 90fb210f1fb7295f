"""`pickled-ner package`: a model file as something that pip installs and spacy.load finds."""

from enum import Enum

from wasabi import msg

from .failing import reported_errors
from .options import Arg, Opt
from .text import shown, shown_list


class BuildFormat(str, Enum):
    """What to build of a package's sources."""

    none = "none"
    wheel = "wheel"
    sdist = "sdist"


def package_cli(
    file: str = Arg(..., help="Model file, or a directory that holds model.pkl, or a URL"),
    out: str = Arg(
        ..., help="Directory, on this machine, in which to make the package's directory"
    ),
    build: BuildFormat = Opt(BuildFormat.none, "--build", "-b", help="Build this of it, too"),
    name: str | None = Opt(None, "--name", "-n", help="Name, e.g. my_ner; default: the pipeline's"),
    version: str | None = Opt(
        None, "--version", "-v", help="Version, e.g. 1.0.0; default: the pipeline's"
    ),
    trust: list[str] = Opt(
        [],
        "--trust",
        help="What the package itself will trust, e.g. factories:my_component (repeatable)",
    ),
    require: list[str] = Opt(
        [], "--require", "-r", help="Another requirement of it, e.g. acme-nlp>=1.2 (repeatable)"
    ),
    force: bool = Opt(False, "--force", "-F", help="Replace the same version of the package"),
) -> None:
    """Make an installable package, so that spacy.load("en_my_ner") works.

    Nothing of the model file is built or run.
    """
    with reported_errors():
        from ..deployment import package

        made = package(
            file,
            out,
            name=name,
            version=version,
            build=build.value,
            trusted=trust,
            requirements=require,
            force=force,
        )
        msg.good(f"Made the package {made.name} {made.version} in {made.folder}")
        if made.archive is not None:
            msg.good(f"Built {made.archive}")
        msg.info(f"Requires {shown_list(made.requirements, 20)}")
        if made.left_out:
            msg.warn(
                f"Left out what the model file itself asks for: {shown_list(made.left_out, 20)}",
                "If you know that it is needed, name it with --require.",
            )
        msg.info(
            f'pip install {shown(made.archive or made.folder)}, then spacy.load("{made.name}")'
        )
