"""The pale sides of boxes: where each cell is drawn as if let into the page, a pale line runs along every dark one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.grid.ridges import PixelRule
from pipeline.grid.strips import Bools
from pipeline.raster import Gray

_NEAR_IN, _FAR_IN, _HALF_IN = 0.015, 0.05, 0.015
_CONTRAST, _SHARE, _ALONG, _SMOOTH_IN, _CLOSED_IN = 10, 0.5, 0.78, 0.03, 0.04
_LENGTH_IN, _THICK_IN, _PALER = 0.8, 0.025, 0.6


def pale_sides(ink: Gray, rules: Sequence[PixelRule], dpi: float) -> Gray:
    """Marks the lines that run along horizontal rulings close beside them, too pale to be rulings of their own.

    What is left of them in a cell would be read with its figure. Strokes of figures stand in line too, and as close; but
    between the rows they leave more paper than the corners of boxes do, so only what goes on along most of a long ruling counts.

    Args:
        ink: 0 is paper, 255 black.
        rules: rulings that are drawn.
        dpi: pixels an inch.

    Returns:
        255 where such a line is, else 0; the shape of `ink`.
    """
    mask = np.zeros_like(ink)
    near, far = max(3, round(_NEAR_IN * dpi)), max(4, round(_FAR_IN * dpi))
    half = max(2, round(_HALF_IN * dpi))
    around = far + half + 1
    for rule in rules:
        first, last = max(0, round(rule.start)), min(ink.shape[1], round(rule.end) + 1)
        at = round(rule.at)
        # What runs along a thick frame, or within it, is the edge of that.
        is_thick = rule.thickness > _THICK_IN * dpi
        if is_thick or last - first < _LENGTH_IN * dpi or at < around or at + around >= len(ink):
            continue
        strip = cv2.blur(ink[at - around : at + around + 1, first:last], (max(3, round(_SMOOTH_IN * dpi)) | 1, 1))
        sides = [_along(strip, around, half, offsets) for offsets in (range(-far, -near + 1), range(near, far + 1))]
        if all(sides):
            # A ruling between two lines is what both of them are taken for.
            continue
        size = max(3, round(_CLOSED_IN * dpi)) | 1
        for offset, drawn in (*sides[0], *sides[1]):
            closed = cv2.morphologyEx(drawn.astype(np.uint8)[None, :], cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))[0] > 0
            mask[at + offset - 1 : at + offset + 2, first:last][:, closed] = 255
    return mask


def _along(strip: cv2.typing.MatLike, middle: int, half: int, offsets: Sequence[int]) -> list[tuple[int, Bools]]:
    """Returns at which distances from a ruling a much paler line runs along most of it, and where it is drawn."""
    # One row above or below counts, as it does for what is drawn.
    values = cv2.dilate(strip, np.ones((3, 1), np.uint8))
    most = _PALER * float(np.median(values[middle]))
    ridges = ((offset, _is_ridge(strip, middle + offset, half)) for offset in offsets)
    found = [(offset, drawn) for offset, drawn in ridges if drawn.mean() >= _ALONG]
    return [(offset, drawn) for offset, drawn in found if float(np.median(values[middle + offset][drawn])) <= most]


def _is_ridge(strip: cv2.typing.MatLike, at: int, half: int) -> Bools:
    """Tells where a row of a strip, or one next to it, is darker than what lies on both its sides.

    Half of the usual contrast is asked for: the blur along a dark stroke would make it longer than it is.
    """
    values = np.asarray(strip, dtype=np.int16)
    ridge = np.max([values[k] - np.maximum(values[k - half], values[k + half]) for k in (at - 1, at, at + 1)], axis=0)
    seen = ridge[ridge >= _CONTRAST]
    least = max(float(_CONTRAST), _SHARE * float(np.median(seen))) if len(seen) else float(_CONTRAST)
    return np.asarray(ridge >= least, dtype=np.bool_)
