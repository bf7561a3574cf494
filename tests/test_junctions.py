"""What no table can have tells of lines that print hides, and dots of a shade make no lines."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.grid.dither import without_dither
from pipeline.grid.image_rulings import find_rulings
from pipeline.grid.junctions import with_hidden_stretches
from pipeline.grid.lane_odds import judge
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruling_evidence import WHOLE, Evidence
from pipeline.grid.ruling_lanes import JudgedLane, SeenLane, Stretch, to_lanes
from pipeline.grid.strips import cut_strip
from pipeline.raster import Gray

DPI = 200.0


def page_of_three_rows() -> Gray:
    """Two columns; the left cell spans three rows, so the line between them carries every line of the right column."""
    page = np.full((400, 900), 252, np.uint8)
    for y, x0 in ((60, 60), (140, 400), (220, 400), (300, 60)):
        page[y : y + 2, x0:802] = 40
    for x in (60, 400, 800):
        page[60:302, x : x + 2] = 40
    return page


def verticals(page: Gray, at: int) -> list[tuple[int, int]]:
    return [(round(r.start), round(r.end)) for r in find_rulings(page, DPI).verticals if abs(r.at - at) < 5]


def test_a_stretch_hidden_by_print_is_drawn_where_lines_end_on_it():
    page = page_of_three_rows()
    page[150:206, 394:408] = 252
    page[150:172, 400:402] = 40
    page[176:200, 385:398:3] = 30
    page[176:200, 404:417:3] = 30
    (stretch,) = verticals(page, 400)
    assert stretch[0] <= 70 and stretch[1] >= 290


def judged(at: float, *stretches: tuple[float, float, Evidence, bool]) -> JudgedLane:
    piece = PixelRule(at, stretches[0][0], stretches[-1][1], 2.0, 1.0)
    (lane,) = to_lanes([piece], DPI)
    strip = cut_strip(np.zeros((10, 10), np.uint8), lane.course, lane.pieces, 0, 9, DPI)
    return JudgedLane(lane, strip, tuple(Stretch(a, b, e) for a, b, e, _ in stretches), tuple(d for *_, d in stretches))


@pytest.mark.parametrize(
    "evidence, begins_on_line, drawn",
    [
        (Evidence(0.25, 0.0, 0.0, 2, hugged=0.8), True, True),
        (Evidence(0.25, 0.0, 0.0, 2, hugged=0.8), False, False),
        (Evidence(0.25, 0.0, 0.0, 1, hugged=0.8), True, False),
        (Evidence(0.25, 0.0, 0.0, 2, hugged=0.0), True, False),
        (Evidence(0.0, 0.0, 0.0, 2, hugged=0.8), True, False),
    ],
    ids=["hidden", "begins nowhere", "does not reach the crossing", "clear paper", "nothing drawn"],
)
def test_a_line_with_letters_along_it_begins_on_the_line_that_goes_through(evidence, begins_on_line, drawn):
    line = judged(200, (400, 600, evidence, False), (600, 800, WHOLE, True))
    through = judged(400, (100, 200, WHOLE, begins_on_line), (200, 300, WHOLE, True))
    ending = judged(600, (100, 200, Evidence(0.0, 0.0, 0.0, 0), False), (200, 300, WHOLE, True))
    (found,) = with_hidden_stretches([line], [through, ending], DPI)
    assert found.drawn == (drawn, True)


@pytest.mark.parametrize(
    ("middle", "ends", "drawn"),
    [(Evidence(0.13, 0.1, 0.6, 2, hugged=0.9), True, True), (Evidence(0.13, 0.1, 0.6, 2, hugged=0.9), False, False),
     (Evidence(0.13, 0.0, 0.0, 2, hugged=0.0), True, False), (Evidence(0.13, 0.1, 0.6, 1, hugged=0.9), True, False)],
    ids=["hidden", "no line ends between", "clear paper", "does not reach the crossing"],
)  # fmt: skip
def test_stretches_in_a_row_that_print_hides_are_drawn_where_a_line_ends_at_each_crossing_between_them(middle, ends, drawn):
    stretches = [(a, a + 100, e, e is WHOLE) for a, e in zip((400, 500, 600, 700), (WHOLE, middle, middle, WHOLE), strict=True)]
    line = judged(200, *stretches)
    through = [judged(x, (100, 200, WHOLE, True), (200, 300, WHOLE, True)) for x in (400, 500, 700, 800)]
    between = judged(600, (100, 200, Evidence(0.0, 0.0, 0.0, 0), not ends), (200, 300, WHOLE, True))
    (found,) = with_hidden_stretches([line], [*through, between], DPI)
    assert found.drawn == (True, drawn, drawn, True)


def test_one_stretch_that_print_hides_is_drawn_only_where_a_line_ends_on_it() -> None:
    hidden = Evidence(0.13, 0.1, 0.6, 2, hugged=0.9)
    line = judged(200, (400, 500, WHOLE, True), (500, 600, hidden, False), (600, 700, WHOLE, True))
    through = [judged(x, (100, 200, WHOLE, True), (200, 300, WHOLE, True)) for x in (400, 500, 600, 700)]
    (found,) = with_hidden_stretches([line], through, DPI)
    assert found.drawn == (True, False, True)


def test_clear_paper_is_no_hidden_line():
    page = page_of_three_rows()
    page[143:219, 396:800] = 252
    page[143:219, 800:802] = 40
    assert not any(start < 160 and end > 200 for start, end in verticals(page, 400))


def shade(page: Gray, share: float) -> Gray:
    dots = np.random.default_rng(3).random((90, 340)) < share
    page[66:156, 66:406] = np.where(dots, 0, page[66:156, 66:406])
    return page


def test_dots_of_a_shade_are_taken_out_and_lines_stay():
    page = np.full((400, 900), 252, np.uint8)
    page[60:62, 60:410] = 0
    ink = 255 - shade(page, 0.1)
    left = without_dither(ink, DPI)
    assert (left[66:156, 66:406] > 90).mean() < 0.01
    assert (left[60:62, 60:410] > 90).all()


def test_dotted_lines_are_no_shade():
    page = np.full((400, 900), 252, np.uint8)
    for y in (60, 140, 220):
        page[y : y + 2, 60:802:6] = 0
        page[y : y + 2, 61:803:6] = 0
    for x in (60, 400, 800):
        page[60:222:6, x : x + 2] = 0
        page[61:223:6, x : x + 2] = 0
    ink = 255 - page
    assert np.array_equal(without_dither(ink, DPI), ink)


@pytest.mark.parametrize("gap", [0, 4])
def test_gray_lines_that_crumble_at_the_level_of_ink_are_no_shade(gap: int) -> None:
    """Their grain is a crowd of dark dots, but hardly lighter between: boxes of cells, a gap between two of them."""
    ink = np.full((400, 900), 4, np.uint8)
    for y in range(60, 302, 22):
        for x in range(60, 802, 30):
            ink[y + gap : y + 22, x : x + 2] = ink[y + gap : y + 22, x + gap : x + gap + 2] = 88
            ink[y : y + 2, x + gap : x + 30] = ink[y + gap : y + gap + 2, x + gap : x + 30] = 88
    is_line = ink == 88
    grainy = np.clip(ink + np.random.default_rng(4).normal(0, 7, ink.shape), 0, 255).astype(np.uint8)
    assert 0.2 < (grainy[is_line] > 90).mean() < 0.5
    left = without_dither(grainy, DPI)
    assert (left[is_line] > 60).mean() > 0.98


def test_dots_of_a_shade_beside_gray_lines_are_taken_out() -> None:
    ink = np.full((400, 900), 4, np.uint8)
    ink[60:62, 60:410] = 86
    ink[60:62, 60:410:7] = 95
    dots = np.random.default_rng(3).random((90, 340)) < 0.1
    ink[66:156, 66:406] = np.where(dots, 250, 4)
    left = without_dither(ink, DPI)
    assert (left[66:156, 66:406] > 90).mean() < 0.01
    assert (left[60:62, 60:410] > 60).all()


@pytest.mark.parametrize("found, hugged, through, drawn", [(44, 0.6, 0.2, False), (90, 0.6, 0.2, True), (44, 0.1, 0.0, True),
                                                           (0, 0.8, 0.0, False), (0, 0.0, 0.26, False)])  # fmt: skip
def test_strokes_of_figures_that_fill_a_cell_are_no_line_of_their_row(found, hugged, through, drawn):
    """Their pieces are short, while a line from side to side is found as one."""
    pieces = [PixelRule(200, 310, 310 + found, 2.0, 0.9)] if found else [PixelRule(200, 120, 160, 2.0, 0.9)]
    (lane,) = to_lanes(pieces, DPI)
    strip = cut_strip(np.zeros((400, 600), np.uint8), lane.course, lane.pieces, 0, 599, DPI)
    evidence = (Evidence(0.2, 0.0, 0.0, 0, hugged=0.3), Evidence(0.98, 0.0, 0.0, 2, hugged=hugged, through=through))
    seen = SeenLane(replace(lane, is_short=True), strip, (Stretch(100, 300, evidence[0]), Stretch(300, 396, evidence[1])))
    across = [s for at in (100, 300, 396) for s in [judged(at, (100, 300, WHOLE, True))]]
    assert [j.drawn for j in judge([seen], across, 0.0, DPI)] == ([(False, True)] if drawn else [])


@pytest.mark.parametrize("found, through, drawn", [(2, 0.45, False), (46, 0.45, True), (2, 0.1, True)])
def test_the_upright_of_a_letter_in_line_with_a_short_line_is_none(found, through, drawn):
    """Other strokes of its letter run through it, and no piece of a line was found there."""
    (lane,) = to_lanes([PixelRule(200, 250 - found, 400, 2.0, 1.0, True)], DPI)
    strip = cut_strip(np.zeros((400, 600), np.uint8), lane.course, lane.pieces, 0, 599, DPI)
    letter = Evidence(1.0, 0.05, 0.1, 2, hugged=0.3, through=through)
    seen = SeenLane(replace(lane, is_short=True), strip, (Stretch(200, 250, letter), Stretch(250, 400, WHOLE)))
    across = [judged(at, (100, 300, WHOLE, True)) for at in (200, 250, 400)]
    assert [j.drawn for j in judge([seen], across, 0.0, DPI, is_upright=True)] == [(drawn, True)]


@pytest.mark.parametrize("found, through, drawn", [(2, 0.45, False), (96, 0.45, True), (2, 0.1, True)])
def test_letters_level_with_a_line_of_other_columns_are_none(found, through, drawn):
    """Bold labels of a cell of two rows stand where the line between the rows of the cells beside it would go on."""
    (lane,) = to_lanes([PixelRule(200, 300 - found, 700, 2.0, 1.0)], DPI)
    strip = cut_strip(np.zeros((400, 900), np.uint8), lane.course, lane.pieces, 0, 899, DPI)
    letters = Evidence(0.97, 0.0, 0.0, 2, hugged=0.6, through=through)
    seen = SeenLane(lane, strip, (Stretch(200, 300, letters), Stretch(300, 500, WHOLE), Stretch(500, 700, WHOLE)))
    across = [judged(at, (100, 300, WHOLE, True)) for at in (200, 300, 500, 700)]
    assert [j.drawn for j in judge([seen], across, 0.0, DPI)] == [(drawn, True, True)]
