"""The pixels along a line are the same, be they cut as rectangles or one by one."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.grid.band_pixels import band_pixels

INK = np.random.default_rng(5).integers(0, 255, (60, 90), dtype=np.uint8)


@pytest.mark.parametrize("start", [30, 1, 57])
def test_a_band_follows_its_line_and_stays_on_the_page(start: int) -> None:
    along = np.arange(7, 83)
    middles = np.clip(start + np.rint(np.linspace(0, 2.4, len(along))).astype(int), 0, 59)
    offsets = np.arange(-4, 5)
    band = band_pixels(INK, middles, along, offsets)
    wanted = [[INK[min(max(m + k, 0), 59), x] for m, x in zip(middles, along, strict=True)] for k in offsets]
    assert band.tolist() == wanted


def test_places_at_the_right_rim_are_told_again() -> None:
    along = np.minimum(np.arange(80, 95), 89)
    band = band_pixels(INK, np.full(15, 20), along, np.arange(-2, 3))
    assert band.shape == (5, 15) and (band[:, 9:] == INK[18:23, 89][:, None]).all()
