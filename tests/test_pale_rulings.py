"""Lines that are pale beside far darker parts of themselves."""

import cv2
import numpy as np

from pipeline.grid.image_rulings import ImageRulings, find_rulings
from pipeline.raster import Gray

DPI, NEAR = 200.0, 4.0
XS, YS = (100, 300, 520, 800, 1100), (80, 150, 200, 250)


def found_in(page: Gray) -> ImageRulings:
    noise = np.random.default_rng(5).normal(0, 3.0, page.shape)
    return find_rulings(np.clip(cv2.GaussianBlur(page, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8), DPI)


def has_upright(found: ImageRulings, at: int, top: int, bottom: int) -> bool:
    return any(max(abs(r.at - at), abs(r.start - top), abs(r.end - bottom)) <= NEAR for r in found.verticals)


def test_the_pale_sides_of_the_last_row_below_a_head_with_dark_edges() -> None:
    page = np.full((330, 1200), 252, np.uint8)
    for x in XS:
        page[YS[0] : YS[-1], x : x + 2] = 205
    for y in YS:
        page[y : y + 2, XS[0] : XS[-1]] = 205
    cv2.rectangle(page, (XS[0], YS[0]), (XS[-1], YS[2]), 20, 3)
    found = found_in(page)
    assert all(has_upright(found, x, YS[0], YS[-1]) for x in (XS[0], XS[-1]))
    assert found.mask[YS[2] + 10 : YS[3] - 10, XS[0]].all()


def test_half_of_a_side_that_is_pale_is_no_line() -> None:
    page = np.full((330, 1200), 252, np.uint8)
    for y in YS:
        page[y : y + 2, XS[0] : XS[-1]] = 205
    for x in XS:
        page[YS[0] : YS[2], x : x + 3] = 20
        page[YS[2] : YS[2] + 20, x : x + 2] = 205
    assert all(r.end <= YS[2] + NEAR for r in found_in(page).verticals)
