"""How far a page is turned: fine skew by the variance of its projections (Postl, 1986), and quarter turns."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from pipeline.raster import Gray

_COARSE_PX, _FINE_PX = 500, 1200
_FINE_STEPS = (0.25, 0.08, 0.03)
_INK_LEVEL, _FILLED_LEVEL = 190, 64
_RIM_FILLED, _RIM_LEAST = 0.25, 1e-4
_RULING_IN, _LETTER_GAP_IN, _CLEAR = 0.35, 0.045, 0.9


def find_skew(gray: Gray, most_deg: float) -> float:
    """Returns the angle in degrees, counter-clockwise positive, by which the page must be turned to be level.

    Both projections count, so that pages lying on their side are levelled likewise.

    Args:
        gray: light evened.
        most_deg: the largest angle looked for, to either side.
    """
    coarse, fine = _ink(gray, _COARSE_PX), _ink(gray, _FINE_PX)
    if not coarse.any():
        return 0.0
    best = _best(coarse, np.arange(-most_deg, most_deg + 0.5, 1.0))
    for step in _FINE_STEPS:
        best = _best(fine if step < 0.2 else coarse, best + step * np.arange(-4, 5))
    return best


def lies_on_side(gray: Gray, dpi: float) -> bool:
    """True where lines of text of a level page run from top to bottom.

    Letters stand closer to the next one of their line than to those of the next line: spread along the lines by less than
    the space between lines, they join into fewer groups. Rulings are taken out first, since they run both ways.

    Args:
        gray: level, light evened.
        dpi: pixels an inch.
    """
    ink = (gray < _INK_LEVEL).astype(np.uint8)
    length = max(15, round(_RULING_IN * dpi))
    lines = np.zeros_like(ink)
    for kernel in (np.ones((1, length), np.uint8), np.ones((length, 1), np.uint8)):
        lines |= np.asarray(cv2.dilate(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    letters = np.where(lines > 0, np.uint8(0), ink)
    reach = max(3, round(_LETTER_GAP_IN * dpi))
    along, down = (
        cv2.connectedComponents(cv2.dilate(letters, np.ones(shape, np.uint8)))[0] for shape in ((1, reach), (reach, 1))
    )
    return bool(down < _CLEAR * along)


def _ink(gray: Gray, longest: int) -> Gray:
    """Returns how much of each pixel of a page, brought to a size, is ink: 0 to 255.

    Thin print is told from paper before the page is made smaller: blended with paper it would be lost.
    What touches the rim and is large is no print: the lid of the scanner, the shadow of a fold, the table that a page lies on.
    """
    scale = min(1.0, longest / max(gray.shape))
    _, amount = cv2.threshold(gray, _INK_LEVEL - 1, 255, cv2.THRESH_BINARY_INV)
    if scale < 1:
        amount = cv2.resize(amount, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = np.asarray(amount > _FILLED_LEVEL, dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    right, bottom = stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]
    at_rim = (stats[:, :2].min(axis=1) <= 1) | (right >= ink.shape[1] - 1) | (bottom >= ink.shape[0] - 1)
    filled = (stats[:, 4] >= _RIM_FILLED * stats[:, 2] * stats[:, 3]) & (stats[:, 4] >= _RIM_LEAST * ink.size)
    dark = at_rim & filled
    dark[0] = False
    if count > 1 and dark.any():
        rim = cv2.dilate(np.asarray(dark[labels], dtype=np.uint8), np.ones((3, 3), np.uint8))
        amount[rim > 0] = 0
    return np.asarray(amount, dtype=np.uint8)


def _best(ink: Gray, angles: Iterable[float]) -> float:
    return max((float(a) for a in angles), key=lambda a: (_sharpness(ink, a), -abs(a)))


def _sharpness(ink: Gray, angle: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
    across, down = (cv2.reduce(turned, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for axis in (1, 0))
    return float(np.var(across) + np.var(down))
