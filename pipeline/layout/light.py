"""Uneven light → paper near 255 everywhere, by division by what the paper would be."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.raster import Gray

_COARSE = 0.1
_WINDOW_IN = 1.2
_PAPER = 250.0
_DARKEST_PAPER = 40.0
_LEAST_BARE = 1e-3


def even_light(gray: Gray, dpi: float, ground: Gray | None = None) -> Gray:
    """Divides a page by its background: the median over about an inch, at a tenth of the resolution.

    Args:
        gray: of any light.
        dpi: pixels an inch.
        ground: of the shape of `gray`: above 127 where it shows no page; it becomes paper. None where all is page.
    """
    if min(gray.shape) < 32:
        return gray
    small = np.asarray(cv2.resize(gray, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    window = max(3, min(round(_WINDOW_IN * dpi * _COARSE), min(small.shape) - 1, 255)) | 1
    # Print darkens the median of a dense table little, but never brightens it.
    brighter = np.asarray(cv2.dilate(small, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    if ground is not None:
        covered = cv2.resize(ground, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
        brighter = _filled(brighter, np.asarray(covered > 0, dtype=np.uint8), window)
    level = np.maximum(cv2.medianBlur(brighter, window).astype(np.float32), _DARKEST_PAPER)
    wide = cv2.resize(level, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = np.asarray(cv2.divide(gray, wide, scale=_PAPER, dtype=cv2.CV_8U), dtype=np.uint8)
    if ground is not None:
        even[ground > 127] = int(_PAPER)
    return even


def _filled(small: Gray, covered: Gray, window: int) -> Gray:
    """Continues paper over what is covered, from what is bare around it; near first, then further away."""
    bare = np.asarray(1 - cv2.dilate(covered, np.ones((3, 3), np.uint8)), dtype=np.float32)
    light, filled, size = small * bare, small.copy(), window
    missing = bare == 0
    while missing.any() and size < 4 * max(small.shape):
        share = cv2.blur(bare, (size, size), borderType=cv2.BORDER_CONSTANT)
        known = missing & (share > _LEAST_BARE)
        filled[known] = (cv2.blur(light, (size, size), borderType=cv2.BORDER_CONSTANT)[known] / share[known]).astype(np.uint8)
        missing &= ~known
        size = 2 * size + 1
    return filled
