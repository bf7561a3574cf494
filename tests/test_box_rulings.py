"""Tables of which each cell has a box of its own, with a gap between the boxes, as browsers draw them without a style sheet."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.grid.courses import to_course
from pipeline.grid.image_rulings import ImageRulings, _drawn_rules, find_rulings
from pipeline.grid.line_pieces import find_lines
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_evidence import WHOLE, is_doubled
from pipeline.grid.ruling_lanes import JudgedLane, Stretch, to_lanes
from pipeline.grid.strips import cut_strip
from pipeline.raster import Gray

DPI, NEAR = 200.0, 4.0
Box = tuple[int, int, int, int]


def boxes(cells: Sequence[Box], gap: int = 4, level: int = 130) -> Gray:
    """Draws the boxes of cells, half of the gap inside of each, and one around them all."""
    x1, y1 = max(c[2] for c in cells), max(c[3] for c in cells)
    x0, y0 = min(c[0] for c in cells), min(c[1] for c in cells)
    page = np.full((y1 + 80, x1 + 80), 252, np.uint8)
    half = gap // 2
    for a, b, c, d in cells:
        cv2.rectangle(page, (a + half, b + half), (c - half, d - half), level, 2)
    cv2.rectangle(page, (x0 - half, y0 - half), (x1 + half, y1 + half), level, 2)
    return page


def scanned(page: Gray) -> Gray:
    noise = np.random.default_rng(5).normal(0, 3.0, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


def covers(rules: Sequence[PixelRule], at: float, start: float, end: float) -> bool:
    """True where one ruling lies at a place and goes over a part of the page."""
    return any(abs(r.at - at) <= NEAR and r.start <= start + 2 * NEAR and r.end >= end - 2 * NEAR for r in rules)


def beside_figures(page: Gray, xs: Sequence[int], y: int) -> Gray:
    """Puts upright strokes as of figures close to both sides of lines."""
    for x in xs:
        for at in (x - 9, x + 9):
            page[y - 9 : y + 9, at - 1 : at + 1] = 30
    return page


@pytest.mark.parametrize("width", [44, 62])
def test_columns_narrower_than_strokes_may_be_long(width: int) -> None:
    xs, ys = [80 + width * k for k in range(13)], (80, 122, 200, 242)
    # The first row is one cell.
    cells = [(xs[0], ys[0], xs[-1], ys[1])]
    cells += [(a, top, b, low) for top, low in pairwise(ys[1:]) for a, b in pairwise(xs)]
    found = find_rulings(scanned(beside_figures(boxes(cells), xs[1:-1], 221)), DPI)
    assert all(covers(found.horizontals, y, xs[0], xs[-1]) for y in ys)
    assert all(covers(found.verticals, x, ys[1], ys[-1]) for x in xs)
    assert not _inside(found, xs, (ys[0], ys[1]))


def test_a_row_below_a_cell_that_spans_all_columns() -> None:
    xs, ys = (80, 480, 900, 1300), [80 + 42 * k for k in range(13)]
    cells: list[Box] = []
    for k, (top, low) in enumerate(pairwise(ys)):
        row = [(xs[0], xs[-1])] if k % 4 == 0 else list(pairwise(xs))
        cells += [(a, top, b, low) for a, b in row]
    found = find_rulings(scanned(boxes(cells)), DPI)
    for first in range(0, 12, 4):
        assert all(covers(found.verticals, x, ys[first + 1], ys[first + 4]) for x in xs)
        assert not _inside(found, xs, (ys[first], ys[first + 1]))


def _inside(found: ImageRulings, xs: Sequence[int], band: tuple[int, int]) -> bool:
    """True where an inner upright goes through a row."""
    middle = sum(band) / 2
    return any(r.start < middle < r.end and xs[0] + NEAR < r.at < xs[-1] - NEAR for r in found.verticals)


def piece(at: float, start: float, end: float) -> PixelRule:
    return PixelRule(at, start, end, 2.0, 1.0)


def test_short_sides_make_a_line_only_beside_another_line() -> None:
    sides = [piece(100.0, 44.0 * k, 44.0 * k + 38) for k in range(10)]
    others = [p._replace(at=104.0) for p in sides]
    assert [whole for *_, whole in find_lines(sides, DPI)] == [False]
    assert [whole for *_, whole in find_lines([*sides, *others], DPI)] == [True, True]
    apart = [p._replace(end=p.end - 12) for p in (*sides, *others)]
    assert [whole for *_, whole in find_lines(apart, DPI)] == [False, False]


def test_a_line_in_parts_beside_a_whole_one_runs_in_the_middle_of_both() -> None:
    course = to_course([piece(100.0, 0.0, 440.0), *(piece(104.0, 44.0 * k, 44.0 * k + 38) for k in range(10))])
    assert np.allclose(course.at(np.arange(20, 420)), 102.0)
    assert course.half == 3.0


def test_boxes_below_one_another_are_a_double_line() -> None:
    strokes = [piece(at, start, start + 38) for at in (100.0, 104.0) for start in (204.0, 246.0)]
    assert is_doubled(strokes, 200, 286, DPI)
    assert not is_doubled(strokes, 190, 286, DPI)
    assert not is_doubled(strokes[:2], 200, 286, DPI)


@pytest.mark.parametrize("level", [218, 228])
def test_pale_uprights_that_reach_from_line_to_line(level: int) -> None:
    page = np.full((460, 1200), 252, np.uint8)
    xs, ys = (100, 300, 520, 800, 1100), (80, 220, 360)
    for x in xs[1:-1]:
        page[ys[0] : ys[-1], x - 1 : x + 1] = level
    for y in ys:
        page[y - 1 : y + 1, xs[0] : xs[-1]] = 40
    for x in (xs[0], xs[-1]):
        page[ys[0] : ys[-1], x - 1 : x + 1] = 40
    found = find_rulings(scanned(page), DPI)
    assert len(found.verticals) == len(xs)
    assert all(covers(found.verticals, x, ys[0], ys[-1]) for x in xs)


def test_a_line_is_masked_beside_a_figure_that_nearly_touches_it() -> None:
    """What is left of it there would be read as a 1 behind the figure."""
    page = np.full((80, 400), 252, np.uint8)
    page[39:42, 50:350] = 170
    page[46:66, 180:210] = 60
    lane = to_lanes([piece(40.0, 50.0, 180.0), piece(40.0, 210.0, 350.0)], DPI)[0]
    strip = cut_strip(255 - page, lane.course, lane.pieces, 40, 360, DPI)
    mask = np.zeros_like(page)
    _drawn_rules([JudgedLane(lane, strip, (Stretch(50, 350, WHOLE),), (True,))], mask, DPI)
    assert mask[39:42, 52:348].all()
    assert not mask[46:66].any()
    page[20:66, 180:210] = 60
    strip = cut_strip(255 - page, lane.course, lane.pieces, 40, 360, DPI)
    mask[:] = 0
    _drawn_rules([JudgedLane(lane, strip, (Stretch(50, 350, WHOLE),), (True,))], mask, DPI)
    assert not mask[:, 184:206].any()


def test_sides_of_boxes_beside_one_longer_piece_keep_their_own_course() -> None:
    sides = [PixelRule(872.0, float(y), y + 57.0, 3.0, 1.0) for y in range(176, 1700, 62)]
    course = to_course(sorted([*sides, PixelRule(866.0, 179.0, 468.0, 2.0, 1.0)], key=lambda p: p.start))
    # The longer piece is not the line, though nothing else is as long.
    assert all(abs(float(course.at(y)) - 872) < 1 for y in range(180, 1700, 50))


def test_a_line_runs_between_the_two_sides_of_boxes_where_both_are_found() -> None:
    sides = [PixelRule(2034.0, float(x), x + 81.0, 3.0, 1.0) for x in range(200, 1000, 84)]
    sides += [PixelRule(at, 1100.0, 1181.0, 3.0, 1.0) for at in (2032.0, 2036.0)]
    assert all(abs(float(to_course(sides).at(x)) - 2034) < 0.1 for x in range(200, 1200, 50))


@pytest.mark.parametrize(("short", "drawn"), [(5, True), (16, False)])
def test_sides_that_end_short_of_the_next_line_are_drawn_and_strokes_of_half_a_row_are_not(short: int, drawn: bool) -> None:
    page = np.full((560, 900), 252, np.uint8)
    xs, ys = range(60, 841, 130), range(60, 501, 44)
    for y in ys:
        page[y : y + 2, 60:842] = 110
    for x in (60, 840):
        page[60:502, x : x + 2] = 110
    for x in xs[1:-1]:
        for top, low in pairwise(ys):
            page[top + 2 : low - short, x : x + 2] = 110
    found = find_rulings(scanned(page), DPI)
    assert all(covers(found.verticals, x, 60, 500) for x in xs[1:-1]) == drawn
