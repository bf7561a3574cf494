"""Uprights too short, or too pale for their length, to be told from print and grain alone: they reach from line to line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np

from pipeline.grid.line_pieces import find_lines
from pipeline.grid.ridges import PixelRule, Ridges, filled_rows, measured, opened
from pipeline.raster import Gray

_SOLID_IN, _LONGEST_IN = 0.08, 0.24
_PALE_SOLID_IN, _PALE_LONGEST_IN = 0.2, 1.1
# Print in a row keeps further away from its lines.
_SHORT_OF_IN = 0.012
_ALIKE_IN, _BESIDE_IN = 0.02, 0.04


def find_rungs(
    turned: Gray, ridges: Ridges, flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float, mask: Gray
) -> list[PixelRule]:
    """Finds uprights of rows so low that they are too short to be told from print by their length alone, and pale ones.

    Args:
        turned: the transposed page; 0 is paper, 255 black.
        ridges: of `turned`.
        flat: pieces of the horizontal lines of the page.
        tall: those of its uprights that were found before.
        dpi: pixels an inch.
        mask: transposed; pixels of lines found before are not 0 in it, those of rungs are set to 255.
    """
    held = ends_of_lines(turned.shape, flat, dpi) | ends_of_lines(turned.shape, _open_ends(flat, tall, dpi), dpi)
    if not held.any():
        return []
    found = _reaching(opened(ridges.strong, max(6, round(_SOLID_IN * dpi))), turned, held, _LONGEST_IN * dpi, dpi, mask)
    pale = opened(ridges.faint, max(9, round(_PALE_SOLID_IN * dpi)))
    return found + _reaching(pale, turned, held, _PALE_LONGEST_IN * dpi, dpi, mask)


def _open_ends(flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float) -> list[PixelRule]:
    """Returns where a page break cuts a row: both sides of a table go on beyond its last line, equally far.

    No line is drawn there, but the other uprights of the row end where its sides do.
    """
    sides = [rule for rule, _, is_whole in find_lines(tall, dpi) if is_whole]
    near, longest = _BESIDE_IN * dpi, _PALE_LONGEST_IN * dpi
    found = []
    for line in (rule for rule, _, is_whole in find_lines(flat, dpi) if is_whole):
        left, right = (
            [s for s in sides if abs(s.at - x) <= near and s.start <= line.at <= s.end] for x in (line.start, line.end)
        )
        for a, b in product(left, right):
            for ends in ((a.start, b.start), (a.end, b.end)):
                at = sum(ends) / 2
                if abs(ends[0] - ends[1]) <= _ALIKE_IN * dpi and near < abs(at - line.at) <= longest:
                    # Dark sides seem to go on a little further than a pale upright beside them.
                    found.append(line._replace(at=at, thickness=_ALIKE_IN * dpi))
    return found


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
