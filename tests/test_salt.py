"""Lone black pixels of a fax, and what only looks like them."""

import cv2
import numpy as np
import pytest

from pipeline.config import Scan
from pipeline.layout.salt import without_salt
from pipeline.raster import Raster
from tests.straightened import straighten


def printed(height=600, width=800):
    """Figures in black and white, with a point, a dotted line, and a figure of which thin dots are left."""
    page = np.full((height, width), 255, np.uint8)
    for y in range(60, height - 200, 60):
        cv2.putText(page, "40268", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 1)
    page[398:400, 301:303] = page[388:400, 306:309] = 0  # a point and the figure behind it
    page[500, 100:700:4] = 0
    page[430:448:3, 500:512:3] = 0
    return page


def salted(page, share=0.002, seed=5):
    out = page.copy()
    rng = np.random.default_rng(seed)
    n = round(share * page.size)
    out[rng.integers(0, page.shape[0], n), rng.integers(0, page.shape[1], n)] = 0
    return out


def pieces(page):
    return cv2.connectedComponents((page < 128).astype(np.uint8))[0] - 1


@pytest.mark.parametrize("lines", [1, 0.5])
def test_salt_is_taken_out_and_print_is_not(lines):
    height = 600
    clean = printed(height)
    # A coarse fax has half of the lines; its pixels are made square before they are looked at.
    size = (clean.shape[1], round(height * lines))
    small = np.asarray(cv2.resize(clean, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    found = salted(small, 0.002 / lines)
    if lines != 1:
        small, found = (cv2.resize(p, (clean.shape[1], height), interpolation=cv2.INTER_CUBIC) for p in (small, found))
    cured = without_salt(found)
    assert pieces(found) - pieces(small) > 500
    assert abs(pieces(cured) - pieces(small)) < 0.12 * (pieces(found) - pieces(small))
    lost = (small < 128) & (cured >= 128)
    assert not lost.any()


def test_a_fill_of_dots_and_a_clean_page_stay_as_they_are():
    assert without_salt(clean := printed()) is clean
    fill = printed()
    fill[20:220:4, 400:700:4] = 0
    assert np.array_equal(without_salt(fill), fill)


def test_grain_of_a_gray_scan_is_not_salt():
    rng = np.random.default_rng(3)
    scan = np.clip(salted(printed()) * 0.9 + 10 + rng.normal(0, 4, (600, 800)), 0, 255).astype(np.uint8)
    assert without_salt(scan) is scan


def test_pages_are_straightened_without_salt():
    page = salted(printed())
    sheet = straighten(Raster(1, np.repeat(page[:, :, None], 3, axis=2), 200.0), Scan(dpi=200.0))
    assert pieces(sheet.gray) < pieces(page) / 2


def test_the_last_dots_of_a_thin_line_are_kept():
    page = printed()
    rows = np.random.default_rng(2).choice(np.arange(40, 560), 60, replace=False)
    page[rows, 750] = 0
    found = salted(page, 0.001)
    assert without_salt(found)[rows, 750].mean() < 20
