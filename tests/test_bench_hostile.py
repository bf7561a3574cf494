"""Each damage changes a page, and the same seed gives the same page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.damage import FONTS
from bench.hostile import DAMAGES
from bench.picture import Pixels

NEEDS_FONT = {"watermark", "large_watermark"}


def page() -> Pixels:
    gray = np.full((1600, 1200), 255, dtype=np.uint8)
    for y in range(100, 1500, 50):
        cv2.putText(gray, "1024  77  0  310  5  4096  12  8  230  41", (120, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    return np.repeat(gray[:, :, None], 3, axis=2)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_seen_and_the_same_each_time(name: str) -> None:
    if name in NEEDS_FONT and not Path(FONTS[0]).exists():
        pytest.skip("needs Debian's fonts-wqy-zenhei")
    first, again = (DAMAGES[name](page(), np.random.default_rng(3)) for _ in range(2))
    assert first.dtype == np.uint8 and first.ndim == 3
    assert np.array_equal(first, again)
    assert first.shape != page().shape or (first != page()).any()
