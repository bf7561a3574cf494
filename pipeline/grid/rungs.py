"""Uprights too short, or too pale for their length, to be told from print and grain alone: they reach from line to line."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.grid.line_pieces import find_lines
from pipeline.grid.ridges import PixelRule, Ridges, filled_rows, measured, opened
from pipeline.raster import Gray

_SOLID_IN, _LONGEST_IN = 0.08, 0.24
_PALE_SOLID_IN, _PALE_LONGEST_IN = 0.2, 1.1
# Print in a row keeps further away from its lines.
_SHORT_OF_IN = 0.012


def find_rungs(turned: Gray, ridges: Ridges, flat: Sequence[PixelRule], dpi: float, mask: Gray) -> list[PixelRule]:
    """Finds uprights of rows so low that they are too short to be told from print by their length alone, and pale ones.

    Args:
        turned: the transposed page; 0 is paper, 255 black.
        ridges: of `turned`.
        flat: pieces of the horizontal lines of the page.
        dpi: pixels an inch.
        mask: transposed; pixels of lines found before are not 0 in it, those of rungs are set to 255.
    """
    held = ends_of_lines(turned.shape, flat, dpi)
    if not held.any():
        return []
    found = _reaching(opened(ridges.strong, max(6, round(_SOLID_IN * dpi))), turned, held, _LONGEST_IN * dpi, dpi, mask)
    pale = opened(ridges.faint, max(9, round(_PALE_SOLID_IN * dpi)))
    return found + _reaching(pale, turned, held, _PALE_LONGEST_IN * dpi, dpi, mask)


def _reaching(solid: Gray, turned: Gray, held: Gray, longest: float, dpi: float, mask: Gray) -> list[PixelRule]:
    """Returns the uprights among the connected parts of a picture that reach from one long line to another."""
    solid, rows = filled_rows(solid)
    if not len(rows):
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8, ltype=cv2.CV_32S)
    x, low, width, height = (stats[:, k] for k in range(4))
    y = rows[low]
    middle, last = y + height // 2, x + width - 1
    fits = (width <= longest) & (held[middle, x] > 0) & (held[middle, last] > 0)
    fits[0] = False
    found = []
    for k in np.flatnonzero(fits):
        part = np.s_[y[k] : y[k] + height[k], x[k] : x[k] + width[k]]
        shape = labels[low[k] : low[k] + height[k], x[k] : x[k] + width[k]] == k
        rule = None if mask[part][shape].any() else measured(shape, turned, int(x[k]), int(y[k]), dpi, is_dotted=False)
        if rule is not None:
            found.append(rule)
            mask[part][shape] = 255
    return found


def ends_of_lines(shape: tuple[int, ...], flat: Sequence[PixelRule], dpi: float, gap: float = 0.0) -> Gray:
    """Marks where an upright may end on a long line, in the transposed page.

    Args:
        shape: of the transposed page.
        flat: pieces of the horizontal lines of the page.
        dpi: pixels an inch.
        gap: how far from a line the last dash of an upright may end, in pixels.
    """
    held = np.zeros(shape, dtype=np.uint8)
    for _, chain, is_whole in find_lines(flat, dpi):
        if not is_whole:
            continue
        for piece in chain:
            half = piece.thickness / 2 + max(2.0, _SHORT_OF_IN * dpi) + gap
            first, last = max(0, round(piece.at - half)), round(piece.at + half) + 1
            held[max(0, round(piece.start - half)) : round(piece.end + half) + 1, first:last] = 255
    return held
