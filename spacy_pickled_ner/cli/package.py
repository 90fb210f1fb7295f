"""`pickled-ner package`: turn a model file into a package for pip and spacy.load."""

from enum import Enum

from wasabi import msg

from .failing import reported_errors
from .options import Arg, Opt
from .text import shown, shown_list


class BuildFormat(str, Enum):
    """What to build from the sources of a package."""

    none = "none"
    wheel = "wheel"
    sdist = "sdist"


def package_cli(
    file: str = Arg(..., help="Model file, or a directory that holds model.pkl, or a URL"),
    out: str = Arg(
        ..., help="Directory, on this machine, in which to create the package's directory"
    ),
    build: BuildFormat = Opt(BuildFormat.none, "--build", "-b", help="Also build this"),
    name: str | None = Opt(
        None, "--name", "-n", help="Name, e.g. my_ner (default: the pipeline's)"
    ),
    version: str | None = Opt(
        None, "--version", "-v", help="Version, e.g. 1.0.0 (default: the pipeline's)"
    ),
    trust: list[str] = Opt(
        [],
        "--trust",
        help="Name that the package will trust, e.g. factories:my_component (repeatable)",
    ),
    require: list[str] = Opt(
        [], "--require", "-r", help="Additional requirement, e.g. acme-nlp>=1.2 (repeatable)"
    ),
    force: bool = Opt(False, "--force", "-F", help="Replace the same version of the package"),
) -> None:
    """Create an installable package, so that spacy.load("en_my_ner") works.

    Nothing in the model file is built or run.
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
        msg.good(f"Created the package {made.name} {made.version} in {made.folder}")
        if made.archive is not None:
            msg.good(f"Built {made.archive}")
        msg.info(f"Requires {shown_list(made.requirements, 20)}")
        if made.left_out:
            msg.warn(
                f"Requirements of the model file that were not added: {shown_list(made.left_out, 20)}",
                "If you know that they are needed, add them with --require.",
            )
        msg.info(
            f'pip install {shown(made.archive or made.folder)}, then spacy.load("{made.name}")'
        )
