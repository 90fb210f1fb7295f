"""The tokenizers that spaCy has for languages which need another package to find words.

A file may name these: spaCy asks for one fixed package by each, if it is installed, and what the
file keeps of them is a setting or nothing. Only a pkuseg model for Chinese is more. Compiled code
believes its indices, and its dictionary may be the name of a file to read, so it needs the caller's
trust.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from ....msgpack import decode_msgpack_map
from ..refuse import need_trust, refuse
from ..settings import decode_json

CHINESE: Final = "spacy.zh.ChineseTokenizer"
JAPANESE: Final = "spacy.ja.JapaneseTokenizer"
VIETNAMESE: Final = "spacy.vi.VietnameseTokenizer"
WITHOUT_STATE: Final = ("spacy.ko.KoreanTokenizer", "spacy.th.ThaiTokenizer")
TRUSTED_NAME: Final = f"tokenizers:{CHINESE}"
_SPLIT_MODES: Final = (None, "A", "B", "C")
_MODEL: Final = ("pkuseg_features", "pkuseg_weights", "pkuseg_processors")
# Nothing, once as bytes and once as the msgpack of None.
_NO_MODEL: Final = (b"", b"\xc0", None)
_MAX_SETTINGS: Final = 4_096
_WHAT: Final = "the tokenizer"
_CODE: Final = "bad-tokenizer"


def check_segmenter(
    block: Mapping[str, Any], data: bytes | memoryview, trusted: Collection[str] = ()
) -> None:
    """Check the input for the `from_bytes` of one of these tokenizers.

    block (Mapping[str, Any]): The tokenizer's config. Tokenizers of others are not checked.
    data (Union[bytes, memoryview]): From the tokenizer's `to_bytes`.
    trusted (Collection[str]): The names that the caller trusts.
    RAISES (UnsafeFileError): It does not fit the config ("bad-tokenizer", "bad-msgpack").
    RAISES (UntrustedContentError): It holds a pkuseg model, and is not trusted.
    """
    name = block.get("@tokenizers")
    if name in WITHOUT_STATE:
        if bytes(data):
            refuse(_WHAT, "it has a state, and no use for one", _CODE)
        return
    if name not in (CHINESE, JAPANESE, VIETNAMESE):
        return
    state = decode_msgpack_map(data, _WHAT)
    settings = decode_json(state.get("cfg", "{}"), _WHAT, _MAX_SETTINGS)
    if type(settings) is not dict:
        refuse(_WHAT, "its settings are invalid", _CODE)
    if name == CHINESE:
        _check_chinese(block, state, settings, trusted)
        return
    if not state.keys() <= {"cfg"}:
        refuse(_WHAT, "it has unknown parts", _CODE)
    if name == JAPANESE and not _is_split_mode(settings.get("split_mode")):
        refuse(_WHAT, "its split_mode is unknown", _CODE)
    # Without the package from the start, it cannot be switched to use it.
    if name == VIETNAMESE and settings.get("use_pyvi") not in (False, block.get("use_pyvi", True)):
        refuse(_WHAT, "its use_pyvi differs from its config", _CODE)


def segmenter_names(block: Mapping[str, Any], data: bytes | memoryview) -> list[str]:
    """List the names that need the caller's trust to load one of these tokenizers.

    block (Mapping[str, Any]): The tokenizer's config.
    data (Union[bytes, memoryview]): As for `check_segmenter`.
    RETURNS (List[str]): The tokenizer's name if it holds a pkuseg model, or nothing.
    """
    if block.get("@tokenizers") != CHINESE:
        return []
    return [TRUSTED_NAME] if _has_model(decode_msgpack_map(data, _WHAT)) else []


def _is_split_mode(value: object) -> bool:
    return value is None or (type(value) is str and value in _SPLIT_MODES)


def _has_model(state: dict[str, Any]) -> bool:
    return any(state.get(part) not in _NO_MODEL for part in _MODEL)


def _check_chinese(
    block: Mapping[str, Any],
    state: dict[str, Any],
    settings: dict[str, Any],
    trusted: Collection[str],
) -> None:
    if not state.keys() <= {"cfg", *_MODEL}:
        refuse(_WHAT, "it has unknown parts", _CODE)
    if settings.get("segmenter", "char") != block.get("segmenter", "char"):
        refuse(_WHAT, "its segmenter differs from its config", _CODE)
    if _has_model(state) and TRUSTED_NAME not in trusted:
        why = (
            "the tokenizer in the model file has a pkuseg model, which can be made to crash the "
            "process or to read other files"
        )
        need_trust(why, [TRUSTED_NAME])
