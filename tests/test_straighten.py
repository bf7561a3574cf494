"""Scans made level and upright, their light evened; places of the sheet map back to the picture."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import DEFAULT
from pipeline.layout import skew, slopes
from pipeline.layout.light import even_light
from pipeline.layout.skew import find_skew, lies_on_side
from pipeline.raster import Raster, Transform
from tests.straightened import straighten

WIDTH, HEIGHT, DPI = 827, 1169, 100.0


@cache
def printed() -> np.ndarray:
    """Lines of letters, more of them to the left, on white."""
    rng = np.random.default_rng(8)
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for y in range(110, 1050, 30):
        for x in range(110, int(rng.integers(420, 720)), 15):
            cv2.rectangle(page, (x, y), (x + 12, y + 13), 0, 1)
            cv2.line(page, (x, y + 6), (x + 12, y + 6), 0, 1)
    return page


def turned(page: np.ndarray, degrees: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), degrees, 1.0)
    return cv2.warpAffine(page, matrix, page.shape[1::-1], flags=cv2.INTER_AREA, borderValue=255)


def as_raster(gray: np.ndarray, dpi: float = DPI) -> Raster:
    return Raster(1, np.ascontiguousarray(np.repeat(gray[:, :, None], 3, axis=2)), dpi)


@settings(max_examples=12, deadline=None)
@given(st.floats(-12, 12))
def test_skew_is_found_to_a_twentieth_of_a_degree(degrees):
    assert find_skew(turned(printed(), degrees), 15.0) == pytest.approx(-degrees, abs=0.05)


def test_skew_of_nothing_is_none():
    assert find_skew(np.full((400, 300), 250, np.uint8), 15.0) == 0.0


def test_a_dark_lid_does_not_tell_the_skew():
    page = turned(printed(), 2.0)
    page[:, 800:] = 60
    assert find_skew(page, 15.0) == pytest.approx(-2.0, abs=0.1)


def test_lines_that_run_down_lie_on_their_side():
    assert not lies_on_side(printed(), DPI)
    assert lies_on_side(np.ascontiguousarray(np.rot90(printed())), DPI)


def test_rulings_do_not_tell_which_way_lines_run():
    page = printed().copy()
    page[97:1100:30, 60:760] = 0
    page[97:1100, 60:760:210] = 0
    assert not lies_on_side(page, DPI)


def test_pale_uprights_that_break_into_dashes_do_not_tell_which_way_lines_run():
    page = printed().copy()
    for x in range(60, page.shape[1] - 60, 25):
        for y in range(40, page.shape[0] - 40, 15):
            blank = page[y : y + 12, x : x + 2]
            blank[blank > 182] = 182
    assert not lies_on_side(page, DPI)
    assert lies_on_side(np.ascontiguousarray(np.rot90(page)), DPI)


def test_light_is_evened_and_print_stays():
    fall = np.linspace(250, 70, WIDTH)[None, :] / 255.0
    band = np.where(np.arange(HEIGHT) > 700, 0.6, 1.0)[:, None]
    even = even_light((printed() * fall * cv2.GaussianBlur(band, (1, 61), 0)).astype(np.uint8), DPI)
    paper = cv2.dilate(printed(), np.ones((5, 5))) == 255
    blank = cv2.erode(printed(), np.ones((9, 9))) == 255
    assert float(np.percentile(even[paper & blank], 2)) > 215
    assert float(np.percentile(even[printed() == 0], 95)) < 60


def test_ground_becomes_paper_and_print_beside_it_keeps_its_darkness():
    page = np.full((HEIGHT, WIDTH), 220, np.uint8)
    page[500:510, 300:500] = 60
    page[500:510, 60:100] = 60
    ground = np.zeros_like(page)
    ground[:, :50] = 255
    page[:, :50] = 30
    even = even_light(page, DPI, ground)
    assert (even[:, :50] >= 245).all() and (even[700:, 55:] >= 240).all()
    assert (even[500:510, 60:100] < 80).all() and (even[500:510, 300:500] < 80).all()


def test_a_picture_of_a_few_pixels_is_left_alone():
    tiny = np.full((20, 20), 100, np.uint8)
    assert even_light(tiny, DPI) is tiny
    assert straighten(as_raster(tiny), DEFAULT.scan).gray.shape == (40, 40)


@pytest.mark.parametrize("quarter", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 1.3])
def test_pages_come_out_upright_and_level(quarter, skew):
    """A page that lies on its side is turned by 90 degrees first, and then perhaps by 180 more."""
    page = np.ascontiguousarray(np.rot90(turned(printed(), skew), -quarter // 90))
    asked = []

    def ask(crops):
        asked.extend(crops)
        # The one quarter turn that is tried rights a page that lies on its right side.
        return quarter in (180, 270)

    sheet = straighten(as_raster(page), DEFAULT.scan, ask)
    assert asked and all(crop.shape[1] > crop.shape[0] for crop in asked)
    ink = sheet.gray < 128
    rows = np.flatnonzero(ink.any(axis=1))
    starts = np.array([np.flatnonzero(ink[y])[0] for y in rows[10:-10]])
    assert sheet.gray.shape[0] > sheet.gray.shape[1]
    assert np.percentile(starts, 90) - np.percentile(starts, 10) < 12, "the even margin is to the left"
    assert float((~ink.any(axis=1)).mean()) > 0.4, "lines are level"
    assert abs(abs(sheet.skew_deg) - skew) < 0.06


@settings(max_examples=8, deadline=None)
@given(st.floats(-8, 8), st.integers(0, 3))
def test_ink_of_the_sheet_is_ink_of_the_picture(skew, quarters):
    page = np.ascontiguousarray(np.rot90(turned(printed(), skew), quarters))
    sheet = straighten(as_raster(page), DEFAULT.scan)
    ys, xs = np.nonzero(sheet.gray < 60)
    there = sheet.transform.apply(np.column_stack([xs, ys]).astype(float)).round().astype(int)
    dark = cv2.erode(page, np.ones((3, 3), np.uint8)) < 140
    assert dark[there[:, 1].clip(0, page.shape[0] - 1), there[:, 0].clip(0, page.shape[1] - 1)].mean() > 0.995


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4), st.floats(-9, 9))
def test_a_homography_and_its_inverse_return_to_the_place(a, b, g, h, dx):
    matrix = np.array([[1 + a, b, dx], [-b, 1 - a, -dx], [g, h, 1.0]])
    points = np.array([(0.0, 0.0), (800.0, 10.0), (400.0, 1100.0)])
    forth, back = (Transform(tuple(float(n) for n in m.ravel()), 800, 1100) for m in (matrix, np.linalg.inv(matrix)))
    assert np.abs(back.apply(forth.apply(points)) - points).max() < 1e-6


def test_a_bend_moves_places_before_the_homography():
    bend = (((0.0, 0.0), (4.0, 2.0)), ((0.0, 8.0), (4.0, 10.0)))
    transform = Transform((2.0, 0, 0, 0, 2.0, 0, 0, 0, 1.0), 100, 200, bend)
    there = transform.apply(np.array([(0.0, 0.0), (50.0, 100.0), (100.0, 200.0)]))
    assert np.abs(there - np.array([(0.0, 0.0), (104.0, 210.0), (208.0, 420.0)])).max() < 1e-5


def test_coarse_pictures_are_doubted():
    assert straighten(as_raster(printed(), 100.0), DEFAULT.scan).doubts
    assert not straighten(as_raster(cv2.resize(printed(), None, fx=2, fy=2), 200.0), DEFAULT.scan).doubts


def test_the_summit_of_the_skew_is_found_with_few_looks(monkeypatch):
    """As by trying every angle, but nothing is tried beyond two worse angles; a dip beside the middle does not stop it."""
    heights = [0.0, 1.0, 2.0, 3.0, 2.5, 4.0, 5.0, 4.5, 4.0]
    looks = []

    def sharpness(ink, angle):
        looks.append(angle)
        return heights[round(angle)]

    monkeypatch.setattr(skew, "_sharpness", sharpness)
    angles = [float(k) for k in range(len(heights))]
    assert skew._summit(np.zeros((2, 2), np.uint8), angles) == 6.0
    assert sorted(looks) == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


@pytest.mark.parametrize("angle", [-14.0, -0.3, 0.0, 2.25])
def test_margins_add_nothing_to_the_sharpness_of_a_page(angle):
    """Only the box that holds the print is turned; its sums vary as those of the page do. No angle is looked at twice."""
    page = np.zeros((300, 200), np.uint8)
    page[60:200:12, 40:150] = 255
    matrix = cv2.getRotationMatrix2D((100, 150), angle, 1.0)
    whole = cv2.warpAffine(page, matrix, (200, 300), flags=cv2.INTER_LINEAR)
    expected = float(sum(np.var(whole.sum(axis=axis, dtype=np.int32)) for axis in (0, 1)))
    cut = skew._cut_out(page)
    assert cut.part.shape == (133, 110)
    assert skew._sharpness(cut, angle) == pytest.approx(expected, rel=1e-3)
    cut.part[:] = 0
    assert skew._sharpness(cut, angle) == pytest.approx(expected, rel=1e-3)


def test_print_at_the_rim_leaves_a_turned_page():
    """What is turned out of the page counts no more than it did when the whole page was turned."""
    page = np.zeros((300, 200), np.uint8)
    page[0:300:9, 0:200] = 255
    whole = cv2.warpAffine(page, cv2.getRotationMatrix2D((100, 150), 9.0, 1.0), (200, 300), flags=cv2.INTER_LINEAR)
    expected = float(sum(np.var(whole.sum(axis=axis, dtype=np.int32)) for axis in (0, 1)))
    assert skew._sharpness(skew._cut_out(page), 9.0) == pytest.approx(expected, rel=1e-3)


def test_pages_without_upright_lines_are_not_asked_for_their_slopes(monkeypatch):
    page = np.full((400, 400), 250, np.uint8)
    page[50:350:20, 40:360] = 30

    def none(*_args):
        raise AssertionError

    monkeypatch.setattr(slopes, "_slopes", none)
    assert not len(slopes.slopes_down(page).x)
    page[50:350, 200] = 30
    with pytest.raises(AssertionError):
        slopes.slopes_down(page)
