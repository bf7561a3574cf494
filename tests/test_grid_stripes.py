"""Two ruled grids with a line of text between them: rows of one table with coloured stripes, or two tables."""

from __future__ import annotations

from pipeline.grid.lattice import Lattice
from pipeline.grid.segments import words_to_segment_lines
from pipeline.grid.stripes import is_stripe
from tests.test_grid_unruled import left

ROW = (60.0, 260.0, 400.0, 536.0)


def grid(xs: tuple[float, ...], ys: tuple[float, ...]) -> Lattice:
    rows, columns = len(ys) - 1, len(xs) - 1
    return Lattice(xs, ys, ((True,) * (columns + 1),) * rows, ((True,) * columns,) * (rows + 1))


def is_striped(lower: tuple[float, ...], label: str) -> bool:
    row, below = grid(ROW, (60.0, 80.0)), grid(lower, (100.0, 120.0, 140.0))
    lines = words_to_segment_lines([left(label, 62, 86)])
    found = {is_stripe(g, [row, below], lines) for g in (row, below)}
    assert len(found) == 1
    return found.pop()


def test_a_label_between_rows_with_the_same_columns_is_a_row_without_lines():
    assert is_striped(ROW, "行政许可")
    # A label cell that spans rows parts the lower grid once more.
    assert is_striped((60.0, 160.0, 260.0, 400.0, 536.0), "行政许可")


def test_a_heading_whose_mark_was_lost_stands_between_tables_with_other_columns():
    assert not is_striped((60.0, 325.0, 355.0, 385.0, 415.0, 445.0, 475.0, 505.0, 536.0), "三收到和处理申请情况")


def test_a_grid_without_uprights_may_be_a_row_of_any_table():
    assert is_striped((60.0, 536.0), "行政许可")


def test_a_heading_with_its_mark_is_no_row():
    assert not is_striped(ROW, "三、收到和处理申请情况")
