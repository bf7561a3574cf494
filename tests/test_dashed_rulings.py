"""Tables of dashed lines in low rows, where a row has room for two or three dashes."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline.grid.courses import to_course
from pipeline.grid.dashed import are_strokes
from pipeline.grid.dashed_rungs import find_dashed_rungs
from pipeline.grid.image_rulings import find_rulings
from pipeline.grid.lane_looks import look_at
from pipeline.grid.ridges import PixelRule, find_ridges
from pipeline.grid.ruling_evidence import NOTHING
from pipeline.grid.ruling_lanes import to_lanes
from pipeline.grid.strips import cut_strip
from pipeline.raster import Gray
from tests.test_image_rulings import NEAR, are, paper, scanned

DPI = 200.0
DASH, STEP, ROW = 8, 14, 33
XS = (100, 500, 800, 1100)


def dashes(page: Gray, at: int, start: int, end: int, dash: int = DASH, step: int = STEP) -> None:
    for x in range(start, end, step):
        page[at - 1 : at + 1, x : min(end, x + dash)] = 60


def cells(page: Gray, xs: Sequence[int], top: int, height: int = ROW) -> None:
    """Draws the edges of the cells of a row; the dashes of each begin anew."""
    for a, b in zip(xs, xs[1:], strict=False):
        for y in (top, top + height):
            dashes(page, y, a, b)
    for x in xs:
        dashes(page.T, x, top, top + height)


def table(heads: Sequence[int]) -> Gray:
    """Seven low rows; those of `heads` are parted at 650 in place of 500 and 800."""
    page = paper(height=400)
    for k in range(7):
        cells(page, (100, 650, 1100) if k in heads else XS, 100 + k * ROW)
    return page


@pytest.mark.parametrize("heads", [(1,), (1, 4), (0, 3, 6)])
def test_dashed_uprights_of_single_low_rows(heads: Sequence[int]) -> None:
    found = find_rulings(scanned(table(heads)), DPI)
    rows = [r for r in found.verticals if abs(r.at - 650) < NEAR]
    assert are(rows, [(650, 100 + k * ROW, 100 + (k + 1) * ROW) for k in heads], near=NEAR + STEP)


def test_uprights_of_other_dashes_than_those_of_the_page_are_none() -> None:
    page = table(())
    turned = np.ascontiguousarray(page.T)
    tall = [PixelRule(x, 100, 331, 2.0, 1.0, True) for x in XS]
    flat = [PixelRule(100 + k * ROW, 100, 1100, 2.0, 1.0, True) for k in range(8)]

    def found(dash: int, step: int) -> list[PixelRule]:
        with_more = turned.copy()
        dashes(with_more, 650, 100 + ROW, 100 + 2 * ROW, dash, step)
        ink = 255 - scanned(with_more)
        return find_dashed_rungs(ink, find_ridges(ink, DPI), flat, tall, DPI, np.zeros_like(ink))

    assert are(found(DASH, STEP), [(650, 100 + ROW, 100 + 2 * ROW)], near=NEAR + STEP)
    assert not found(5, 9)
    assert not found(14, 19)


def test_the_first_line_of_a_table_whose_sides_are_hardly_drawn_there() -> None:
    """A title has no other uprights."""
    page = paper(height=400)
    for k in range(7):
        cells(page, XS if k else (100, 1100), 100 + k * ROW)
    for x in (100, 1100):
        page[104:130, x - 4 : x + 4] = 252
    found = find_rulings(scanned(page), DPI)
    assert [r for r in found.horizontals if abs(r.at - 100) < NEAR and r.length > 900]


def lettered(is_dotted: bool) -> tuple[Gray, list[PixelRule]]:
    """A dashed line over twelve low rows, in the third of which the stroke of a letter stands in its place."""
    page = paper(height=400)
    for k in range(12):
        dashes(page, 200, 100 + k * ROW, 100 + (k + 1) * ROW)
    page[199:201, 166:199] = 252
    page[199:201, 171:193] = 60
    for side in (192, 208):
        cv2.line(page, (168, side), (197, side), 60, 2)
    return scanned(page), [PixelRule(199.5, 199, 496, 2.0, 1.0, is_dotted)]


def test_the_stroke_of_a_letter_that_fills_a_low_row_is_no_dashed_line() -> None:
    page, pieces = lettered(is_dotted=True)
    strip = cut_strip(255 - page, to_course(pieces), pieces, 90, 510, DPI)
    spans = [(100.0 + k * ROW, 133.0 + k * ROW) for k in range(12)]
    assert are_strokes(strip, spans, DPI) == [k == 2 for k in range(12)]


@pytest.mark.parametrize("is_dotted", [True, False])
def test_what_fills_a_low_row_is_a_stroke_only_on_lines_that_are_mostly_dashed(is_dotted: bool) -> None:
    page, pieces = lettered(is_dotted)
    across = to_lanes([PixelRule(100 + k * ROW, 120, 320, 2.0, 1.0) for k in range(13)], DPI)
    (seen,) = look_at(255 - page, to_lanes(pieces, DPI), across, DPI)
    assert (seen.stretches[2].evidence is NOTHING) == is_dotted


def test_dashed_uprights_of_heads_whose_last_gap_meets_a_line() -> None:
    """Heads of a title that covers several columns: their uprights are short, and below the title begins a gap."""
    page = paper(height=400)
    cells(page, (100, 1100), 100)
    cells(page, XS, 100 + ROW, 98)
    cells(page, XS, 198 + 33)
    page[100 + ROW + 2 : 100 + ROW + 10, 300:900] = 252
    found = find_rulings(scanned(page), DPI)
    for x in XS[1:-1]:
        assert are([r for r in found.verticals if abs(r.at - x) < NEAR], [(x, 100 + ROW, 264)], near=NEAR + STEP)


def test_dashes_of_a_low_row_with_letters_along_them_go_on_where_lines_end_on_them() -> None:
    """The lines of the right column end on the upright; in the last row a dash and a half of it are left."""
    page = paper(height=400)
    for k in range(7):
        cells(page, (500, 800, 1100), 100 + k * ROW)
    for x in (100, 500):
        dashes(page.T, x, 100, 100 + 7 * ROW)
    for y in (100, 100 + 7 * ROW):
        dashes(page, y, 100, 500)
    low = 100 + 6 * ROW
    page[low + 3 : low + ROW - 2, 498:502] = 252
    page[low + 9 : low + 18, 499:501] = page[low + 25 : low + ROW, 499:501] = 60
    for k in range(7):
        page[100 + k * ROW + 8 : 100 + k * ROW + 26 : 3, 507:520] = 30
    found = find_rulings(scanned(page), DPI)
    assert are([r for r in found.verticals if abs(r.at - 500) < NEAR], [(500, 100, 100 + 7 * ROW)], near=NEAR + STEP)
