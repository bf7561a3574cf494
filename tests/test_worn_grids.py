"""Worn grids are made whole by what all tables have in common: cells are rectangles, columns go on, figures stand in lines."""

import numpy as np
import pytest
from test_image_rulings import found_in, grid, paper
from test_worn_tables import PAPER, ROW, XS, is_drawn, worn, write, ys

from pipeline.grid.image_rulings import ImageRulings
from pipeline.grid.pitch import in_pitch
from pipeline.grid.ridges import PixelRule
from pipeline.grid.worn_tables import worn_tables
from pipeline.raster import Gray

DPI = 200.0
PADDING = 5


def flush_table(rows: int = 9, right: bool = True) -> tuple[Gray, tuple[int, ...]]:
    """A worn table whose figures are set flush against one of their lines."""
    tops = ys(80, rows)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, 3)
    for k, y in enumerate(tops[:-1]):
        for a, b in zip(XS[:-1], XS[1:], strict=True):
            text = ("407", "8", "62")[k % 3]
            half = 7 * len(text) + 1
            write(page, text, b - PADDING - half if right else a + PADDING + half, y)
    return page, tops


def without(page: Gray, x: int, top: int, bottom: int) -> None:
    """Rubs an upright off between two lines, but for the print beside it."""
    page[top + 3 : bottom - 2, x - 3 : x + 4] = PAPER


def has_line(found: ImageRulings, y: int, left: int, right: int) -> bool:
    middle = (left + right) / 2
    return any(abs(r.at - y) <= 4 and r.start <= middle <= r.end for r in found.horizontals)


@pytest.mark.parametrize("right", [True, False])
def test_figures_set_flush_tell_of_a_lost_upright(right: bool) -> None:
    page, tops = flush_table(right=right)
    without(page, XS[2], tops[3], tops[5])
    found = found_in(page)
    assert is_drawn(found, XS[2], tops[3], tops[4]) and is_drawn(found, XS[2], tops[4], tops[5])


def test_an_upright_lost_in_a_blank_row_is_drawn_where_the_others_part_it() -> None:
    tops = ys(80, 9)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, 2)
    for y in tops[:-1]:
        write(page, "407", (XS[0] + XS[1]) // 2, y)
    without(page, XS[2], tops[4], tops[5])
    for x in (XS[1], XS[3]):
        page[tops[4] : tops[5], x - 1 : x + 1] = 40
    assert is_drawn(found_in(page), XS[2], tops[4], tops[5])


def test_a_title_over_all_columns_stays_one_cell() -> None:
    tops = ys(80, 9)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, 2)
    for y in tops[:-1]:
        for a, b in zip(XS[:-1], XS[1:], strict=True):
            if y != tops[4]:
                write(page, "407", (a + b) // 2, y)
    for x in XS[1:-1]:
        without(page, x, tops[4], tops[5])
    write(page, "TITLE", (XS[0] + XS[-1]) // 2, tops[4])
    found = found_in(page)
    assert not any(is_drawn(found, x, tops[4], tops[5]) for x in XS[1:-1])


def test_no_line_goes_on_through_a_row_of_letters() -> None:
    """A cell over two rows, its text just where the line between the rows of the other columns would go on."""
    tops = ys(80, 9)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, 1)
    for y in tops[:-1]:
        for a, b in zip(XS[1:-1], XS[2:], strict=True):
            write(page, "407", (a + b) // 2, y)
    y = tops[3]
    page[y - 4 : y + 5, XS[0] + 3 : XS[1] - 2] = PAPER
    write(page, "HEHETEHE", (XS[0] + XS[1]) // 2, y - ROW // 2)
    assert not has_line(found_in(page), y, XS[0], XS[1])


def test_a_corner_within_a_table_is_mended() -> None:
    """The line below a title is lost at its right end: the cell under it would have the shape of an L."""
    tops = ys(80, 9)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, 2)
    for y in tops[1:-1]:
        for a, b in zip(XS[:-1], XS[1:], strict=True):
            write(page, "407", (a + b) // 2, y)
    for x in XS[1:-1]:
        without(page, x, tops[0], tops[1])
    page[tops[1] - 4 : tops[1] + 5, XS[-2] + 3 : XS[-1] - 2] = PAPER
    found = found_in(page)
    assert has_line(found, tops[1], XS[-2], XS[-1])
    assert not any(is_drawn(found, x, tops[0], tops[1]) for x in XS[1:-1])


def rule(at: float, start: float, end: float, strength: float = 1.0) -> PixelRule:
    return PixelRule(at, start, end, 2.0, strength)


def broken_rows(rows: int = 6) -> list[PixelRule]:
    return [rule(200 + 50 * k, 100 + 20 * (k % 2), 1100 - 30 * (k % 3), 0.7) for k in range(rows)]


def test_broken_rows_with_a_rest_of_an_upright_across_are_a_table() -> None:
    (box,) = worn_tables(broken_rows(), [rule(600, 220, 330)], DPI)
    assert (box.x0, box.top, box.x1, box.bottom) == (100, 200, 1100, 450)


@pytest.mark.parametrize("uprights", [[], [rule(600, 205, 245)]])
def test_rows_alone_are_no_table_with_columns(uprights: list[PixelRule]) -> None:
    assert not worn_tables(broken_rows(), uprights, DPI)


def test_whole_rows_need_no_such_help() -> None:
    whole = [rule(200 + 50 * k, 100, 1100) for k in range(6)]
    assert not worn_tables(whole, [rule(600, 220, 330)], DPI)


def test_a_gap_between_tables_parts_them() -> None:
    lines = [*broken_rows(), *(r._replace(at=r.at + 500) for r in broken_rows())]
    assert len(worn_tables(lines, [rule(600, 220, 330), rule(600, 720, 830)], DPI)) == 2


def test_the_pitch_of_columns_tells_a_rest_of_a_line_from_a_stroke() -> None:
    places = [100.0, 200.0, 300.0, 400.0, 500.0, 700.0, 800.0, 1100.0]
    assert in_pitch(places, [600.0, 640.0, 902.0, 1001.0, 50.0], DPI) == [True, False, True, True, False]


def test_columns_of_all_widths_have_no_pitch() -> None:
    assert in_pitch([100.0, 230.0, 300.0, 450.0, 700.0], [600.0], DPI) == [False]


def test_the_mask_covers_what_is_left_of_lines_alone() -> None:
    page, tops = flush_table()
    found = found_in(page)
    figure = page[tops[1] + 8 : tops[2] - 8, XS[1] - PADDING - 12 : XS[1] - PADDING - 3] < 90
    covered = found.mask[tops[1] + 8 : tops[2] - 8, XS[1] - PADDING - 12 : XS[1] - PADDING - 3] > 0
    assert figure.any() and not np.any(figure & covered)
