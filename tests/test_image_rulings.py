"""Rulings are found where they were drawn, in pixels, and nothing else is taken for one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from bench.damage import FONTS
from pipeline.domain import BBox
from pipeline.grid.courses import to_course
from pipeline.grid.dashed import are_dashed
from pipeline.grid.dots import has_even_dots, is_dashed
from pipeline.grid.dotted import are_dotted
from pipeline.grid.image_rulings import ImageRulings, find_rulings, to_rulings
from pipeline.grid.lane_odds import wear_of
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruled_regions import _parted
from pipeline.grid.ruling_evidence import WHOLE, Evidence, is_doubled, weigh
from pipeline.grid.strips import Strip, cut_strip
from pipeline.raster import Gray

DPI = 200.0
XS, YS = (100, 300, 520, 800, 1100), (80, 150, 220, 300, 400)
NEAR = 4.0
Line = tuple[float, float, float]


def paper(width: int = 1200, height: int = 500) -> Gray:
    return np.full((height, width), 252, np.uint8)


def flat(page: Gray, at: int, start: int, end: int, thickness: int = 2, level: int = 40) -> None:
    first = at - thickness // 2
    page[first : first + thickness, start - thickness // 2 : end + (thickness + 1) // 2] = level


def tall(page: Gray, at: int, start: int, end: int, thickness: int = 2, level: int = 40) -> None:
    flat(page.T, at, start, end, thickness, level)


def grid(page: Gray, xs: Sequence[int] = XS, ys: Sequence[int] = YS, thickness: int = 2, level: int = 40) -> Gray:
    for y in ys:
        flat(page, y, xs[0], xs[-1], thickness, level)
    for x in xs:
        tall(page, x, ys[0], ys[-1], thickness, level)
    return page


def scanned(page: Gray, sigma: float = 3.0) -> Gray:
    """Blurs as a scanner does, and adds its grain."""
    noise = np.random.default_rng(5).normal(0, sigma, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


def written(page: Gray, text: str, places: Sequence[tuple[int, int]], size: int) -> Gray:
    """Prints a text with its upper left corner at places, in a Chinese font."""
    path = next((p for p in FONTS if Path(p).exists()), None)
    if path is None:
        pytest.skip("no Chinese font is installed")
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    for place in places:
        draw.text(place, text, font=ImageFont.truetype(path, size), fill=20)
    return np.array(image, dtype=np.uint8)


def found_in(page: Gray) -> ImageRulings:
    return find_rulings(scanned(page), DPI)


def are(rules: Sequence[PixelRule], wanted: Sequence[Line], near: float = NEAR) -> bool:
    """True where rulings are the wanted lines (place, start, end), one for one."""
    found = [r[:3] for r in rules]
    if len(found) != len(wanted):
        return False
    return all(any(np.allclose(f, w, atol=near) for f in found) for w in wanted)


def is_grid(found: ImageRulings, xs: Sequence[int] = XS, ys: Sequence[int] = YS, near: float = NEAR) -> bool:
    return are(found.horizontals, [(y, xs[0], xs[-1]) for y in ys], near) and are(
        found.verticals, [(x, ys[0], ys[-1]) for x in xs], near
    )


@pytest.mark.parametrize(("thickness", "level"), [(1, 60), (2, 40), (2, 170), (4, 40), (8, 20)])
def test_a_grid_of_thin_pale_and_thick_lines(thickness: int, level: int) -> None:
    found = found_in(grid(paper(), thickness=thickness, level=level))
    assert is_grid(found)
    assert all(abs(r.thickness - thickness) <= 1.5 for r in (*found.horizontals, *found.verticals))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(50, 260), min_size=2, max_size=6),
    st.lists(st.integers(34, 120), min_size=2, max_size=6),
)
def test_any_regular_grid(widths: list[int], heights: list[int]) -> None:
    xs = [40 + sum(widths[:k]) for k in range(len(widths) + 1)]
    ys = [40 + sum(heights[:k]) for k in range(len(heights) + 1)]
    if xs[-1] - xs[0] < 170 or ys[-1] - ys[0] < 170:  # shorter than any table
        return
    assert is_grid(found_in(grid(paper(xs[-1] + 40, ys[-1] + 40), xs, ys)), xs, ys)


def test_a_double_line_is_one_ruling() -> None:
    page = grid(paper(), ys=YS[1:])
    for y in (YS[0] - 3, YS[0] + 3):
        flat(page, y, XS[0], XS[-1])
    for x in XS:
        tall(page, x, YS[0], YS[1])
    found = found_in(page)
    assert is_grid(found)
    assert (found.mask[page < 100] > 0).mean() > 0.99


@pytest.mark.parametrize("apart", [6, 8, 9])
def test_two_lines_with_no_room_for_print_between_them_are_one(apart: int) -> None:
    """A repeated head ends so above the first row of its page: each is close beside the other, and neither is print."""
    page = grid(paper(), ys=YS[1:])
    flat(page, YS[1] - apart, XS[0], XS[2] + 40)
    for x in XS:
        tall(page, x, YS[0], YS[1])
    flat(page, YS[0], XS[0], XS[-1])
    found = found_in(page)
    assert len(found.horizontals) == len(YS) and len(found.verticals) == len(XS)
    assert abs(found.horizontals[1].start - XS[0]) < NEAR and abs(found.horizontals[1].end - XS[-1]) < NEAR


def test_the_thin_line_of_a_bold_frame_is_masked_though_no_paper_parts_them() -> None:
    page = grid(paper())
    tall(page, XS[-1] + 8, YS[0], YS[-1], thickness=7, level=60)
    tall(page, XS[-1], YS[0], YS[-1], thickness=3, level=110)
    found = found_in(page)
    assert (found.mask[YS[0] : YS[-1], XS[-1]] > 0).all()


@pytest.mark.parametrize("apart", [6, 7])
def test_uprights_reach_a_bold_frame_from_the_thin_line_inside_it(apart: int) -> None:
    xs, ys = (100, *XS[1:-1], 1100), (80, 128, 168, 216)
    inner_xs, inner_ys = (100 + apart, *xs[1:-1], 1100 - apart), (80 + apart, *ys[1:-1], 216 - apart)
    page = grid(grid(paper(), xs=inner_xs, ys=inner_ys), xs=(100, 1100), ys=(80, 216), thickness=6)
    assert is_grid(found_in(scanned(page, sigma=1.0)), xs, ys, near=apart + NEAR)


def test_two_bold_frames_back_to_back_are_a_ruling() -> None:
    """A repeated head above a body, each in a bold frame with a thin line: the thin ones are one, with no paper beside any."""
    page = grid(paper(), ys=[YS[0], *YS[2:]])
    for y, thickness, level in ((-7, 5, 20), (0, 2, 80), (7, 5, 20)):
        flat(page, YS[1] + y, XS[0], XS[-1], thickness=thickness, level=level)
    found = found_in(page)
    assert any(
        abs(rule.at - YS[1]) <= 8 and rule.start <= XS[0] + NEAR and rule.end >= XS[-1] - NEAR for rule in found.horizontals
    )
    assert (found.mask[page < 100] > 0).mean() > 0.99


def test_a_thick_frame_around_thin_lines() -> None:
    page = grid(paper())
    cv2.rectangle(page, (XS[0], YS[0]), (XS[-1], YS[-1]), 20, 7)
    assert is_grid(found_in(page))


def test_dotted_lines_inside_a_frame() -> None:
    page = paper()
    for y in YS[1:-1]:
        for x in range(XS[0], XS[-1], 6):
            page[y : y + 2, x : x + 3] = 40
    cv2.rectangle(page, (XS[0], YS[0]), (XS[-1], YS[-1]), 40, 2)
    for x in XS[1:-1]:
        tall(page, x, YS[0], YS[-1])
    assert is_grid(found_in(page))


@pytest.mark.parametrize(("step", "dot", "level"), [(6.5, 2, 120), (8.3, 3, 90), (5.0, 2, 140)])
def test_lines_of_fine_dots_alone(step: float, dot: int, level: int) -> None:
    page = paper()
    for y in YS:
        for x in np.arange(XS[0], XS[-1], step).astype(int):
            page[y - 1 : y + 1, x : x + dot] = level
    for x in XS:
        for y in np.arange(YS[0], YS[-1], step).astype(int):
            page[y : y + dot, x - 1 : x + 1] = level
    assert is_grid(found_in(page), near=NEAR + step)


def dashed_table(step: int, dash: int, shade: int) -> Gray:
    """Two rows of 40 pixels, the upper one shaded, with all lines in dots or dashes that begin anew in each cell."""
    page = paper(height=300)
    xs, ys = (100, 500, 1100), (100, 140, 180)
    page[100:140, 100:1100] -= shade
    for y in ys:
        for x in range(xs[0], xs[-1], step):
            page[y - 1 : y + 1, x : x + dash] = 40
    for x in xs:
        for top, bottom in pairwise(ys):
            for y in range(top, bottom, step):
                page[y : min(bottom, y + dash), x - 1 : x + 1] = 40
    return page


@pytest.mark.parametrize(("step", "dash", "shade"), [(7, 3, 20), (14, 8, 0), (14, 8, 40), (10, 6, 20)])
def test_two_rows_of_dots_or_dashes(step: int, dash: int, shade: int) -> None:
    found = found_in(dashed_table(step, dash, shade))
    assert are(found.horizontals, [(y, 100, 1100) for y in (100, 140, 180)], near=NEAR + step)
    assert are(found.verticals, [(x, 100, 180) for x in (100, 500, 1100)], near=NEAR + step)


def test_a_region_is_parted_between_two_open_rows() -> None:
    """The uprights of the last row end on the paper, and one of the first row of the next table begins there."""
    lines = [PixelRule(y, 100, 1100, 2, 1.0) for y in (100, 150, 200, 400, 450)]
    uprights = [PixelRule(x, top, bottom, 2, 1.0) for x in (400, 700) for top, bottom in ((100, 248), (400, 500))]
    hull, first = BBox(100, 100, 1100, 500), PixelRule(600, 350, 400, 2, 1.0)
    parts = _parted(hull, lines, uprights, [*uprights, first], DPI)
    assert parts == [BBox(100, 100, 1100, 248), BBox(100, 350, 1100, 500)]
    broken = [PixelRule(400, 100, 222, 2, 1.0), *uprights[1:]]
    assert _parted(hull, lines, uprights, [*broken, first], DPI) == [hull]


def test_a_table_without_an_outer_frame() -> None:
    page = paper()
    for y in YS:
        flat(page, y, XS[0], XS[-1])
    for x in XS[1:-1]:
        tall(page, x, YS[0], YS[-1])
    found = found_in(page)
    assert are(found.horizontals, [(y, XS[0], XS[-1]) for y in YS])
    assert are(found.verticals, [(x, YS[0], YS[-1]) for x in XS[1:-1]])


@pytest.mark.parametrize(("reach", "counts"), [(420, True), (120, False)])
def test_the_upper_line_of_a_head_that_its_page_ends_below_runs_on_over_its_labels(reach: int, counts: bool) -> None:
    """The side of the table is open, and the lines of its rows are on the next page; a stroke of a pen is shorter."""
    page = paper()
    xs = (520, 640, 800, 960, 1100)
    flat(page, 80, xs[0] - reach, xs[-1])
    flat(page, 150, xs[0], xs[-1])
    for x in xs[:-1]:
        tall(page, x, 80, 400)
    (upper, lower) = found_in(scanned(page)).horizontals
    assert abs(upper.start - (xs[0] - reach * counts)) < NEAR and abs(upper.end - xs[-1]) < 2 * NEAR
    assert abs(lower.start - xs[0]) < NEAR


def test_spans_interrupt_lines() -> None:
    page = paper()
    for y in YS:
        for a, b in zip(XS, XS[1:], strict=False):
            if (y, a) != (YS[1], XS[0]):  # the first cell is two rows high
                flat(page, y, a, b)
    for x in XS:
        for a, b in zip(YS, YS[1:], strict=False):
            if (x, a) not in ((XS[2], YS[0]), (XS[3], YS[0]), (XS[3], YS[3])):
                tall(page, x, a, b)
    found = found_in(page)
    assert are(found.horizontals, [(y, XS[1] if y == YS[1] else XS[0], XS[-1]) for y in YS])
    wanted = {XS[2]: (YS[1], YS[4]), XS[3]: (YS[1], YS[3])}
    assert are(found.verticals, [(x, *wanted.get(x, (YS[0], YS[-1]))) for x in XS])


@pytest.mark.parametrize("bite", [8, 20])
def test_worn_lines_go_on(bite: int) -> None:
    page = grid(paper())
    rng = np.random.default_rng(3)
    for y in YS:
        for x in rng.integers(XS[0] + 30, XS[-1] - 60, 6):
            page[y - 3 : y + 4, x : x + bite] = 252
    for x in XS:
        for y in rng.integers(YS[0] + 12, YS[-1] - 35, 3):
            page[y : y + bite, x - 3 : x + 4] = 252
    assert is_grid(found_in(page), near=NEAR + bite)


@pytest.mark.parametrize("text", ["一二三工王", "田目囯回画", "1174-—1", "行政处罚"])
@pytest.mark.parametrize("lift", [1, 5])
def test_strokes_of_print_close_to_lines_are_no_rulings(text: str, lift: int) -> None:
    places = [(x + 6, y - 30 - lift) for x in XS[:-1] for y in YS[1:]]
    assert is_grid(found_in(written(grid(paper()), text, places, 30)))


@pytest.mark.parametrize(("stroke", "wear"), [("floating", 0.0), ("figure", 0.0), ("", 1.0)])
def test_strokes_as_long_as_figures_are_no_wear_of_lines(stroke: str, wear: float) -> None:
    # The lane of a table below goes on through a column of noughts, each of which has a stroke in line with it.
    through = [Evidence(0.47, 0.02, 0.02, 0, stroke)] * 20
    lanes = [([WHOLE] * 20, 4), (through, 1)]
    seen: list[Any] = [
        SimpleNamespace(lane=SimpleNamespace(is_short=False), stretches=[SimpleNamespace(evidence=e) for e in evidence])
        for evidence, count in lanes
        for _ in range(count)
    ]
    assert wear_of(seen) == wear


def test_columns_of_one_letter_are_no_ruling() -> None:
    page = paper(1200, 900)
    ys = range(60, 820, 40)
    cv2.rectangle(page, (100, 60), (1100, 820), 40, 2)
    for y in ys:
        flat(page, y, 100, 1100)
    page = written(page, "1", [(600, y + 4) for y in ys[:-1]], 30)
    page = written(page, "一", [(x, y + 4) for x in range(640, 1040, 30) for y in ys[:-1]], 30)
    found = found_in(page)
    assert are(found.horizontals, [(y, 100, 1100) for y in (*ys, 820)])
    assert are(found.verticals, [(x, 60, 820) for x in (100, 1100)])


@pytest.mark.parametrize(("text", "size", "pitch"), [("目", 30, 31), ("田", 36, 36), ("国", 40, 41), ("1", 36, 30)])
def test_letters_stacked_in_a_tall_cell_are_no_ruling(text: str, size: int, pitch: int) -> None:
    page = grid(paper(1200, 700), XS, (80, 150, 600))
    for x in (150, 380, 600):
        page = written(page, text, [(x, y) for y in range(160, 590 - size, pitch)], size)
    assert is_grid(found_in(page), XS, (80, 150, 600))


@pytest.mark.parametrize(
    ("text", "size"), [("一一二三工王目11一四", 30), ("二〇二三年政府信息公开工作年度报告", 60), ("第二十三条第一项王家口", 60)]
)
def test_text_has_no_rulings(text: str, size: int) -> None:
    page = written(paper(), text, [(60, y) for y in range(20, 440, size + 10)], size)
    found = found_in(page)
    assert not found.horizontals and not found.verticals and not found.mask.any()


def test_an_empty_or_tiny_picture_has_no_rulings() -> None:
    for height, width in ((1, 1), (5, 7), (3, 900), (900, 3), (300, 300)):
        found = find_rulings(np.full((height, width), 255, np.uint8), DPI)
        assert not found.horizontals and not found.verticals
        assert found.mask.shape == (height, width)
    found = find_rulings(np.zeros((300, 300), np.uint8), DPI)
    assert not found.horizontals and not found.verticals


def test_a_long_line_alone_counts_and_an_underline_does_not() -> None:
    page = paper()
    flat(page, 100, 100, 900)
    flat(page, 300, 100, 300)
    found = found_in(page)
    assert are(found.horizontals, [(100, 100, 900)])
    assert not found.verticals


def test_bits_of_a_worn_line_alone_belong_to_it_as_far_as_lines_above_and_below_reach() -> None:
    page = paper()
    flat(page, 100, 100, 1090)
    flat(page, 300, 100, 1090)
    bits = ((100, 130), (260, 290), (300, 660), (690, 735), (835, 910), (960, 1020), (1060, 1090))
    for start, end in bits:
        flat(page, 200, start, end)
    found = found_in(scanned(page, sigma=1.0))
    assert are(found.horizontals, [(y, 100, 1090) for y in (100, 200, 300)], near=8)
    assert all(found.mask[197:204, start + 3 : end - 3].any(axis=0).all() for start, end in bits)


def test_two_lines_that_meet_are_no_table() -> None:
    page = paper()
    flat(page, 100, 100, 900)
    tall(page, 500, 100, 400)
    found = found_in(page)
    assert are(found.horizontals, [(100, 100, 900)])
    assert not found.verticals


@pytest.mark.parametrize("gap", [24, 50])
def test_two_tables_close_to_each_other_stay_two(gap: int) -> None:
    page = paper(1200, 900)
    lower = [y + YS[-1] - YS[0] + gap for y in YS]
    grid(page)
    grid(page, XS, lower)
    found = found_in(page)
    assert are(found.horizontals, [(y, XS[0], XS[-1]) for y in (*YS, *lower)])
    assert are(found.verticals, [(x, ys[0], ys[-1]) for ys in (YS, lower) for x in XS])


def test_two_tables_side_by_side() -> None:
    page = paper(1300, 500)
    right = [730, 900, 1000, 1200]
    left = [100, 250, 400, 700]
    grid(page, left)
    grid(page, right, [y + 20 for y in YS])
    found = found_in(page)
    assert are(found.horizontals, [(y, left[0], left[-1]) for y in YS] + [(y + 20, right[0], right[-1]) for y in YS])
    assert are(found.verticals, [(x, YS[0], YS[-1]) for x in left] + [(x, YS[0] + 20, YS[-1] + 20) for x in right])


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_cut_by_the_page_break_keeps_its_uprights(turned: bool) -> None:
    page = paper()
    end = 170
    flat(page, 100, XS[0], XS[-1])
    for x in XS:
        tall(page, x, 100, end)
    if turned:
        found = found_in(np.ascontiguousarray(page[::-1]))
        wanted = page.shape[0] - 1 - end, page.shape[0] - 1 - 100
    else:
        found, wanted = found_in(page), (100, end)
    assert len(found.horizontals) == 1
    assert are(found.verticals, [(x, *wanted) for x in XS], 2 * NEAR)


@pytest.mark.parametrize(("height", "level"), [(33, 40), (52, 226)])
@pytest.mark.parametrize("turned", [False, True])
def test_an_upright_that_begins_in_a_row_cut_by_the_page_break(height: int, level: int, turned: bool) -> None:
    """Too short or too pale to be told from print, it ends where the sides of its table do."""
    xs, ys = (100, 700, 1100), (80, 150, 220, 290)
    end = ys[-1] + height
    page = grid(paper(), xs, ys, level=level)
    for x in xs:
        tall(page, x, ys[-1], end, level=level)
    tall(page, 300, ys[-1], end, level=level)
    found = found_in(np.ascontiguousarray(page[::-1]) if turned else page)
    low = page.shape[0] - 1
    own = (low - end, low - ys[-1]) if turned else (ys[-1], end)
    whole = (low - end, low - ys[0]) if turned else (ys[0], end)
    assert are(found.verticals, [(100, *whole), (300, *own), (700, *whole), (1100, *whole)], 2 * NEAR)


def test_a_tenth_of_a_degree_of_skew_is_borne() -> None:
    page = grid(paper())
    turn = cv2.getRotationMatrix2D((600, 250), 0.1, 1.0)
    turned = np.asarray(cv2.warpAffine(page, turn, (1200, 500), borderValue=(252, 252, 252)), dtype=np.uint8)
    assert is_grid(found_in(turned))


def test_the_mask_covers_the_lines_and_leaves_print_alone() -> None:
    ruled = grid(paper())
    page = written(ruled.copy(), "行政复议12", [(x + 8, y + 14) for x in XS[:-1] for y in YS[:-1]], 30)
    found = found_in(page)
    letters = (page < 100) & (ruled > 200)
    assert (found.mask[ruled < 100] > 0).mean() > 0.995
    assert letters.sum() > 1000
    assert not found.mask[letters].any()


def test_rulings_in_points() -> None:
    found = found_in(grid(paper()))
    rulings = to_rulings(found, DPI, 3)
    assert {r.page_no for r in rulings} == {3}
    upright = sorted(r.x0 * DPI / 72 for r in rulings if r.is_vertical)
    level = sorted(r.top * DPI / 72 for r in rulings if not r.is_vertical)
    assert np.allclose(upright, XS, atol=2) and np.allclose(level, YS, atol=2)


def test_a_row_too_low_for_the_length_of_its_uprights() -> None:
    """One row of a table that goes on over the page break: its uprights are shorter than strokes of print may be."""
    assert is_grid(found_in(grid(paper(), ys=(80, 113))), ys=(80, 113))


def test_letters_between_two_close_lines_are_no_uprights() -> None:
    page = paper()
    for y in (80, 115):
        flat(page, y, 100, 1100)
    found = found_in(written(page, "国1目皿|门", [(130, 84), (600, 84)], 27))
    assert found.verticals == ()
    assert len(found.horizontals) == 2


def test_short_uprights_of_a_table_that_no_line_closes() -> None:
    """Neither frame nor bottom line: the uprights cross one line and end alike below it."""
    page = paper()
    flat(page, 80, 100, 1100)
    flat(page, 130, 100, 1100)
    for x in (500, 800):
        tall(page, x, 80, 178)
    found = found_in(page)
    assert are(found.horizontals, [(80, 100, 1100), (130, 100, 1100)])
    assert are(found.verticals, [(x, 80, 178) for x in (500, 800)])


def test_one_upright_that_parts_an_open_row_above_the_first_line() -> None:
    page = paper()
    for y in (150, 220, 300):
        flat(page, y, 100, 1100)
    tall(page, 500, 80, 300)
    tall(page, 800, 150, 300)
    assert are(found_in(page).verticals, [(500, 80, 300), (800, 150, 300)], near=5)


def test_a_stroke_between_lines_of_print_does_not_make_a_line_of_the_grain() -> None:
    """Print on both sides leaves it hardly any contrast, so that the grain of the paper looked as dark as it."""
    page = paper()
    page[226:228, 1010:1064] = 40
    page[214:222, 1000:1080] = page[232:240, 1000:1080] = 40
    stroke = [PixelRule(226.5, 1010, 1064, 2.0, 1.0)]
    strip = cut_strip(255 - scanned(page, 6.0), to_course(stroke), stroke, 100, 1100, DPI)
    assert weigh(strip, 100, 900, DPI).drawn < 0.1


def titled_tables(gap: int) -> Gray:
    """Two parts of a table without sides, each below a title, with a strip of paper of that height between them."""
    page = paper(height=600)
    below = 245 + gap
    for y in (*range(80, 246, 55), *range(below, below + 276, 55)):
        flat(page, y, 100, 1100)
    for x in (400, 700):
        tall(page, x, 135, 245)
        tall(page, x, below + 55, below + 275)
    for top in (80, below):
        cv2.putText(page, "TITLE", (560, top + 38), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 40, 2)
    return page


def test_rows_over_the_whole_width_of_a_table_without_sides() -> None:
    """Titles between the parts of a table have no upright beside them; they are rows of it all the same."""
    found = found_in(titled_tables(0))
    assert are(found.horizontals, [(y, 100, 1100) for y in range(80, 521, 55)])
    sides = [(x, a, b) for x in (100, 1100) for a, b in ((80, 135), (245, 300))]
    assert are(found.verticals, [(x, a, b) for x in (400, 700) for a, b in ((135, 245), (300, 520))] + sides)


@pytest.mark.parametrize("gap", [40, 55, 60])
def test_a_strip_without_print_parts_two_tables_without_sides_however_low_it_is(gap: int) -> None:
    sides = [r for r in found_in(titled_tables(gap)).verticals if not 110 < r.at < 1090]
    assert are(sides, [(x, y, y + 55) for x in (100, 1100) for y in (80, 245 + gap)])


def test_captions_between_tables_without_sides_do_not_join_them() -> None:
    page = paper(height=600)
    for y in (80, 135, 190, 245, 300, 355):
        flat(page, y, 100, 1100)
    for x in (400, 700):
        tall(page, x, 80, 190)
        tall(page, x, 245, 355)
    assert len(found_in(page).verticals) == 4


def test_dots_of_a_shade_are_drawn_nowhere_in_a_row() -> None:
    """A fax renders a tint as dots: one of them lies near any course, but not on it."""
    page = np.where(np.random.default_rng(3).random((500, 1200)) < 0.2, 0, 255).astype(np.uint8)
    line = [PixelRule(226.5, 100, 300, 2.0, 1.0)]
    page[226:228, 100:300] = 0
    strip = cut_strip(255 - page, to_course(line), line, 90, 1110, DPI)
    assert weigh(strip, 100, 300, DPI).drawn > 0.9
    assert weigh(strip, 300, 1100, DPI).drawn < 0.4


def test_two_strokes_side_by_side_from_line_to_line_are_a_double_line_whatever_stands_beside() -> None:
    pair = [PixelRule(at, 100, 300, 1.0, 1.0) for at in (198.0, 202.0)]
    assert is_doubled(pair, 102, 298, DPI)
    assert not is_doubled(pair, 60, 298, DPI)
    assert not is_doubled(pair[:1], 102, 298, DPI)


def dotted_strip(period: int, print_from: int) -> Strip:
    """A line of dots with rows of strokes close above and below it from a place on, where the dots end."""
    page = paper()
    for x in range(100, print_from if period == 0 else 1100, period or 5):
        page[226:228, x : x + 2] = 120
    rng = np.random.default_rng(1)
    for x in range(print_from, 1100, 12):
        for y in (213, 231):
            page[y : y + int(rng.integers(6, 11)), x + int(rng.integers(0, 4)) : x + int(rng.integers(5, 10))] = 30
    pieces = [PixelRule(226.5, 100, print_from, 2.0, 1.0)]
    return cut_strip(255 - scanned(page), to_course(pieces), pieces, 90, 1110, DPI)


@pytest.mark.parametrize(("every", "dotted"), [(0, True), (20, True), (6, False)])
def test_strokes_that_go_through_a_line_are_no_dots_of_it(every: int, dotted: bool) -> None:
    """Figures set evenly in narrow cells have their upper strokes at one distance, as dots have; a letter over a line is none."""
    strip = dotted_strip(5, 1100)
    through = np.zeros_like(strip.through)
    if every:
        through[::every] = True
    assert are_dotted(replace(strip, through=through), [(100, 400), (700, 1000)], DPI) == [dotted, dotted]


def test_dots_go_on_between_rows_of_print() -> None:
    assert are_dotted(dotted_strip(5, 600), [(100, 400), (700, 1000)], DPI) == [True, True]


def test_print_where_the_dots_end_is_no_dotted_line() -> None:
    assert are_dotted(dotted_strip(0, 600), [(100, 400), (700, 1000)], DPI) == [True, False]


def test_a_whole_line_is_not_dotted() -> None:
    page = paper()
    flat(page, 227, 100, 1100)
    pieces = [PixelRule(226.5, 100, 1100, 2.0, 1.0)]
    assert are_dotted(cut_strip(255 - scanned(page), to_course(pieces), pieces, 90, 1110, DPI), [(100, 400)], DPI) == [False]


def dashed_strip(stops: int) -> Strip:
    """Dashes of ten pixels that begin anew every 60, with figures close above and below; none from `stops` on."""
    page = paper()
    for x in range(100, stops, 60):
        for start in range(x, x + 60, 14):
            page[226:229, start : min(start + 10, x + 60)] = 130
    for x in range(100, 1100, 60):
        for y in (212, 233):
            cv2.putText(page, "57", (x + 20, y + 10), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 60, 1)
    pieces = [PixelRule(227, 100, stops, 3.0, 1.0, True)]
    return cut_strip(255 - scanned(page), to_course(pieces), pieces, 90, 1110, DPI)


def test_dashes_go_on_between_figures_close_above_and_below() -> None:
    spans = [(float(x), float(x + 60)) for x in range(100, 1060, 60)]
    assert are_dashed(dashed_strip(1060), spans, DPI) == [True] * 16
    assert are_dashed(dashed_strip(700), spans, DPI) == [True] * 10 + [False] * 6


def test_dashes_that_begin_anew_in_each_cell_are_dashes() -> None:
    row = np.zeros(330, np.float32)
    for top in range(0, 330, 33):
        for start in range(top, top + 33, 14):
            row[start : min(start + 8, top + 33)] = 150
    assert not has_even_dots(row, DPI, 8)
    assert is_dashed(row > 75, DPI)
    assert not is_dashed(np.ones(330, np.bool_), DPI)
    assert not is_dashed(np.arange(330) % 40 < 24, DPI)
    # The strokes of figures leave gaps of one to seven pixels.
    strokes = np.repeat([True, False] * 20, [4, 2, 9, 6, 3, 1, 7, 7, 2, 3, 5, 1, 8, 6, 3, 2, 4, 7, 6, 1] * 2)
    assert not is_dashed(strokes, DPI)


def test_small_figures_below_each_other_are_no_dashes() -> None:
    page = paper(1200, 700)
    for y in range(100, 600, 24):
        for x in (300, 520, 700, 1000):
            cv2.rectangle(page, (x, y), (x + 2, y + 14), 40, cv2.FILLED)
    assert not found_in(page).verticals


@pytest.mark.parametrize(("text", "size", "gap", "thickness"), [("9009", 30, 5, 2), ("4114", 27, 3, 2), ("9781", 27, 2, 3)])
def test_a_line_between_two_figures_that_nearly_touch_it_is_found(text: str, size: int, gap: int, thickness: int) -> None:
    """One row, as a page break leaves it: the line goes on far above and below the figures."""
    figure = written(paper(200, 60), text, [(20, 10)], size)
    rows, columns = np.nonzero(figure < 200)
    figure = figure[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    page = grid(paper(), xs=(100, 300, 382, 462, 700), ys=(80, 142), thickness=thickness)
    for left in (382 - gap - figure.shape[1], 382 + gap + 1):
        place = page[100 : 100 + figure.shape[0], left : left + figure.shape[1]]
        place[:] = np.minimum(place, figure)
    assert [round(r.at, -1) for r in found_in(page).verticals] == [100, 300, 380, 460, 700]


@pytest.mark.parametrize("size", [20, 24])
def test_a_line_goes_on_between_figures_that_nearly_touch_it_in_a_low_row(size: int) -> None:
    figure = written(paper(200, 60), "9009", [(20, 10)], size)
    rows, columns = np.nonzero(figure < 200)
    figure = figure[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    page = grid(paper(), xs=(100, 300, 382, 462, 700), ys=(80, 115, 150, 185, 220), thickness=2)
    for left in (382 - 5 - figure.shape[1], 382 + 5):
        top = 132 - figure.shape[0] // 2
        place = page[top : top + figure.shape[0], left : left + figure.shape[1]]
        place[:] = np.minimum(place, figure)
    found = found_in(page).verticals
    assert [round(r.at, -1) for r in found] == [100, 300, 380, 460, 700]
    assert all(abs(r.start - 80) < NEAR and abs(r.end - 220) < NEAR for r in found)


def test_a_stroke_as_high_as_its_row_is_no_line_beside_figures() -> None:
    page = written(grid(paper(), xs=(100, 700), ys=(80, 112)), "申", [(200, 77), (330, 77)], 34)
    assert [round(r.at, -1) for r in found_in(page).verticals] == [100, 700]


def test_letters_one_below_the_other_are_no_line() -> None:
    page = grid(paper(), xs=(100, 300, 382, 462, 700), ys=(80, 180, 220))
    for k, letter in enumerate("尚未审申"):
        page = written(page, letter, [(410, 83 + 24 * k)], 22)
    found = found_in(page)
    assert [round(r.at, -1) for r in found.verticals] == [100, 300, 380, 460, 700]
