"""Figures that a coarse copy broke into dots are print; as many dots of dirt are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.layout.crumbs import crumbled_print, find_crumbs
from pipeline.layout.ink import find_ink, pale_print
from pipeline.layout.textlines import find_lines
from pipeline.raster import Gray
from tests.test_textlines import context, in_cell, paper

CELL = (300, 100, 420, 160)
LEFT_EDGE = 303
"""Where the figure begins: so close to the side of its cell that the mean over a letter's place tells nothing."""
FREE = (60, 100, 180, 160)
LEFT, SECOND = [(1, 0), (0, 5), (2, 10)], [(0, 0), (2, 6), (0, 12)]
"""Dots of the stroke of a figure, from its upper left corner."""


def crumbled(dots: list[tuple[int, int]], dirt: int = 0) -> Gray:
    """A page of letters, dirt of single pixels all over it, and in one cell what is left of a 0."""
    page = paper()
    context(page)
    rng = np.random.default_rng(3)
    # As much of it as on any page of a fax lies far from the cell, and the rest everywhere.
    page[10:90:16, 10:590:31] = 20
    page[rng.integers(0, 400, dirt), rng.integers(0, 600, dirt)] = 20
    for x, y in dots:
        page[120 + y : 124 + y, LEFT_EDGE + x] = 20
    return page


@pytest.mark.parametrize("dots", [LEFT, SECOND])
def test_crumbs_of_a_figure_are_read(dots: list[tuple[int, int]]) -> None:
    page = crumbled(dots)
    ink = find_ink(page, np.zeros_like(page), 200.0)
    assert pale_print(ink, CELL) is None
    (line,) = in_cell(find_lines(ink, [CELL, FREE], 200.0))
    x0, top, x1, bottom = line.hull
    assert (
        (x0, x1) == (LEFT_EDGE + min(x for x, _ in dots), LEFT_EDGE + 1 + max(x for x, _ in dots))
        and top <= 122
        and bottom >= 134
    )
    assert not in_cell(find_lines(ink, [CELL, FREE], 200.0), 1)


def test_crumbs_beside_a_speck_are_read_where_every_cell_has_a_piece_of_print() -> None:
    page = crumbled(LEFT)
    ink = find_ink(page, np.zeros_like(page), 200.0)
    # Pieces that are kept for their company, and as small as the dirt of the page.
    n = len(ink.numbers)
    specked = replace(
        ink,
        boxes=np.vstack([ink.boxes, [(400, 120, 401, 121), (100, 120, 101, 121)]]),
        numbers=np.append(ink.numbers, [n + 1, n + 2]),
        areas=np.append(ink.areas, [1, 1]),
    )
    assert specked.dirt > 1
    lines = find_lines(specked, [CELL, FREE], 200.0)
    assert len(in_cell(lines)) == 1 and not in_cell(lines, 1)


def test_dots_as_close_as_the_dirt_of_the_page_are_dirt() -> None:
    page = crumbled(LEFT, dirt=9000)
    assert crumbled_print(find_crumbs(find_ink(page, np.zeros_like(page), 200.0)), CELL) is None


@pytest.mark.parametrize(
    "dots",
    [[], LEFT[:1], [(0, 4), (60, 4), (20, 20), (90, 25)], [(4 * k, 8) for k in range(20)]],
    ids=["none", "one", "apart", "row"],
)
def test_what_is_no_figure_stays_dirt(dots: list[tuple[int, int]]) -> None:
    page = crumbled(dots)
    assert crumbled_print(find_crumbs(find_ink(page, np.zeros_like(page), 200.0)), CELL) is None


def test_what_is_left_of_the_side_of_a_cell_is_no_figure() -> None:
    page = crumbled([])
    page[110:122, 418] = page[126:140, 418] = 20
    assert crumbled_print(find_crumbs(find_ink(page, np.zeros_like(page), 200.0)), CELL) is None
    page[110:122, 400] = page[126:140, 400] = 20
    assert crumbled_print(find_crumbs(find_ink(page, np.zeros_like(page), 200.0)), CELL) == (400, 110, 401, 140)


@pytest.mark.parametrize("cell", [(0, 0, 4, 4), (598, 398, 640, 440), (300, 100, 301, 160)])
def test_a_cell_without_room_has_none(cell: tuple[int, int, int, int]) -> None:
    page = crumbled(LEFT)
    assert crumbled_print(find_crumbs(find_ink(page, np.zeros_like(page), 200.0)), cell) is None
