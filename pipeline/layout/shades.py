"""Evenly shaded cells, as heads and every other row have them → paper, so that their rulings and print stand out as elsewhere."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.coarse import coarse, square
from pipeline.raster import Gray, counted_percentile

_LOOK_DPI = 100.0
_GRAIN_PX = 5
_PRINT_IN, _LETTER_IN, _LEAST_IN, _WIDE_IN, _RIM_IN = 0.13, 0.25, 0.12, 0.3, 0.015
_PAPER, _SHADE = 80, (0.6, 0.975)
_EVEN_PAPER, _EVEN_SHADE, _EDGE_IN, _SHARP = 0.05, 0.05, 0.05, 0.7


def without_shades(gray: Gray, dpi: float) -> Gray:
    """Lightens evenly shaded cells up to the paper around them; what is printed on them is lightened in proportion.

    Evening the light over a page does this for the middle of a large shade alone: its corners stay dark, and pale rulings on it
    are lost. Pages whose paper is not even, as in photos, are left to that.

    Args:
        gray: a page, paper light; shape (height, width).
        dpi: pixels an inch.

    Returns:
        The page itself where it has no such shade.
    """
    small, scale = coarse(gray, dpi, _LOOK_DPI)
    look = dpi * scale
    # Grain that is as light as paper would part a pale shade at single pixels.
    ground = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square(_PRINT_IN * look)), _GRAIN_PX)
    counts = cv2.calcHist([ground], [0], None, [256], [0, 256]).reshape(-1).astype(np.int64)
    paper = counted_percentile(counts, _PAPER)
    light = np.where(np.arange(256) > _SHADE[1] * paper, counts, 0)
    if not light.any() or counted_percentile(light, 95) - counted_percentile(light, 5) > _EVEN_PAPER * paper:
        return gray
    is_darker = ground < _SHADE[1] * paper
    wholes = cv2.connectedComponents(is_darker.astype(np.uint8), connectivity=4)[1]
    shaded: npt.NDArray[Any] = np.asarray(is_darker & (ground > _SHADE[0] * paper), dtype=np.uint8)
    shaded = cv2.morphologyEx(shaded, cv2.MORPH_OPEN, square(_LEAST_IN * look))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(shaded, connectivity=4)
    factor, ring = np.ones(small.shape, dtype=np.float32), max(3, round(_EDGE_IN * look))
    for k in range(1, count):
        x, y, width, height, area = (int(n) for n in stats[k])
        at_rim = min(x, y) < ring or x + width > small.shape[1] - ring or y + height > small.shape[0] - ring
        if at_rim or width < _WIDE_IN * look or area < (_LEAST_IN * look) ** 2:
            continue
        place = np.s_[y - ring : y + height + ring, x - ring : x + width + ring]
        inside = labels[place] == k
        levels = ground[place][inside]
        even = float(np.subtract(*np.percentile(levels, (90, 10)))) <= _EVEN_SHADE * paper
        if even and _ends_at_once(inside, ground[place] > _SHADE[1] * paper, ring):
            # Dense letters are darker than the shade that they stand on, which goes on beneath and around them.
            beneath = (labels == 0) & (wholes == wholes[place][inside][0])
            factor[beneath | (labels == k)] = paper / float(np.median(levels))
    if float(factor.max()) == 1.0:
        return gray
    # Where print leaves a shade as light as paper for a letter, the shade goes on.
    across = np.ones((1, max(3, round(_LETTER_IN * look))), np.uint8)
    factor = np.asarray(cv2.morphologyEx(factor, cv2.MORPH_CLOSE, across), dtype=np.float32)
    # Its edge is no line: paper beside it cannot become lighter than white.
    factor = np.asarray(cv2.dilate(factor, square(2 * _RIM_IN * look + 1)), dtype=np.float32)
    whole = cv2.resize(factor, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.minimum(gray * whole, 255), dtype=np.uint8)


def _ends_at_once(inside: npt.NDArray[np.bool_], is_paper: npt.NDArray[np.bool_], ring: int) -> bool:
    """True where paper lies close around most of a shade; a shadow fades out."""
    shape = inside.astype(np.uint8)
    near, far = (cv2.dilate(shape, np.ones((size, size), np.uint8)) > 0 for size in (2 * (ring // 2) + 1, 2 * ring + 1))
    around = far & ~near
    return bool(around.any()) and float(is_paper[around].mean()) >= _SHARP
