"""Shades that a scanner rendered as dots: taken out before rulings are looked for, since dots line up by chance."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.raster import Gray

_INK = 90
_DOT_IN, _CLUMP_IN, _WINDOW_IN = 0.035, 0.06, 0.2
# A dotted ruling has a dozen dots in a window, and two that cross twice as many; a shade has them in all its rows.
_CROWD = 30


def without_dither(ink: Gray, dpi: float) -> Gray:
    """Returns `ink` without the dots that stand in crowds; itself where there are none.

    Args:
        ink: 0 is paper, 255 black.
        dpi: pixels an inch.
    """
    dark = np.asarray(ink > _INK, dtype=np.uint8)
    _, labels, stats, centers = cv2.connectedComponentsWithStats(dark, connectivity=8)
    longest = np.maximum(stats[:, 2], stats[:, 3])
    is_dot, may_be_clump = (longest <= max(2, round(size * dpi)) for size in (_DOT_IN, _CLUMP_IN))
    is_dot[0] = may_be_clump[0] = False
    if int(is_dot.sum()) < _CROWD:
        return ink
    places = np.rint(centers).astype(int)
    dots = np.zeros(ink.shape, dtype=np.uint8)
    np.add.at(dots, (places[is_dot, 1], places[is_dot, 0]), 1)
    window = round(_WINDOW_IN * dpi)
    crowd = cv2.boxFilter(dots, cv2.CV_16U, (window, window), normalize=False, borderType=cv2.BORDER_CONSTANT)
    # Where dots are many, some of them touch.
    crowded = may_be_clump & (crowd[places[:, 1], places[:, 0]] >= _CROWD)
    if not crowded.any():
        return ink
    gone = cv2.dilate(np.asarray(crowded[labels], dtype=np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(np.where((gone > 0) & ((dark == 0) | crowded[labels]), np.uint8(0), ink), dtype=np.uint8)
