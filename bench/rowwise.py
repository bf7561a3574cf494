"""What a reader without a notion of tables can give: printed rows, each a label and its numbers in order.

PaddleOCR gives lines of print, img2table grids; neither knows which row is which. Both are helped here: rows are looked up by
the labels of the truth's own tables, so that what is counted is their reading and their rows, not their lack of a schema.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.canon.labels import best_similarity
from pipeline.canon.schema import Lane, TableSchema, load_schemas
from pipeline.canon.values import parse_value
from pipeline.domain import Number, State

Json = dict[str, Any]
PlacedText = tuple[str, tuple[float, float, float, float]]
"""Text and its box `x0, top, x1, bottom`."""

_SAME_ROW = 0.5
_LABEL_REACH = 3.0
_ALIKE = 0.5


@dataclass(frozen=True)
class PrintedRow:
    """The text before the first number of a row, and its numbers from left to right; None for a dash or a blank."""

    label: str
    numbers: tuple[Number | None, ...]


@dataclass(frozen=True)
class _Piece:
    text: str
    x0: float
    x: float
    y: float
    height: float


def group_rows(texts: Sequence[PlacedText]) -> list[PrintedRow]:
    """Groups boxes of print into rows by their height on the page, and within a row from left to right.

    Boxes of numbers make the rows: those whose middles differ by less than half a line. Every other box is part of the label
    of the nearest row, where it stands left of its first number. A box that holds several numbers counts as so many.
    """
    pieces = [_Piece(text, x0, (x0 + x1) / 2, (top + bottom) / 2, bottom - top) for text, (x0, top, x1, bottom) in texts]
    numbers = [(p, found) for p in pieces if (found := _numbers(p.text))]
    if not numbers:
        return []
    line = statistics.median(p.height for p, _ in numbers)
    rows: list[list[tuple[_Piece, list[Number | None]]]] = []
    for piece, found in sorted(numbers, key=lambda item: item[0].y):
        if rows and piece.y - statistics.mean(p.y for p, _ in rows[-1]) < _SAME_ROW * line:
            rows[-1].append((piece, found))
        else:
            rows.append([(piece, found)])
    heights = [statistics.mean(p.y for p, _ in row) for row in rows]
    firsts = [min(p.x0 for p, _ in row) for row in rows]
    labels: list[list[_Piece]] = [[] for _ in rows]
    for piece in (p for p in pieces if not _numbers(p.text)):
        nearest = min(range(len(rows)), key=lambda i: abs(heights[i] - piece.y))
        if piece.x < firsts[nearest] and abs(heights[nearest] - piece.y) < _LABEL_REACH * line:
            labels[nearest].append(piece)
    return [
        PrintedRow(_joined(label, line), tuple(n for _, found in sorted(row, key=lambda item: item[0].x) for n in found))
        for row, label in zip(rows, labels, strict=True)
    ]


def _joined(label: Sequence[_Piece], line: float) -> str:
    """Joins the lines of a label; those of another column stand two lines or more to the left or right."""
    return "".join(p.text for p in sorted(label, key=lambda p: (round(p.x0 / (2 * line)), p.y)))


def _numbers(text: str) -> list[Number | None]:
    """Returns the numbers of a text that holds nothing else; none where it has a word."""
    values = [parse_value(part) for part in text.split()]
    known = all(v.state in (State.PRINTED, State.DASH) for v in values)
    return [v.value for v in values] if known else []


def grid_rows(grid: Sequence[Sequence[str]]) -> list[PrintedRow]:
    """Returns the rows of a grid: the cells up to the last that is text are its label, the others its numbers or blanks."""
    rows = []
    for cells in grid:
        values = [parse_value(cell) for cell in cells]
        words = [i for i, v in enumerate(values) if v.state is State.UNREADABLE]
        first = words[-1] + 1 if words else 0
        # A merged cell stands in each place that it spans.
        label = "".join(dict.fromkeys(cell for cell in cells[:first]))
        rows.append(PrintedRow(label, tuple(v.value for v in values[first:])))
    return rows


def exact_cells(rows: Sequence[PrintedRow], truth: Json) -> int:
    """Counts the cells of a truth file whose row is found by its label and whose number stands in its place of the row."""
    return sum(_exact_of_table(rows, name, table) for name, table in truth["tables"].items())


def _exact_of_table(rows: Sequence[PrintedRow], name: str, table: Json) -> int:
    schema = _schema_of(name, table)
    if schema.layout == "one_row":
        wanted = [value for values in table["values"] for value in values]
        closest = min(rows, key=lambda r: abs(len(r.numbers) - len(wanted)), default=None)
        return _alike(closest, wanted) if closest is not None and len(closest.numbers) > len(wanted) // 2 else 0
    lanes = {lane.key: lane for lane in schema.rows}
    return sum(_alike(_find(rows, lanes[key]), values) for key, values in zip(table["rows"], table["values"], strict=True))


def _schema_of(name: str, table: Json) -> TableSchema:
    keys = table["rows"], table["columns"]
    fitting = [t for s in load_schemas() for t in s.tables if t.table == name]
    return next(t for t in fitting if ([r.key for r in t.rows], [c.key for c in t.columns]) == keys)


def _find(rows: Sequence[PrintedRow], lane: Lane) -> PrintedRow | None:
    """Returns the row whose label fits best, or None where none is alike."""
    best = max(rows, key=lambda row: best_similarity(row.label, lane.labels), default=None)
    return best if best is not None and best_similarity(best.label, lane.labels) >= _ALIKE else None


def _alike(row: PrintedRow | None, wanted: Sequence[Number | None]) -> int:
    """Counts the numbers of a row that are as wanted, place by place; a blank is right where the row says nothing."""
    if row is None:
        return 0
    found = [*row.numbers[: len(wanted)], *[None] * (len(wanted) - len(row.numbers))]
    return sum(a == b for a, b in zip(found, wanted, strict=True))
