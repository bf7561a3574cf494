"""The part of a table that lies on one page."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain import BBox, TableCell
from pipeline.grid.runs import Run


@dataclass(frozen=True, slots=True)
class Piece:
    """A grid on one page, before it is joined with those of the pages before and after.

    Attributes:
        xs: boundaries of the columns in points; `ys` likewise of the rows.
        cells: in row-major order.
        top_walls: for each column, true where a line closes it at the top; `bottom_walls` likewise.
        reading: `rulings`, `alignment`, `figures` or `camelot`; `reason` says why, where there was a choice.
        doubts: sentences.
        run: the lines that it was aligned from; None for ruled tables.
        head_rows: leading rows that are its head, where that is known (alignment).
        provisional: a single line, or blank rows, at the top of a page: rows if a table goes on there, else text or nothing.
        lanes: for each column from where to where its text runs, in points; empty for ruled tables.
    """

    page_no: int
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[TableCell, ...]
    top_walls: tuple[bool, ...]
    bottom_walls: tuple[bool, ...]
    reading: str
    reason: str | None = None
    doubts: tuple[str, ...] = ()
    lanes: tuple[tuple[float, float], ...] = ()
    run: Run | None = None
    head_rows: int = 0
    provisional: bool = False

    @property
    def bbox(self) -> BBox:
        """Hull of the lanes."""
        return BBox(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def column_extents(self) -> tuple[tuple[float, float], ...]:
        """From where to where each column runs: its text where that is known, else between its boundaries."""
        return self.lanes or tuple(zip(self.xs, self.xs[1:], strict=False))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.ys) - 1

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.xs) - 1
