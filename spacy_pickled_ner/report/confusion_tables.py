"""Which labels are confused: a table of gold labels against predicted labels.

It stays readable with any number of labels: those with most mistakes get a row and a column each,
all others share one, and a list has the mistakes by frequency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .html import Html, element, join
from .tints import Tints
from .values import count, mapping_in, mappings_in, number_in

MOST_LABELS, MOST_MISTAKES = 10, 30
# With more columns than this, headings are vertical.
MOST_WIDE = 6
# The name for spurious entities, by kind of reference.
OUTSIDE = {"gold": "not in the gold", "base": "not predicted by the base"}

# A label, None for "missed" and "spurious", or the number of all other labels.
Key: TypeAlias = str | int | None


@dataclass(frozen=True)
class Cell:
    """How often a gold label was predicted as another label.

    gold, found (Optional[str]): Labels; None for spurious or missed entities.
    count, exact (int): Number of entities, and of those with equal bounds.
    """

    gold: str | None
    found: str | None
    count: int
    exact: int

    @property
    def mistakes(self) -> int:
        """The number of entities that lower precision or recall."""
        return self.count - self.exact if self.gold == self.found else self.count


@dataclass
class Sums:
    """The numbers of a cell: right, with other bounds, with another label."""

    right: int = 0
    bounds: int = 0
    mixed: int = 0


@dataclass
class Matrix:
    """The cells, with labels that are not shown one by one merged."""

    keys: dict[str, Key]
    sums: dict[tuple[Key, Key], Sums] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Count a cell."""
        at = (
            None if cell.gold is None else self.keys[cell.gold],
            None if cell.found is None else self.keys[cell.found],
        )
        sums = self.sums.setdefault(at, Sums())
        if cell.gold == cell.found:
            sums.right += cell.exact
            sums.bounds += cell.count - cell.exact
        else:
            sums.mixed += cell.count

    def axis(self, which: int) -> list[Key]:
        """Return the keys of rows (0) or columns (1): labels by name, others, then None."""
        found = {at[which] for at in self.sums}
        return sorted(found, key=lambda key: (key is None, isinstance(key, int), str(key)))


def confusion_tables(metrics: Mapping[str, Any], tints: Tints) -> list[Html]:
    """Show which labels are confused, after training, and collapsed also before it.

    metrics (Mapping[str, Any]): The run, with "confusion".
    RETURNS (List[Html]): A table for the dev data and one for old labels, if there are numbers.
    """
    confusion = mapping_in(metrics, "confusion")
    after, before = (mapping_in(confusion, when) for when in ("after", "before"))
    measured_on = str(mapping_in(metrics, "retention").get("measured_on") or "")
    # Without gold for old labels, the base's predictions are used as gold.
    is_agreement = measured_on.startswith("agreement")
    old_labels = f"Old labels, {measured_on}" if measured_on else "Old labels"
    tables = []
    for name, caption, truth in (
        ("dev", "On the dev data", "gold"),
        ("retention", old_labels, "base" if is_agreement else "gold"),
    ):
        if table := _table(_cells(after, name), caption, truth, tints):
            tables.append(table)
        if truth == "base":
            continue
        if table := _table(_cells(before, name), f"{caption}, before training", truth, tints):
            tables.append(element("details", element("summary", "Before training"), table))
    return tables


def _cells(confusion: Mapping[str, Any], name: str) -> list[Cell]:
    cells = []
    for plain in mappings_in(confusion, name):
        gold, found = (
            None if plain.get(which) is None else str(plain[which])
            for which in ("gold", "predicted")
        )
        number, exact = (int(number_in(plain, which) or 0) for which in ("count", "exact"))
        if number > 0 and (gold is not None or found is not None):
            cells.append(Cell(gold, found, number, min(max(exact, 0), number)))
    return cells


def _table(cells: Sequence[Cell], caption: str, truth: str, tints: Tints) -> Html | None:
    if not cells:
        return None
    matrix = Matrix(_choose_keys(cells))
    for cell in cells:
        matrix.add(cell)
    columns = matrix.axis(1)
    head = [element("td", element("span", f"{truth} ↓ predicted →", class_="axes"))]
    head += [element("th", _name(key, "missed", tints), scope="col") for key in columns]
    rows = [
        element(
            "tr",
            element("th", _name(row, OUTSIDE[truth], tints), scope="row"),
            *(_field(matrix.sums.get((row, column))) for column in columns),
        )
        for row in matrix.axis(0)
    ]
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
        class_="confusion" if len(columns) <= MOST_WIDE else "confusion narrow",
    )
    others = any(isinstance(key, int) for key in matrix.keys.values())
    mistakes = _list_mistakes(cells, truth, tints) if others else None
    return join(element("div", table, class_="scroll"), mistakes)


def _choose_keys(cells: Sequence[Cell]) -> dict[str, Key]:
    mistakes: Counter[str] = Counter()
    for cell in cells:
        for label in {cell.gold, cell.found} - {None}:
            mistakes[str(label)] += cell.mistakes
    by_mistakes = sorted(mistakes, key=lambda label: (-mistakes[label], label))
    shown, others = by_mistakes, []
    if len(by_mistakes) > MOST_LABELS:
        shown, others = by_mistakes[: MOST_LABELS - 1], by_mistakes[MOST_LABELS - 1 :]
    return {**{label: label for label in shown}, **dict.fromkeys(others, len(others))}


def _name(key: Key, for_none: str, tints: Tints) -> Html:
    if isinstance(key, str):
        return tints.chip(key)
    return element("em", for_none if key is None else f"{key} other labels")


def _field(sums: Sums | None) -> Html:
    if sums is None:
        return element("td")
    said = [element("strong", f"✓ {count(sums.right)}")] if sums.right else []
    if sums.bounds:
        said.append(element("span", f"✗ {count(sums.bounds)} other bounds", class_="part"))
    if sums.mixed:
        # Beside right entities, name them: only labels of the same cell can be confused here.
        more = " mixed up" if said else ""
        said.append(element("span", f"✗ {count(sums.mixed)}{more}", class_="part"))
    return element("td", *said, class_="hit" if sums.right else "mixed")


def _list_mistakes(cells: Sequence[Cell], truth: str, tints: Tints) -> Html | None:
    wrong = [cell for cell in cells if cell.mistakes]
    wrong.sort(key=lambda cell: (-cell.mistakes, str(cell.gold), str(cell.found)))
    if not wrong:
        return None
    shown = wrong[:MOST_MISTAKES]
    items = [
        element(
            "li",
            element("strong", count(cell.mistakes)),
            " ",
            _name(cell.gold, OUTSIDE[truth], tints),
            " with other bounds"
            if cell.gold == cell.found
            else join(" → ", _name(cell.found, "missed", tints)),
        )
        for cell in shown
    ]
    which = f"The {len(shown)} most frequent" if len(shown) < len(wrong) else "All"
    summary = element("summary", f"{which} of {count(len(wrong))} kinds of mistakes")
    return element("details", summary, element("ul", *items, class_="mistakes"))
