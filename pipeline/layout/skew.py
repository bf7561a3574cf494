"""How far a page is turned: fine skew by the variance of its projections (Postl, 1986), and quarter turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.raster import Gray, counted_percentile

_COARSE_PX, _FINE_PX = 500, 1200
_MIDDLE_STEP, _FINE_STEPS, _BEYOND = 0.25, (0.08, 0.03), 2
_INK_LEVEL, _FILLED_LEVEL = 190, 64
_RIM_FILLED, _RIM_LEAST = 0.25, 1e-4
_RULING_IN, _LETTER_GAP_IN, _CLEAR = 0.35, 0.045, 0.9
_EDGE_PX = 2
_DARK_PRINT, _PAPER = 10, 80
_LEAST_HALVED_DPI, _SURELY_DOWN, _SURELY_ALONG = 150.0, 0.6, 1.4


@dataclass(frozen=True, slots=True)
class _Print:
    """The ink of a page, as `_ink` gives it, without the margins, which add nothing to a sum.

    Attributes:
        part: the box that holds all ink; empty where there is none.
        corner: `x, y` of the box in the page.
        shape: height and width of the page.
        known: angles that were looked at, with the sharpness found.
    """

    part: Gray
    corner: tuple[int, int]
    shape: tuple[int, int]
    known: dict[float, float]


def find_skew(gray: Gray, most_deg: float) -> float:
    """Returns the angle in degrees, counter-clockwise positive, by which the page must be turned to be level.

    Both projections count, so that pages lying on their side are levelled likewise.

    Args:
        gray: light evened.
        most_deg: the largest angle looked for, to either side.
    """
    coarse, fine = _cut_out(_ink(gray, _COARSE_PX)), _cut_out(_ink(gray, _FINE_PX))
    if not coarse.part.size:
        return 0.0
    best = _best(coarse, np.arange(-most_deg, most_deg + 0.5, 1.0))
    best = _best(coarse, best + _MIDDLE_STEP * np.arange(-4, 5))
    for step in _FINE_STEPS:
        best = _summit(fine, [float(a) for a in best + step * np.arange(-4, 5)])
    return best


def lies_on_side(gray: Gray, dpi: float) -> bool:
    """True where lines of text of a level page run from top to bottom.

    Letters stand closer to the next one of their line than to those of the next line: spread along the lines by less than
    the space between lines, they join into fewer groups. Rulings are taken out first, since they run both ways.

    Args:
        gray: level, light evened.
        dpi: pixels an inch.
    """
    if dpi >= _LEAST_HALVED_DPI:
        # Print is kept whole at half the resolution; only where that leaves a doubt, all pixels are asked.
        half = np.ascontiguousarray(cv2.erode(gray, np.ones((2, 2), np.uint8))[::2, ::2], dtype=np.uint8)
        share = _groups_down(half, dpi / 2)
        if not _SURELY_DOWN <= share <= _SURELY_ALONG:
            return share < _CLEAR
    return _groups_down(gray, dpi, _print_level(gray)) < _CLEAR


def _print_level(gray: Gray) -> float:
    """Returns what print is darker than: half-way from paper to the dark print of a page, or lighter print where that is pale.

    At a level as light as pale rulings those break into dashes, which are known for no rulings and join as letters do.
    """
    counts = cv2.calcHist([gray], [0], None, [256], [0, 256]).reshape(-1).astype(np.int64)
    ink = np.where(np.arange(256) < _INK_LEVEL, counts, 0)
    if not ink.any():
        return _INK_LEVEL
    return min(_INK_LEVEL, (counted_percentile(ink, _DARK_PRINT) + counted_percentile(counts, _PAPER)) / 2)


def _groups_down(gray: Gray, dpi: float, level: float = _INK_LEVEL) -> float:
    """Returns how many groups letters join into when they are spread down the page, over those when spread across it."""
    ink = (gray < level).astype(np.uint8)
    length = max(15, round(_RULING_IN * dpi))
    lines = np.zeros_like(ink)
    for kernel in (np.ones((1, length), np.uint8), np.ones((length, 1), np.uint8)):
        lines |= np.asarray(cv2.dilate(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    letters = np.where(lines > 0, np.uint8(0), ink)
    reach = max(3, round(_LETTER_GAP_IN * dpi))
    along, down = (
        cv2.connectedComponents(cv2.dilate(letters, np.ones(shape, np.uint8)))[0] for shape in ((1, reach), (reach, 1))
    )
    return float(down / along)


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


def _best(ink: _Print, angles: Iterable[float]) -> float:
    return max((float(a) for a in angles), key=lambda a: (_sharpness(ink, a), -abs(a)))


def _summit(ink: _Print, angles: Sequence[float]) -> float:
    """Returns the best of some angles in their order, as `_best` does, from the middle one on: none is looked at that stands
    beyond two worse ones.
    """
    known: dict[int, tuple[float, float]] = {}
    best = len(angles) // 2
    while True:
        near = range(max(0, best - _BEYOND), min(len(angles), best + _BEYOND + 1))
        for k in near:
            if k not in known:
                known[k] = (_sharpness(ink, angles[k]), -abs(angles[k]))
        highest = max(known, key=lambda k: known[k])
        if highest == best:
            return angles[best]
        best = highest


def _cut_out(ink: Gray) -> _Print:
    x, y, width, height = cv2.boundingRect(ink)
    part = np.ascontiguousarray(ink[y : y + height, x : x + width])
    return _Print(part, (x, y), (ink.shape[0], ink.shape[1]), {})


def _sharpness(ink: _Print, angle: float) -> float:
    """Returns how much the sums along the rows and the columns of a page vary when it is turned by `angle` degrees."""
    if angle in ink.known:
        return ink.known[angle]
    (height, width), (x, y) = ink.shape, ink.corner
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), dtype=np.float64)
    right, bottom = x + ink.part.shape[1], y + ink.part.shape[0]
    corners = np.array([(x, y, 1), (right, y, 1), (x, bottom, 1), (right, bottom, 1)]) @ matrix.T
    left, top = (max(0, int(np.floor(least)) - _EDGE_PX) for least in corners.min(axis=0))
    size = [min(end, int(np.ceil(most)) + _EDGE_PX) for end, most in zip((width, height), corners.max(axis=0), strict=True)]
    matrix[:, 2] += matrix[:, :2] @ (x, y) - (left, top)
    turned = cv2.warpAffine(ink.part, matrix, (max(1, size[0] - left), max(1, size[1] - top)), flags=cv2.INTER_LINEAR)
    across, down = np.zeros(height, dtype=np.int32), np.zeros(width, dtype=np.int32)
    # Twelve times as fast as OpenCV's own sums of rows.
    across[top : top + turned.shape[0]] = turned.sum(axis=1, dtype=np.int32)
    down[left : left + turned.shape[1]] = turned.sum(axis=0, dtype=np.int32)
    ink.known[angle] = float(np.var(across) + np.var(down))
    return ink.known[angle]
