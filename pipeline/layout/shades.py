"""Evenly shaded cells, as heads and every other row have them → paper, so that their rulings and print stand out as elsewhere."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

_LOOK_DPI = 100.0
_PRINT_IN, _LEAST_IN, _WIDE_IN, _RIM_IN = 0.13, 0.12, 0.3, 0.015
_PAPER, _SHADE = 80, (0.6, 0.975)
_EVEN_PAPER, _EVEN_SHADE, _FULL = 0.05, 0.05, 0.8


def without_shades(gray: Gray, dpi: float) -> Gray:
    """Lightens evenly shaded rectangles up to the paper around them; what is printed on them is lightened in proportion.

    Evening the light over a page does this for the middle of a large shade alone: its corners stay dark, and pale rulings on it
    are lost. Pages whose paper is not even, as in photos, are left to that.

    Args:
        gray: a page, paper light; shape (height, width).
        dpi: pixels an inch.

    Returns:
        The page itself where it has no such shade.
    """
    scale = min(1.0, _LOOK_DPI / dpi)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    look = dpi * scale
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _square(_PRINT_IN * look))
    paper = float(np.percentile(ground, _PAPER))
    light = ground[ground > _SHADE[1] * paper]
    if not light.size or float(np.subtract(*np.percentile(light, (95, 5)))) > _EVEN_PAPER * paper:
        return gray
    shaded: npt.NDArray[Any] = np.asarray((ground < _SHADE[1] * paper) & (ground > _SHADE[0] * paper), dtype=np.uint8)
    shaded = cv2.morphologyEx(shaded, cv2.MORPH_OPEN, _square(_LEAST_IN * look))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(shaded, connectivity=4)
    factor = np.ones(small.shape, dtype=np.float32)
    for k in range(1, count):
        x, y, width, height, area = (int(n) for n in stats[k])
        at_rim = x == 0 or y == 0 or x + width == small.shape[1] or y + height == small.shape[0]
        if at_rim or width < _WIDE_IN * look or area < _FULL * width * height:
            continue
        inside = labels[y : y + height, x : x + width] == k
        levels = ground[y : y + height, x : x + width][inside]
        level = float(np.median(levels))
        if float(np.subtract(*np.percentile(levels, (90, 10)))) <= _EVEN_SHADE * paper:
            factor[y : y + height, x : x + width][inside] = paper / level
    if float(factor.max()) == 1.0:
        return gray
    # Its edge is no line: paper beside it cannot become lighter than white.
    factor = np.asarray(cv2.dilate(factor, _square(2 * _RIM_IN * look + 1)), dtype=np.float32)
    whole = cv2.resize(factor, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.minimum(gray * whole, 255), dtype=np.uint8)


def _square(side: float) -> npt.NDArray[np.uint8]:
    return np.ones((max(3, round(side)),) * 2, dtype=np.uint8)
