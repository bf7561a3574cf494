"""Shades that a scanner rendered as dots: taken out before rulings are looked for, since dots line up by chance."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.grid.ridges import opened
from pipeline.raster import Gray

_INK, _PALER = 90, 60
_DOT_IN, _CLUMP_IN, _WINDOW_IN = 0.035, 0.06, 0.2
_LINE_IN, _OF_LINES = 0.08, 0.5
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
    crowded &= ~_are_of_lines(ink, labels, stats[:, cv2.CC_STAT_AREA], dpi)
    gone = cv2.dilate(np.asarray(crowded[labels], dtype=np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(np.where((gone > 0) & ((dark == 0) | crowded[labels]), np.uint8(0), ink), dtype=np.uint8)


def _are_of_lines(ink: Gray, labels: cv2.typing.MatLike, areas: cv2.typing.MatLike, dpi: float) -> npt.NDArray[np.bool_]:
    """Tells which parts lie on what goes on without a break where it is hardly paler.

    A gray line is darker than `_INK` here and there only; between the dots of a shade is paper.

    Args:
        ink: 0 is paper, 255 black.
        labels: number of the part that each pixel belongs to.
        areas: shape (n,): pixels of the parts.
        dpi: pixels an inch.
    """
    paler = np.asarray(cv2.threshold(ink, _PALER, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    length = max(9, round(_LINE_IN * dpi))
    level = opened(paler, length)
    upright = cv2.transpose(opened(np.ascontiguousarray(cv2.transpose(paler), dtype=np.uint8), length))
    on_lines = np.bincount(np.asarray(labels)[(level > 0) | (upright > 0)], minlength=len(areas))
    return np.asarray(on_lines >= _OF_LINES * np.asarray(areas), dtype=np.bool_)
