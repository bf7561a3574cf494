"""Negatives are turned; dark pictures that are none stay as they are."""

import cv2
import numpy as np
import pytest

from pipeline.layout.polarity import with_dark_print
from pipeline.raster import Raster

DPI = 100.0


def printed(height=1100, width=850):
    page = np.full((height, width, 3), 245, np.uint8)
    for y in range(100, height - 100, 30):
        cv2.putText(page, "40268 139 7 0 25", (90, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    cv2.rectangle(page, (60, 70), (width - 60, height - 70), (0, 0, 0), 1)
    return page


def turned(pixels):
    return with_dark_print(Raster(1, pixels, DPI)).pixels is not pixels


@pytest.mark.parametrize("faint", [0, 60])
def test_a_negative_becomes_what_it_was(faint):
    page = printed()
    negative = np.maximum(255 - page, faint).astype(np.uint8)
    assert turned(negative)
    assert np.array_equal(with_dark_print(Raster(1, negative, DPI)).pixels, np.minimum(page, 255 - faint))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
def test_a_page_on_a_dark_table_stays(share):
    page = printed()
    small = cv2.resize(page, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    table = np.full_like(page, 30)
    table[: small.shape[0], : small.shape[1]] = small
    assert not turned(table)


def test_what_is_dark_and_holds_no_print_stays():
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 90, (1100, 850, 3), dtype=np.uint8)
    assert not turned(np.zeros((1100, 850, 3), np.uint8)) and not turned(noise)
    noise[500:520, 300:600] = 255  # a lamp
    assert not turned(noise)


def test_a_photo_taken_at_night_stays():
    assert not turned((printed() * 0.4).astype(np.uint8))
