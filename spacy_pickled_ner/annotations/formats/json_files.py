"""JSON files → values, with line or row numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import AnnotationError
from .rows import RowHandler


def iter_jsonl(path: Path, on_error: RowHandler) -> Iterator[tuple[int, Any]]:
    """Read a file with one JSON value per line.

    path (Path): The file.
    on_error (Callable): Called with the error of an invalid line.
    YIELDS (Tuple[int, Any]): Line number and value.
    """
    # The standard library's parser, not srsly's: it reports the position of an error.
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                yield number, json.loads(decode(raw.rstrip(), number))
            except (ValueError, RecursionError) as err:
                reason = why_broken(err)
                if number == 1 and raw.strip() in (b"[", b"{"):
                    reason += "; if the file is one JSON list, name it .json"
                on_error(AnnotationError(reason, source=str(path), row=number, unit="line"))


def is_jsonl(path: Path) -> bool:
    """Return True if a file has one JSON object per line, as Dataturks' `.json` has."""
    with path.open("rb") as file:
        lines = [line for _, line in zip(range(2), filter(bytes.strip, file), strict=False)]
    if len(lines) < 2 or not lines[0].lstrip(b"\xef\xbb\xbf").startswith(b"{"):
        return False
    try:
        json.loads(decode(lines[0].rstrip(), 1))
    except (ValueError, RecursionError):
        return False
    return True


def read_json(path: Path) -> list[Any]:
    """Read a file with one JSON list.

    path (Path): The file.
    RETURNS (List[Any]): Its values.
    RAISES (AnnotationError): The file is invalid, or is not a list.
    """
    raw = path.read_bytes()
    if not raw.strip():
        return []
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as err:
        reason = why_broken(err)
        if isinstance(err, json.JSONDecodeError) and err.msg == "Extra data":
            reason += "; if each line is a row, name the file .jsonl"
        row = err.lineno if isinstance(err, json.JSONDecodeError) else None
        raise AnnotationError(reason, source=str(path), row=row, unit="line") from err
    if not isinstance(values, list):
        raise AnnotationError(
            f"expected a list of rows, not {type(values).__name__}", source=str(path)
        )
    return values


def decode(raw: bytes, number: int) -> str:
    """Decode a line.

    raw (bytes): The line.
    number (int): Its number. The first line can have a byte order mark.
    RETURNS (str): The text.
    """
    return raw.decode("utf-8-sig" if number == 1 else "utf-8")


def why_broken(err: Exception) -> str:
    """Explain the error of an invalid line or file."""
    if isinstance(err, json.JSONDecodeError):
        return f"invalid JSON at character {err.colno}: {err.msg}"
    if isinstance(err, UnicodeDecodeError):
        return f"not UTF-8 text (byte {err.start}: {err.reason}); save the file as UTF-8"
    if isinstance(err, RecursionError):
        return "its values are nested too deep"
    return f"invalid JSON: {err}"
