"""The settings that a component keeps beside its model, and what they may not be.

`from_bytes` puts them over those that the checked config gave, so they need the same bounds: a beam
of a hundred million states would otherwise come in here, past the guard of the config.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import srsly

from ...errors import UnsafeFileError
from ..config_guard import check_setting
from .refuse import is_int, refuse

MAX_LENGTH: Final = 8 * 2**20
MAX_SETTINGS: Final = 256
MAX_LABELS: Final = 1_000_000
# Bounded by the labels' own checks, not by those for the values of a config.
_LABELS: Final = frozenset({"labels", "labels_morph", "labels_pos"})
_KINDS: Final = ((bool,), (int, float), (str,), (list, tuple), (dict,))


def decode_json(value: object, what: str, max_length: int | None = None) -> Any:
    """Decode JSON with the decoder that spaCy will use on it too.

    value (object): Text or bytes; both stand in msgpack where spaCy packs JSON.
    what (str): What it is, for the error.
    max_length (Optional[int]): The longest allowed.
    RETURNS (Any): The value.
    RAISES (UnsafeFileError): It is no JSON ("bad-json").
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


def check_settings(what: str, value: object, built: Mapping[str, Any]) -> dict[str, Any]:
    """Check the settings of a component before they replace those it was built with.

    what (str): Name of the component.
    value (object): The settings in the file, as JSON.
    built (Mapping[str, Any]): The settings that the component has.
    RETURNS (Dict[str, Any]): The settings in the file.
    RAISES (UnsafeFileError): They cannot be used ("bad-settings").
    """
    settings = decode_json(value, what, MAX_LENGTH)
    if type(settings) is not dict or len(settings) > MAX_SETTINGS:
        refuse(what, "its settings are not settings", "bad-settings")
    for key, setting in settings.items():
        if key in _LABELS:
            if not isinstance(setting, (list, dict)) or len(setting) > MAX_LABELS:
                refuse(what, "its labels are not labels", "bad-labels")
            continue
        try:
            check_setting(setting, key)
        except UnsafeFileError as err:
            refuse(what, str(err), "bad-settings")
        if not _same_kind(setting, built.get(key)):
            refuse(what, f"{ascii(key)[:80]} is of another type", "bad-settings")
    if not is_int(settings.get("beam_width", 1), 1, 2**16):
        refuse(what, "its beam_width is no positive number", "bad-settings")
    return settings


def _same_kind(value: object, built: object) -> bool:
    if value is None or built is None:
        return True
    return any(type(value) in kinds and type(built) in kinds for kinds in _KINDS)
