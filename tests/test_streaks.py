"""Streaks of a dirty scanner are taken out; rulings, which end inside the margins, stay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.config import DEFAULT
from pipeline.layout.streaks import without_streaks
from pipeline.raster import Raster
from tests.straightened import straighten

Pixels = npt.NDArray[np.uint8]
DPI = 200.0
HEIGHT, WIDTH = 1600, 1200
LEFT, TOP, RIGHT, BOTTOM = 200, 300, 1000, 1300


def page() -> Pixels:
    """A page with a ruled table and a figure in each cell."""
    rng = np.random.default_rng(5)
    pixels = np.clip(rng.normal(246, 2, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)
    for y in range(TOP, BOTTOM + 1, 100):
        cv2.line(pixels, (LEFT, y), (RIGHT, y), 30, 2)
    for x in range(LEFT, RIGHT + 1, 160):
        cv2.line(pixels, (x, TOP), (x, BOTTOM), 30, 2)
    for y in range(TOP + 60, BOTTOM, 100):
        for x in range(LEFT + 50, RIGHT, 160):
            cv2.putText(pixels, str((x * y) % 97), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 30, 2, cv2.LINE_AA)
    return np.repeat(pixels[:, :, None], 3, axis=2)


def streaked(pixels: Pixels, x: float, slant: float, grey: int | tuple[int, int, int], width: int = 3) -> Pixels:
    """Draws a line from edge to edge; what is darker already stays."""
    line = np.full_like(pixels, 255)
    end = (round(x + slant * (HEIGHT - 1)), HEIGHT - 1)
    cv2.line(line, (round(x), 0), end, grey if isinstance(grey, tuple) else (grey, grey, grey), width)
    return np.minimum(pixels, line)


def raster(pixels: Pixels) -> Raster:
    return Raster(1, np.ascontiguousarray(pixels), DPI)


@pytest.mark.parametrize("slant", [0.0, 0.008, -0.012])
@pytest.mark.parametrize("grey", [60, 140, 205, (230, 110, 110)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_streak_is_taken_out(slant: float, grey: int | tuple[int, int, int], turned: bool) -> None:
    clean = page()
    dirty = streaked(clean, 545.0, slant, grey)
    if turned:
        clean, dirty = clean.transpose(1, 0, 2), dirty.transpose(1, 0, 2)
    found = without_streaks(raster(dirty))
    assert found.covered is not None
    before = int((np.abs(dirty.astype(int) - clean).max(axis=2) > 40).sum())
    after = int((np.abs(found.pixels.astype(int) - clean).max(axis=2) > 40).sum())
    assert after < 0.12 * before
    changed = np.abs(found.pixels.astype(int) - dirty).max(axis=2) > 0
    assert not (changed & (found.covered == 0)).any()


def test_a_clean_page_is_not_touched() -> None:
    clean = raster(page())
    assert without_streaks(clean) is clean


def test_rulings_of_a_picture_cut_out_of_a_table_stay() -> None:
    inside = raster(page()[TOP + 20 : BOTTOM - 20, LEFT + 20 : RIGHT - 20])
    assert without_streaks(inside) is inside


def test_rulings_of_a_picture_cut_through_blank_rows_stay() -> None:
    """Its first and last rows are bare, so that nothing but its lines reaches the edges."""
    whole = page()
    whole[TOP + 104 : TOP + 196, LEFT:RIGHT] = np.where(whole[TOP + 104 : TOP + 196, LEFT:RIGHT] < 60, 246, 246)
    whole[BOTTOM - 196 : BOTTOM - 104, LEFT:RIGHT] = 246
    for x in range(LEFT, RIGHT + 1, 160):
        cv2.line(whole, (x, TOP), (x, BOTTOM), (30, 30, 30), 2)
    inside = raster(whole[TOP + 120 : BOTTOM - 120])
    assert without_streaks(inside) is inside


def test_a_ruling_under_a_streak_stays() -> None:
    clean = page()
    cv2.line(clean, (680, TOP), (680, BOTTOM), (30, 30, 30), 6)
    found = without_streaks(raster(streaked(clean, 680.0, 0.0, 60, width=2)))
    assert found.covered is not None
    assert (found.pixels[TOP + 50 : BOTTOM - 50, 679:682].max(axis=2) < 128).mean() > 0.9


def test_a_stroke_under_a_pale_streak_stays_and_beside_a_dark_one_is_covered() -> None:
    clean = page()
    cv2.line(clean, (600, 850), (600, 880), (30, 30, 30), 3)
    pale = without_streaks(raster(streaked(clean, 600.0, 0.0, 190)))
    assert pale.pixels[855:875, 600].max() < 140
    dark = without_streaks(raster(streaked(clean, 600.0, 0.0, 40)))
    assert dark.covered is not None and dark.covered[855:875, 600 - 12 : 600 + 13].all()


def test_what_a_streak_hid_is_covered_on_the_straightened_page() -> None:
    sheet = straighten(without_streaks(raster(streaked(page(), 545.0, 0.004, 70))), DEFAULT.scan)
    assert sheet.seal is not None
    assert 0.002 < float((sheet.seal > 0).mean()) < 0.06
