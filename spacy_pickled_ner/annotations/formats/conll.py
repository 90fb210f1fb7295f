"""CoNLL-2003 and similar formats: tokens with tags, and a row for each sentence.

| layout | a sentence is |
|---|---|
| columns | a line per token, which is the first column, the tag the last; then a blank line |
| `token|tag` | one line; a part of speech may stand between: `London|NNP|B-GPE` |

Tags are IOB, IOB2, BILUO or IOBES. `-DOCSTART-` lines and comments (`# id …`) are skipped. As in
`spacy convert`, the text is the tokens joined by spaces, and spaCy's own functions create the
entities from the tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from spacy.training import iob_to_biluo, tags_to_entities

from ...errors import AnnotationError
from ..rows import AnnotatedText, EntitySpan
from .json_files import decode, why_broken
from .rows import RowHandler
from .spans import shown

_TAG = re.compile(r"O|[BILUES]-\S+")
# The token itself can be a bar.
_CELL = re.compile(r"(?P<token>\S+?)(\|[^|]+)?\|(?P<tag>[^|]+)")
_AS_BILUO = str.maketrans("ES", "LU")

# A token, its tag, and its line number.
Token = tuple[str, str]


def iter_conll(path: Path, on_error: RowHandler) -> Iterator[AnnotatedText]:
    """Read a file of tagged tokens, in either layout, sentence by sentence.

    path (Path): The file.
    on_error (Callable): Called with the error of an invalid line; its sentence is skipped.
    YIELDS (AnnotatedText): A row per sentence, with the number of its first line.
    """
    reader = _Sentences(path, on_error)
    for number, tokens in reader:
        yield _make_row(tokens, str(path), number)


class _Sentences:
    """Lines → sentences of (token, tag) pairs, with the number of their first line."""

    def __init__(self, path: Path, on_error: RowHandler):
        self.path = path
        self.on_error = on_error
        self.columns = 0
        self.first_line = 0
        self.tokens: list[Token] = []
        self.is_bad = False

    def __iter__(self) -> Iterator[tuple[int, list[Token]]]:
        with self.path.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                try:
                    line = decode(raw, number).strip()
                    yield from self._take(line, number)
                except ValueError as err:
                    reason = why_broken(err) if isinstance(err, UnicodeError) else str(err)
                    self.on_error(
                        AnnotationError(reason, source=str(self.path), row=number, unit="line")
                    )
                    self.is_bad = True
        yield from self._end()

    def _take(self, line: str, number: int) -> Iterator[tuple[int, list[Token]]]:
        cells = line.split()
        if not cells or cells[0] == "-DOCSTART-":
            yield from self._end()
        elif "|" in cells[0] and all("|" in cell for cell in cells):
            yield from self._end()
            self.first_line = number
            self.tokens = [_parse_cell(cell) for cell in cells]
            yield from self._end()
        elif not (line.startswith("#") and not _TAG.fullmatch(cells[-1])):
            self._add(cells, number)

    def _add(self, cells: list[str], number: int) -> None:
        self.columns = self.columns or len(cells)
        if len(cells) < 2:
            raise ValueError(f"a token needs a tag in the last column: {shown(cells[0])} has none")
        if len(cells) != self.columns:
            raise ValueError(
                f"{len(cells)} columns, but {self.columns} in the lines before: a token or tag "
                "contains white space, or a column is missing"
            )
        self.first_line = self.first_line or number
        self.tokens.append((cells[0], _check_tag(cells[-1])))

    def _end(self) -> Iterator[tuple[int, list[Token]]]:
        found, number, is_bad = self.tokens, self.first_line, self.is_bad
        self.tokens, self.first_line, self.is_bad = [], 0, False
        if found and not is_bad:
            yield number, found


def _parse_cell(cell: str) -> Token:
    found = _CELL.fullmatch(cell)
    if found is None:
        raise ValueError(f"{shown(cell)} is not token|tag")
    return found["token"], _check_tag(found["tag"])


def _check_tag(tag: str) -> str:
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{shown(tag)} is not a tag: expected O, or B- or I- and a label")
    return tag[0].translate(_AS_BILUO) + tag[1:] if tag != "O" else tag


def _make_row(tokens: list[Token], source: str, number: int) -> AnnotatedText:
    starts = []
    at = 0
    for token, _ in tokens:
        starts.append(at)
        at += len(token) + 1
    spans = tuple(
        EntitySpan(starts[first], starts[last] + len(tokens[last][0]), label)
        for label, first, last in tags_to_entities(iob_to_biluo([tag for _, tag in tokens]))
    )
    return AnnotatedText(" ".join(token for token, _ in tokens), spans, source, number, "line")
