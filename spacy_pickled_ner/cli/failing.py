"""Errors of commands: one screen, no traceback, exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wasabi import msg

if TYPE_CHECKING:
    from ..errors import SettingsError

MAX_MESSAGE = 600


@contextmanager
def reported_errors(*, settings_are_options: bool = False) -> Iterator[None]:
    """Turn errors that users can fix into a message and exit code 1.

    settings_are_options (bool): True if settings are options of the same names, False for a config.
    """
    from configparser import InterpolationError

    from catalogue import RegistryError
    from thinc.api import ConfigValidationError

    from ..errors import PickledNerError, SettingsError, UntrustedContentError

    try:
        yield
    except ConfigValidationError as err:
        msg.fail(err.title)
        print(_shortened(describe_config_error(err)))
        sys.exit(1)
    except InterpolationError as err:
        msg.fail("Config validation error", _shortened(str(err)), exits=1)
    except BrokenPipeError:
        raise  # nobody reads the output any more; typer ends the program quietly
    except UntrustedContentError as err:
        options = " ".join(f"--trust {name}" for name in err.names)
        msg.fail(_shortened(str(err)), f"On the command line: {options}", exits=1)
    except SettingsError as err:
        said = describe_settings_error(err) if settings_are_options else str(err)
        msg.fail(_shortened(said), exits=1)
    except (PickledNerError, RegistryError, ImportError, OSError) as err:
        msg.fail(_shortened(str(err)), exits=1)
    except KeyboardInterrupt:
        msg.fail("Interrupted before anything was saved")
        sys.exit(130)


def describe_settings_error(err: SettingsError) -> str:
    """Return the message for an invalid setting, with the name of its option.

    err (SettingsError): The error.
    RETURNS (str): E.g. "--dropout 2.0 is not allowed; allowed: …".
    """
    option = f"--{err.setting.removeprefix('--').replace('_', '-')}"
    if err.value is None:
        return f"{option} is missing: use {err.allowed}"
    return f"{option} {err.value} is not allowed; allowed: {err.allowed}"


def describe_config_error(err: Exception) -> str:
    """List the errors of a config, without printing the whole block as spaCy does.

    err (Exception): A `ConfigValidationError`, or another error of reading a config.
    RETURNS (str): A line for each error, with its place.
    """
    from thinc.api import ConfigValidationError

    if not isinstance(err, ConfigValidationError):
        return str(err)
    text = str(err.from_error(err, title="", show_config=False).text)
    return text.replace("\tat root: ", "\t").strip()


def _shortened(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."
