"""Raw text: texts without annotation, for retention.

Only the text of a row is used. Texts that are also in the annotated data are skipped, because their
gold is known.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from spacy.tokens import Doc

from ..errors import AnnotationError
from .formats.docbin import iter_docbin
from .formats.files import readable
from .formats.json_files import is_jsonl, iter_jsonl, read_json
from .formats.spans import check_encodable

RawTextSource: TypeAlias = str | os.PathLike[str] | Iterable[Any]


def read_raw_text(source: RawTextSource, *, known: Collection[str] = ()) -> list[str]:
    """Read the texts of a source, without repetitions.

    source (RawTextSource): A `.jsonl` or `.json` file of rows with a "text" (or of strings), a
        `.txt` file with a text per line, a `.spacy` file; or an iterable of strings, such rows, or
        Docs.
    known (Collection[str]): Texts to skip, because their gold is known.
    RETURNS (List[str]): The texts, in order, without empty ones.
    RAISES (AnnotationError): The file is missing, a row has no text, or no text remains.
    """
    name = str(source) if isinstance(source, str | os.PathLike) else "<raw text>"
    left_out = set(known)
    texts: dict[str, None] = {}
    count = 0
    for number, unit, value in _iter_source(source):
        try:
            text = _text_of(value)
        except ValueError as err:
            raise AnnotationError(str(err), source=name, row=number, unit=unit) from None
        if text.strip():
            count += 1
            if text not in left_out:
                texts[text] = None
    if not texts:
        raise AnnotationError(
            f"all of its {count} texts are also in the annotated data; raw text must be other texts"
            if count
            else "it has no text",
            source=name,
        )
    return list(texts)


def _iter_source(source: RawTextSource) -> Iterator[tuple[int, str, Any]]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        with readable(path):
            yield from _iter_file(path)
    else:
        yield from ((number, "row", value) for number, value in enumerate(source, start=1))


def _iter_file(path: Path) -> Iterator[tuple[int, str, Any]]:
    suffix = path.suffix.lower()
    if suffix == ".jsonl" or (suffix == ".json" and is_jsonl(path)):
        yield from ((number, "line", value) for number, value in iter_jsonl(path, _raise))
    elif suffix == ".json":
        yield from ((number, "row", value) for number, value in enumerate(read_json(path), start=1))
    elif suffix == ".txt":
        with path.open("rb") as lines:
            yield from ((number, "line", raw) for number, raw in enumerate(lines, start=1))
    elif suffix == ".spacy":
        yield from ((row.row, row.unit, row.text) for row in iter_docbin(path))
    else:
        raise AnnotationError(
            f"unknown file type {suffix or '(no suffix)'!r} for raw text: use .jsonl, .json, "
            ".txt (a text per line) or .spacy",
            source=str(path),
        )


def _text_of(value: Any) -> str:
    if isinstance(value, Doc):
        return value.text
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8-sig").strip()
        except UnicodeDecodeError as err:
            raise ValueError(
                f"not UTF-8 text (byte {err.start}: {err.reason}); save the file as UTF-8"
            ) from None
    if isinstance(value, Mapping):
        value = value.get("text")
    if not isinstance(value, str):
        raise ValueError('cannot read this row as raw text: expected {"text": …} or a string')
    check_encodable(value)
    return value


def _raise(error: AnnotationError) -> NoReturn:
    raise error
