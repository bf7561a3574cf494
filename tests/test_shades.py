"""Evenly shaded cells become paper, corners and all; what is shaded unevenly, or is no rectangle, stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.layout.seal import _is_corner
from pipeline.layout.shades import without_shades
from pipeline.raster import Gray

DPI = 200.0
BAND = (150, 200, 950, 420)


def paper(sigma: float = 3.0) -> Gray:
    noise = np.random.default_rng(2).normal(0, sigma, (700, 1100))
    return np.clip(247 + noise, 0, 255).astype(np.uint8)


def shaded(level: float) -> Gray:
    page = paper()
    x0, top, x1, bottom = BAND
    page[top:bottom, x0:x1] = (page[top:bottom, x0:x1] * level).astype(np.uint8)
    cv2.line(page, (550, top), (550, bottom), 150, 2)
    for k in range(6):
        cv2.rectangle(page, (200 + 40 * k, 300), (225 + 40 * k, 325), 30, 2)
    return page


@pytest.mark.parametrize("level", [0.95, 0.85, 0.7])
def test_a_shade_becomes_paper_up_to_its_corners(level: float) -> None:
    page = shaded(level)
    found = without_shades(page, DPI)
    x0, top, x1, bottom = BAND
    for y, x in ((top + 4, x0 + 4), (bottom - 12, x1 - 12), (top + 100, x0 + 300)):
        assert abs(float(np.median(found[y : y + 8, x : x + 8])) - 247) < 6
    # No edge is left that could be a ruling; lines and print on the shade are.
    assert float(np.median(found[top - 6 : top + 6, x0 + 50 : x1 - 50], axis=1).min()) > 235
    assert float(np.median(found[top + 20 : bottom - 20, 550])) < 240
    assert found[300:327, 200:227].min() < 60


def test_paper_without_shades_stays_as_it_is() -> None:
    page = paper()
    assert without_shades(page, DPI) is page


def test_a_photo_s_uneven_light_is_left_to_others() -> None:
    light = np.linspace(1.0, 0.6, 1100)[None, :]
    page = np.asarray(shaded(0.85) * light, dtype=np.uint8)
    assert without_shades(page, DPI) is page


def test_shaded_cells_that_touch_become_paper_whatever_their_outline() -> None:
    page = paper()
    shape = np.zeros(page.shape, np.bool_)
    shape[200:500, 150:300] = True
    for top in (200, 300, 440):
        shape[top : top + 60, 150:950] = True
    page[shape] = (page[shape] * 0.88).astype(np.uint8)
    found = without_shades(page, DPI)
    assert abs(float(np.median(found[shape])) - 247) < 4


def test_a_shadow_that_fades_out_stays() -> None:
    shadow = np.ones((700, 1100))
    cv2.circle(shadow, (500, 350), 120, 0.85, cv2.FILLED)
    page = np.asarray(paper() * cv2.GaussianBlur(shadow, (0, 0), 40), dtype=np.uint8)
    assert without_shades(page, DPI) is page


def test_a_corner_of_coloured_rulings_is_no_stroke_of_a_pen() -> None:
    corner = np.zeros((120, 160), np.uint8)
    cv2.line(corner, (4, 4), (156, 6), 1, 2)
    cv2.line(corner, (4, 4), (5, 116), 1, 2)
    tick = np.zeros((120, 160), np.uint8)
    cv2.line(tick, (4, 60), (50, 110), 1, 3)
    cv2.line(tick, (50, 110), (150, 8), 1, 3)
    underline = np.zeros((120, 160), np.uint8)
    cv2.polylines(underline, [np.array([(4, 60), (60, 64), (100, 58), (156, 66)])], False, 1, 3)
    assert [_is_corner(shape, 100.0) for shape in (corner, tick, underline)] == [True, False, False]


ROW = (60, 100, 1040, 122)
"""A row of a striped table, at 100 dpi: hardly higher than its print."""


def striped() -> Gray:
    page = paper(1.0)
    x0, top, x1, bottom = ROW
    page[top:bottom, x0:x1] = (page[top:bottom, x0:x1] * 0.957).astype(np.uint8)
    return page


def darkest_lane(found: Gray) -> float:
    """The median of a short piece of the row where it is darkest, edges and print apart."""
    x0, top, x1, bottom = ROW
    row = found[top + 3 : bottom - 3, x0 + 3 : x1 - 3].astype(float)
    row[row < 200] = np.nan
    lanes = (row[:, x : x + 6] for x in range(0, row.shape[1] - 6, 6))
    return min(float(np.nanmedian(lane)) for lane in lanes if np.isfinite(lane).sum() >= 12)


def test_grain_as_light_as_paper_does_not_part_a_pale_shade() -> None:
    page = striped()
    x0, top, x1, _ = ROW
    page[top + 11, x0 + 14 : x1 : 28] = 247
    assert darkest_lane(without_shades(page, 100.0)) > 243


def test_a_shade_goes_on_around_dense_letters() -> None:
    page = striped()
    x0, top, *_ = ROW
    for x in (x0 + 1, x0 + 400, x0 + 420):
        # At this resolution a letter of ten strokes is a block.
        page[top + 4 : top + 18, x : x + 15] = 120
    assert darkest_lane(without_shades(page, 100.0)) > 243


def test_a_shade_goes_on_where_print_leaves_it_light_for_a_letter() -> None:
    page = striped()
    x0, top, _, bottom = ROW
    page[top:bottom, x0 + 300 : x0 + 322 : 7] = 246
    assert darkest_lane(without_shades(page, 100.0)) > 243


@pytest.mark.parametrize("dpi", [0.5, 5.0, 30.0])
def test_a_page_of_few_pixels_an_inch_is_looked_at_without_an_error(dpi: float) -> None:
    assert without_shades(shaded(0.9), dpi).shape == (700, 1100)
    assert without_shades(shaded(0.9)[:3, :4], dpi).shape == (3, 4)
