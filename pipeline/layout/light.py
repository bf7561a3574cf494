"""Uneven light → paper near 255 everywhere, by division by what the paper would be."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.raster import Gray

_COARSE = 0.1
_WINDOW_IN = 1.2
_PAPER = 250.0
_DARKEST_PAPER = 40.0


def even_light(gray: Gray, dpi: float) -> Gray:
    """Divides a page by its background: the median over about an inch, at a tenth of the resolution.

    Args:
        gray: of any light.
        dpi: pixels an inch.
    """
    if min(gray.shape) < 32:
        return gray
    small = cv2.resize(gray, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_AREA)
    window = max(3, min(round(_WINDOW_IN * dpi * _COARSE), min(small.shape) - 1, 255)) | 1
    # Print darkens the median of a dense table little, but never brightens it.
    brighter = cv2.dilate(small, np.ones((3, 3), np.uint8))
    paper = cv2.resize(cv2.medianBlur(brighter, window), (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    level = np.maximum(paper.astype(np.float32), _DARKEST_PAPER)
    return np.asarray(np.clip(gray.astype(np.float32) * (_PAPER / level), 0, 255), dtype=np.uint8)
