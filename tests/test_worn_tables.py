"""Tables whose lines are worn: what is lost is drawn again where print and neighbours tell of it, and nowhere else."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from test_image_rulings import found_in, grid, paper

from pipeline.grid.image_rulings import ImageRulings
from pipeline.grid.lane_looks import look_at
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_lanes import to_lanes
from pipeline.raster import Gray

XS, ROW = (100, 300, 500, 700, 900), 44
PAPER = 252


def ys(first: int, rows: int) -> tuple[int, ...]:
    return tuple(range(first, first + ROW * rows + 1, ROW))


def worn(page: Gray, xs: Sequence[int], tops: Sequence[int], seed: int) -> Gray:
    """Rubs parts of lines off, as a tired copier does: short pieces at random places."""
    rng = np.random.default_rng(seed)
    for y in tops:
        for x in rng.integers(xs[0] + 20, xs[-1] - 50, 4):
            page[y - 4 : y + 5, x : x + 24] = PAPER
    for x in xs:
        for y in rng.choice(np.asarray(tops[:-1]), max(2, len(tops) // 3), replace=False):
            page[y + 10 : y + 30, x - 4 : x + 5] = PAPER
    return page


def write(page: Gray, text: str, middle: int, top: int) -> None:
    """Writes a figure or a word with its middle at a column, in the row that begins at `top`."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 2)
    cv2.putText(page, text, (middle - width // 2, top + (ROW + height) // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2)


def is_drawn(found: ImageRulings, at: int, top: int, bottom: int) -> bool:
    """True where a vertical ruling covers the middle of a stretch."""
    middle = (top + bottom) / 2
    return any(abs(r.at - at) <= 4 and r.start <= middle <= r.end for r in found.verticals)


def table(first: int = 80, rows: int = 9, seed: int = 1) -> tuple[Gray, tuple[int, ...]]:
    """Returns a worn table with a figure in each cell."""
    tops = ys(first, rows)
    page = worn(grid(paper(1000, tops[-1] + 200), XS, tops), XS, tops, seed)
    for y in tops[:-1]:
        for a, b in zip(XS[:-1], XS[1:], strict=True):
            write(page, "407", (a + b) // 2, y)
    return page, tops


@pytest.mark.parametrize("seed", range(4))
def test_a_worn_table_is_whole(seed: int) -> None:
    page, tops = table(seed=seed)
    found = found_in(page)
    lost = [(x, y) for x in XS for y in tops[:-1] if not is_drawn(found, x, y, y + ROW)]
    assert not lost


def test_a_stretch_that_is_lost_between_two_figures_is_drawn() -> None:
    page, tops = table()
    page[tops[4] + 2 : tops[5] - 1, XS[2] - 4 : XS[2] + 5] = PAPER
    assert is_drawn(found_in(page), XS[2], tops[4], tops[5])


@pytest.mark.parametrize("text", ["ARTICLE TWENTY PARAGRAPH FIVE", "a heading over all the columns"])
def test_the_letters_of_one_run_are_not_parted(text: str) -> None:
    page, tops = table()
    page[tops[4] + 2 : tops[5] - 1, XS[0] + 5 : XS[-1] - 5] = PAPER
    write(page, text, (XS[0] + XS[-1]) // 2, tops[4])
    found = found_in(page)
    assert not any(is_drawn(found, x, tops[4], tops[5]) for x in XS[1:-1])


def test_a_one_where_a_line_would_go_on_stays_print() -> None:
    """A figure in the middle of a cell that spans two columns stands where the line of the rows above would go on."""
    page, tops = table()
    page[tops[6] + 2 : tops[-1] - 1, XS[2] - 90 : XS[2] + 91] = PAPER
    for y in tops[7:-1]:
        page[y - 1 : y + 1, XS[2] - 90 : XS[2] + 91] = 40
    for y in tops[6:-1]:
        write(page, "1", XS[2], y)
    stem = np.flatnonzero(page[tops[6] + 14 : tops[6] + 30].min(axis=0)[XS[2] - 8 : XS[2] + 9] < 60) + XS[2] - 8
    found = found_in(page)
    for y in tops[6:-1]:
        assert not is_drawn(found, XS[2], y, y + ROW)
        assert not found.mask[y + 14 : y + 30, stem].any()


def test_paper_between_two_worn_tables_parts_them() -> None:
    first, second = ys(80, 8), ys(80 + ROW * 8 + 110, 8)
    page = paper(1000, second[-1] + 100)
    for seed, tops in ((1, first), (2, second)):
        worn(grid(page, XS, tops), XS, tops, seed)
    found = found_in(page)
    assert not any(is_drawn(found, x, first[-1], second[0]) for x in XS)
    assert is_drawn(found, XS[0], first[-2], first[-1]) and is_drawn(found, XS[0], second[0], second[1])


def test_rows_below_a_lost_piece_of_the_frame_belong_to_the_table() -> None:
    page, tops = table(rows=10)
    for x in (XS[0], XS[-1]):
        page[tops[6] + 2 : tops[7] - 1, x - 4 : x + 5] = PAPER
    found = found_in(page)
    for y in tops[7:-1]:
        assert all(is_drawn(found, x, y, y + ROW) for x in XS)


def test_lines_end_alike_where_the_frame_is_lost() -> None:
    page, tops = table()
    page[tops[0] - 6 : tops[-1] + 7, XS[-1] - 4 : XS[-1] + 5] = PAPER
    for k, y in enumerate(tops):
        page[y - 4 : y + 5, XS[-1] - 4 * (k % 4) : XS[-1] + 5] = PAPER
    ends = [r.end for r in found_in(page).horizontals]
    assert len(ends) == len(tops) and max(ends) - min(ends) <= 4


def test_worn_uprights_that_no_line_crosses_are_no_lines() -> None:
    page = paper(400, 400)
    lanes = to_lanes([PixelRule(100.0, 50.0, 350.0, 2.0, 0.9)], 200.0)
    assert look_at(page, lanes, [], 200.0, is_upright=True, is_worn=True) == []
