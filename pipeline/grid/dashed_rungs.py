"""Dashed uprights of low rows: too few dashes to be told from print, but they are those of the other lines of the page."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.grid.ridges import PixelRule, Ridges, filled_rows, measured, opened
from pipeline.grid.rungs import ends_of_lines
from pipeline.raster import Gray

_SOLID_IN, _LONGEST_IN, _DASH_IN = 0.08, 0.4, 0.03
_LEAST, _GAPS, _OFF, _OFF_PX = 12, 2, 1 / 3, 1.5
_ACROSS_PX, _DARK, _SAME, _SAME_GAPS = 1, 0.4, 0.5, 0.7

Runs = npt.NDArray[np.int_]
"""Runs of dark and of light places along a row, shape (n, 2): 1 or 0, and the length in pixels."""


def find_dashed_rungs(
    turned: Gray, ridges: Ridges, flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float, mask: Gray
) -> list[PixelRule]:
    """Finds uprights of two dashes or more between two long lines, where the page has longer ones with the same dashes.

    Args:
        turned: the transposed page; 0 is paper, 255 black.
        ridges: of `turned`.
        flat: pieces of the horizontal lines of the page.
        tall: pieces of the vertical lines that are known.
        dpi: pixels an inch.
        mask: transposed; pixels of lines found before are not 0 in it, those of rungs are set to 255.
    """
    usual = _usual_dash(turned, [p for p in tall if p.is_dotted], dpi)
    if usual is None:
        return []
    near, far = ends_of_lines(turned.shape, flat, dpi), ends_of_lines(turned.shape, flat, dpi, usual[1])
    solid, rows = filled_rows(opened(ridges.dotted, max(6, round(_SOLID_IN * dpi))))
    if not len(rows):
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8, ltype=cv2.CV_32S)
    x, low, width, height = (stats[:, k] for k in range(4))
    y = rows[low]
    middle, last = y + height // 2, x + width - 1
    # The dashes begin on one of the lines; before the other there may be a gap.
    fits = (width <= _LONGEST_IN * dpi) & (far[middle, x] > 0) & (far[middle, last] > 0)
    fits &= (near[middle, x] > 0) | (near[middle, last] > 0)
    fits[0] = False
    found = []
    for k in np.flatnonzero(fits):
        part = np.s_[y[k] : y[k] + height[k], x[k] : x[k] + width[k]]
        shape = labels[low[k] : low[k] + height[k], x[k] : x[k] + width[k]] == k
        rule = None if mask[part][shape].any() else measured(shape, turned, int(x[k]), int(y[k]), dpi, is_dotted=False)
        if rule is not None and _are_usual(_runs(turned, rule), usual):
            found.append(rule._replace(strength=1.0, is_dotted=True))
            mask[part][shape] = 255
    return found


def _usual_dash(turned: Gray, dotted: Sequence[PixelRule], dpi: float) -> tuple[float, float] | None:
    """Returns the usual lengths of the dashes of a page and of the gaps between them, or None where it has no dashed lines."""
    inner = [_runs(turned, p)[1:-1] for p in dotted]
    runs = np.vstack([*inner, np.zeros((0, 2), dtype=np.int_)])
    dashes, gaps = (runs[runs[:, 0] == is_dark, 1] for is_dark in (1, 0))
    if min(len(dashes), len(gaps)) < _LEAST:
        return None
    dash, gap = float(np.median(dashes)), float(np.median(gaps))
    # The dashes of each cell begin anew, so that two may meet on the line across.
    alike = _near(dashes, dash).mean() >= _SAME and _near(gaps, gap).mean() >= _SAME_GAPS
    # Dots are so short that strokes of print are like them.
    return (dash, gap) if alike and dash >= _DASH_IN * dpi else None


def _runs(turned: Gray, rule: PixelRule) -> Runs:
    """Returns the dashes of a line and the gaps between them."""
    at, first, last = round(rule.at), max(0, round(rule.start)), round(rule.end)
    level = turned[max(0, at - _ACROSS_PX) : at + _ACROSS_PX + 1, first:last].max(axis=0)
    is_dark = level > _DARK * float(np.percentile(level, 75))
    cuts = np.flatnonzero(np.diff(is_dark.astype(np.int8))) + 1
    bounds = np.concatenate(([0], cuts, [len(is_dark)]))
    return np.column_stack([is_dark[bounds[:-1]].astype(np.int_), np.diff(bounds)])


def _are_usual(runs: Runs, usual: tuple[float, float]) -> bool:
    """True where all dashes and gaps are as long as those of the page, but for what the lines at both ends cut off."""
    runs = runs[int(runs[0, 0] == 0) : len(runs) - int(runs[-1, 0] == 0)]
    if len(runs) < 2 * _GAPS + 1:
        return False
    inner, ends = runs[1:-1], runs[[0, -1], 1]
    dashes, gaps = (inner[inner[:, 0] == is_dark, 1] for is_dark in (1, 0))
    whole = _near(dashes, usual[0]).all() and _near(gaps, usual[1]).all()
    return bool(whole and (ends <= (1 + _OFF) * usual[0] + _OFF_PX).all())


def _near(lengths: npt.NDArray[np.int_], usual: float) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(lengths - usual) <= max(_OFF_PX, _OFF * usual), dtype=np.bool_)
