"""Check the settings that a component stores beside its model.

`from_bytes` replaces the settings of the checked config by them, and scorers get them as arguments.
So they need rules, too: otherwise a beam of a hundred million states could bypass the guard of the
config. The rules are in `schemas.SETTINGS`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import srsly

from ...errors import UnsafeFileError
from .refuse import need_trust, refuse
from .rules import Rule
from .schemas import SETTINGS

MAX_LENGTH: Final = 8 * 2**20


def decode_json(value: object, what: str, max_length: int | None = None) -> Any:
    """Decode JSON with the decoder that spaCy will use on it too.

    value (object): Text or bytes; spaCy packs JSON as either.
    what (str): Name of the data, for the error.
    max_length (Optional[int]): The longest allowed.
    RETURNS (Any): The value.
    RAISES (UnsafeFileError): It is not JSON ("bad-json").
    """
    if not isinstance(value, (str, bytes)):
        refuse(what, "its settings are not text", "bad-json")
    if max_length is not None and len(value) > max_length:
        refuse(what, f"its settings are longer than {max_length}", "bad-settings")
    try:
        return srsly.json_loads(value)
    except Exception as err:
        raise UnsafeFileError(
            f"{ascii(what)[1:-1][:120]} in the model file is not valid JSON: {type(err).__name__}",
            code="bad-json",
        ) from err


def decode_settings(what: str, value: object) -> dict[str, Any]:
    """Decode the settings of a component.

    what (str): Name of the component.
    value (object): The settings in the file, as JSON.
    RETURNS (Dict[str, Any]): The settings.
    RAISES (UnsafeFileError): They are invalid ("bad-json", "bad-settings").
    """
    settings = decode_json(value, what, MAX_LENGTH)
    if type(settings) is not dict:
        refuse(what, "its settings are invalid", "bad-settings")
    return settings


def check_settings(
    what: str, settings: Mapping[str, Any], kind: str, trusted: Collection[str] = ()
) -> None:
    """Check the settings of a component before they replace those of its config.

    what (str): Name of the component.
    settings (Mapping[str, Any]): The settings in the file.
    kind (str): The line of `SETTINGS` that they must follow.
    trusted (Collection[str]): The names that the caller trusts.
    RAISES (UnsafeFileError): They cannot be used ("bad-settings", "bad-labels").
    RAISES (UntrustedContentError): They need trust.
    """
    needed = {*settings_names(what, settings, kind)} - {*trusted}
    if needed:
        why = f"the component {what!a} in the model file has settings that need trust"
        need_trust(why, needed)


def settings_names(what: str, settings: Mapping[str, Any], kind: str) -> Iterator[str]:
    """List the names that need the caller's trust to use some settings.

    what (str): Name of the component.
    settings (Mapping[str, Any]): The settings in the file.
    kind (str): The line of `SETTINGS` that they must follow.
    YIELDS (str): "settings:<component>" or "attributes:<component>".
    RAISES (UnsafeFileError): They are invalid ("bad-settings", "bad-labels").
    """
    rules = SETTINGS[kind]
    for key, value in settings.items():
        rule: Rule | None = rules.get(key)
        if rule is None:
            refuse(what, f"{ascii(key)[:80]} is not a setting of it", "bad-settings")
        if rule.accepts(value):
            continue
        if not rule.needs_trust(value):
            code = "bad-labels" if key.startswith("labels") else "bad-settings"
            refuse(what, f"its {key} is not {rule.words}", code)
        yield f"{rule.trust}:{what}"
