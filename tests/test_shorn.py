"""A column that ends without a line, and into whose end a figure runs, is doubted whole."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.domain import BBox, Origin, Ruling, Table, TableCell
from pipeline.raster import Transform
from pipeline.run.cut_off import PageRim
from pipeline.run.shorn import SHORN, flag_shorn

X = (100.0, 160.0, 220.0, 280.0, 340.0)
"""The lines of a table with three columns or four; the last one is that of the sums."""
ROWS = ((100.0, 120.0), (120.0, 140.0), (140.0, 160.0))


def table(*columns: tuple[str, ...]) -> Table:
    cells = [
        TableCell(i, j, 1, 1, column[i], 1, BBox(X[j], top, X[j + 1], bottom))
        for i, (top, bottom) in enumerate(ROWS)
        for j, column in enumerate(columns)
    ]
    return Table(tuple(cells), len(ROWS), len(columns), 1, None, Origin.OCR, "rulings")


def rim(found: Table, right_gap: float, width: float, inner_gap: float = 20.0, is_closed: bool = False) -> PageRim:
    """Runs of `width` points, so far from the right side of their cell."""
    runs = [
        (c.bbox.x1 - gap - width, c.bbox.top + 5, c.bbox.x1 - gap, c.bbox.bottom - 5)
        for c in found.cells
        if c.bbox is not None and c.text
        for gap in [right_gap if c.column == found.n_columns - 1 else inner_gap]
    ]
    xs = X[: found.n_columns + is_closed]
    rulings = tuple(Ruling(x, ROWS[0][0], x, ROWS[-1][1], 1) for x in xs)
    whole = Transform((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 600, 600)
    return PageRim(whole, 72.0, (600, 600), rulings, None, np.asarray(runs))


CUT = table(("5", "7", "9"), ("4", "6", "8"), ("1", "", "1"))


def doubts(found: object) -> list[str | None]:
    assert isinstance(found, Table)
    return [c.doubt for c in found.cells]


def test_figures_that_run_into_an_open_end_are_doubted_and_blanks_beside_them() -> None:
    assert doubts(flag_shorn(CUT, {1: rim(CUT, 1.0, 6.0)})) == [None, None, SHORN] * 3


@pytest.mark.parametrize(
    "page",
    [
        rim(CUT, 1.0, 6.0, is_closed=True),
        rim(CUT, 20.0, 6.0),
        rim(CUT, 1.4, 57.4),
        rim(CUT, 1.0, 6.0, inner_gap=1.0),
    ],
    ids=["closed by a line", "white space beside it", "as wide as its cell", "flush with its line in all columns"],
)
def test_other_tables_stay(page: PageRim) -> None:
    assert doubts(flag_shorn(CUT, {1: page})) == [None] * 9


def test_a_table_without_uprights_stays() -> None:
    page = rim(CUT, 1.0, 6.0)
    bare = PageRim(page.transform, page.dpi, page.size, (), None, page.runs)
    assert doubts(flag_shorn(CUT, {1: bare})) == [None] * 9


@pytest.mark.parametrize(
    ("row", "doubted"),
    [
        (("2", "3", "4", "9"), False),
        (("5", "", "-", "5"), False),
        (("2", "3", "4", "8"), True),
        (("x", "2", "3", "5"), True),
        (("2", "3", "x", "5"), True),
        (("2", "3", "4", ""), True),
    ],
)
def test_a_figure_that_is_the_sum_of_its_row_lacks_no_digit(row: tuple[str, ...], doubted: bool) -> None:
    cut = table(*((text, "7", "9") for text in row[:-1]), (row[-1], "2", "1"))
    found = doubts(flag_shorn(cut, {1: rim(cut, 1.0, 6.0)}))
    assert found == [*[None] * 3, SHORN if doubted else None, *[*[None] * 3, SHORN] * 2]
