"""White print on dark bands becomes dark print on paper; all other dark things stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.layout.reversed_bands import without_reversed
from pipeline.raster import Gray

DPI = 200.0
BAND = (200, 300, 900, 400)


def paper() -> Gray:
    noise = np.random.default_rng(1).normal(0, 3, (700, 1100))
    return np.clip(248 + noise, 0, 255).astype(np.uint8)


def letters(page: Gray, x: int, y: int, count: int, level: int) -> None:
    for k in range(count):
        cv2.rectangle(page, (x + 30 * k, y), (x + 30 * k + 20, y + 22), level, 2)
        cv2.line(page, (x + 30 * k, y + 11), (x + 30 * k + 20, y + 11), level, 2)


def band(ground: int, ink: int, count: int = 10) -> Gray:
    page = paper()
    x0, top, x1, bottom = BAND
    cv2.rectangle(page, (x0, top), (x1, bottom), ground, cv2.FILLED)
    letters(page, 300, 340, count, ink)
    # Print of the row below, close to the band.
    letters(page, 300, bottom + 10, 10, 30)
    return page


@pytest.mark.parametrize("ground", [40, 90, 150])
@pytest.mark.parametrize("turn", [-2.0, 0.0, 1.0])
def test_white_print_on_a_dark_band_becomes_dark_on_white(ground: int, turn: float) -> None:
    page = band(ground, 250)
    matrix = cv2.getRotationMatrix2D((550, 350), turn, 1.0)
    page = cv2.warpAffine(page, matrix, (1100, 700), borderValue=248)
    found = cv2.warpAffine(without_reversed(page, DPI), cv2.invertAffineTransform(matrix), (1100, 700), borderValue=248)
    inside = found[310:390, 620:880]
    assert np.median(inside) > 230
    assert found[340 + 11, 310:312].max() < 120
    below = found[400 + 10 + 11, 303:317]
    assert below.max() < 120
    assert np.median(found[412:440, 620:880]) > 230


def test_the_edge_of_a_band_parts_cells_as_a_ruling_does() -> None:
    found = without_reversed(band(80, 250), DPI)
    column = found[290:310, 700]
    assert column.min() < 150
    assert (column < 150).sum() <= 4


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (band(80, 250, count=0), "a dark bar may hide what it covers"),
        (band(190, 30), "dark print on a shade reads as it is"),
        (paper(), "nothing dark"),
    ],
)
def test_other_pages_stay_as_they_are(page: Gray, why: str) -> None:
    assert without_reversed(page, DPI) is page, why


def test_a_dark_margin_of_a_scan_is_no_band() -> None:
    page = paper()
    page[:, :120] = 60
    letters(page, 10, 300, 3, 250)
    assert without_reversed(page, DPI) is page


def test_bands_of_a_page_on_a_dark_ground_are_turned() -> None:
    page = cv2.copyMakeBorder(band(60, 250), 80, 80, 80, 80, cv2.BORDER_CONSTANT, value=50)
    found = without_reversed(page, DPI)
    assert np.median(found[80 + 310 : 80 + 330, 80 + 620 : 80 + 880]) > 230
    assert (found[:70] == 50).all()


def test_print_of_a_band_is_as_dark_as_that_of_a_pale_page_and_its_ground_as_light_as_the_paper() -> None:
    # Noise of the ground becomes no dark dots, and pale print beside the band does not look as if it shone through.
    page = paper()
    x0, top, x1, bottom = BAND
    cv2.rectangle(page, (x0, top), (x1, bottom), 130, cv2.FILLED)
    letters(page, 300, 340, 10, 200)
    letters(page, 300, bottom + 10, 10, 150)
    found = without_reversed(page, DPI)
    assert 110 <= np.median(found[341, 300:320]) <= 160
    assert abs(np.median(found[310:330, 620:880]) - 248) <= 4


def test_a_light_area_framed_in_black_is_no_band() -> None:
    # A fax has two levels only: nothing around such an area is lighter than most of it.
    page = np.full((700, 1100), 255, dtype=np.uint8)
    cv2.rectangle(page, (300, 200), (800, 500), 0, 14)
    assert without_reversed(page, DPI) is page


def test_thin_white_strokes_that_a_coarse_picture_leaves_grey_become_print() -> None:
    page = band(136, 180)
    found = without_reversed(page, DPI)
    assert np.median(found[310:390, 620:880]) > 225
    assert found[340 + 11, 303:317].max() < 150


def test_noise_on_a_grey_band_is_no_light_print() -> None:
    page = band(136, 136)
    rough = np.random.default_rng(2).normal(136, 20, (100, 700))
    page[300:400, 200:900] = np.clip(rough, 0, 255).astype(np.uint8)
    assert without_reversed(page, DPI) is page
