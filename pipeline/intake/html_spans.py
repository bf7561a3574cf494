"""Where the cells of an HTML table stand in its grid, as a browser decides it.

After the HTML standard, "Forming a table" (https://html.spec.whatwg.org/#forming-a-table): a cell takes the first free slot
of its row; `rowspan=0` reaches to the end of the row group; spans are clamped to 1000 columns and 65534 rows. Two things
follow browsers rather than that text: a row span ends with its row group, and a lane in which no cell begins has no size.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pipeline.config import Limits
from pipeline.errors import TooLargeError

MOST_COLUMNS_SPANNED = 1000
MOST_ROWS_SPANNED = 65534

_DIGITS = re.compile(r"[ \t\n\f\r]*\+?([0-9]{1,12})")


class Spanning(Protocol):
    """A cell before it has its place; `row_span` 0 reaches to the end of the row group."""

    @property
    def row_span(self) -> int:
        """Rows, from 0."""

    @property
    def column_span(self) -> int:
        """Columns, from 1."""


CellT = TypeVar("CellT", bound=Spanning)


@dataclass(frozen=True, slots=True)
class Placed(Generic[CellT]):
    """A cell in its place, from 0; `cut` where another cell stood in the way of its span."""

    cell: CellT
    row: int
    column: int
    row_span: int
    column_span: int
    cut: bool


def parse_span(value: str | None, most: int, least: int) -> int:
    """Returns a span attribute by the rules for non-negative integers, clamped to `[least, most]`; 1 where it is none."""
    match = _DIGITS.match(value) if value else None
    if match is None:
        return 1
    number = int(match.group(1))
    return 1 if number < least else min(number, most)


def place_cells(groups: Sequence[Sequence[Sequence[CellT]]], limits: Limits) -> tuple[list[Placed[CellT]], int, int]:
    """Forms the grid of a table.

    Args:
        groups: row groups of rows of cells, in the order in which they are shown.
        limits: `span` clamps column spans further; `html_cells` bounds the slots of the grid that are visited.

    Returns:
        The cells in row-major order without overlap, the number of rows and the number of columns.

    Raises:
        TooLargeError: the grid has more slots than the limit.
    """
    placed: list[Placed[CellT]] = []
    n_rows, slots = 0, 0
    for group in groups:
        taken_until: list[int] = []  # for each column, the first row that is free again
        end = n_rows + len(group)
        for row, cells in enumerate(group, start=n_rows):
            column = 0
            for cell in cells:
                first = column
                while column < len(taken_until) and taken_until[column] > row:
                    column += 1
                item = _place(cell, row, column, end, taken_until, limits)
                placed.append(item)
                column += item.column_span
                slots += column - first
                if slots > limits.html_cells:
                    raise TooLargeError(
                        f"A table has more than {limits.html_cells} cells.", "Split the page, or raise limits.html_cells."
                    )
        n_rows = end
    return _without_empty_lanes(placed)


def _place(cell: CellT, row: int, column: int, end: int, taken_until: list[int], limits: Limits) -> Placed[CellT]:
    """Returns the cell at a free slot, its span cut before a column that is taken, and marks its slots."""
    wanted = max(1, min(cell.column_span, MOST_COLUMNS_SPANNED, limits.span))
    width = 1
    while width < wanted and (column + width >= len(taken_until) or taken_until[column + width] <= row):
        width += 1
    # Not clamped by the limits: it cannot reach beyond rows that are there, and a shorter one would shift cells.
    height = max(1, min(cell.row_span or MOST_ROWS_SPANNED, end - row))
    taken_until.extend([0] * (column + width - len(taken_until)))
    taken_until[column : column + width] = [row + height] * width
    return Placed(cell, row, column, height, width, width < wanted)


def _without_empty_lanes(placed: list[Placed[CellT]]) -> tuple[list[Placed[CellT]], int, int]:
    """Renumbers the grid without the rows and columns in which no cell begins."""
    rows = sorted({item.row for item in placed})
    columns = sorted({item.column for item in placed})
    moved = []
    for item in placed:
        row, column = bisect_left(rows, item.row), bisect_left(columns, item.column)
        height = bisect_left(rows, item.row + item.row_span) - row
        width = bisect_left(columns, item.column + item.column_span) - column
        moved.append(Placed(item.cell, row, column, height, width, item.cut))
    return moved, len(rows), len(columns)
