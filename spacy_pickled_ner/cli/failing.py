"""How a command fails: one screen, no traceback, exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wasabi import msg

MAX_MESSAGE = 600


@contextmanager
def reported_errors(config_path: Path | None = None) -> Iterator[None]:
    """Turn the errors that users can mend into a message and exit code 1.

    config_path (Optional[Path]): The config whose validation errors are shown spaCy's way.
    """
    from catalogue import RegistryError
    from spacy.cli._util import show_validation_error

    from ..errors import PickledNerError

    try:
        with show_validation_error(config_path, hint_fill=False):
            yield
    except (PickledNerError, RegistryError) as err:
        text = str(err).strip()
        if len(text) > MAX_MESSAGE:
            text = text[: MAX_MESSAGE - 3] + "..."
        msg.fail(text, exits=1)
    except KeyboardInterrupt:
        msg.fail("Interrupted before there was anything to keep")
        sys.exit(130)
