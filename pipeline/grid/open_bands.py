"""Rows over the whole width of a table without an outer frame: no upright crosses them, yet they are part of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.grid.ridges import PixelRule

_NEAR_IN, _SIDES_IN = 0.04, 0.09
_LINES, _ROW, _COVERED = 4, 1.2, 0.5


def close_open_bands(
    lines: Sequence[PixelRule], flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float
) -> tuple[list[PixelRule], list[PixelRule]]:
    """Returns lines that belong to a table after all, and the sides of rows that no upright crosses, drawn or not.

    Args:
        lines: long horizontal lines of a region, whether anything crosses them or not.
        flat: its horizontal rulings, as far as known.
        tall: its vertical ones.
        dpi: pixels an inch.
    """
    near = _NEAR_IN * dpi
    if len(lines) < _LINES or not tall:
        return [], []
    first, last = median(r.start for r in lines), median(r.end for r in lines)
    wide = sorted(r for r in lines if abs(r.start - first) <= near and abs(r.end - last) <= near)
    if any(min(abs(t.at - first), abs(t.at - last)) <= _SIDES_IN * dpi for t in tall):
        return [], []
    bands = [(a, b, _is_crossed(a.at, b.at, tall)) for a, b in pairwise(wide) if b.at - a.at > near]
    heights = [b.at - a.at for a, b, is_crossed in bands if is_crossed]
    if len(wide) < _LINES or not heights:
        return [], []
    row = _ROW * median(heights)
    bare = [
        (a, b)
        for k, (a, b, is_crossed) in enumerate(bands)
        if not is_crossed and b.at - a.at <= row and any(n[2] for n in bands[max(0, k - 1) : k + 2])
    ]
    sides = [PixelRule(x, a.at, b.at, 1.0, 0.0) for a, b in bare for x in (first, last)]
    lost = {r for pair in bare for r in pair if not any(abs(r.at - f.at) <= near for f in flat)}
    return sorted(lost), sides


def _is_crossed(top: float, bottom: float, tall: Sequence[PixelRule]) -> bool:
    return any(min(t.end, bottom) - max(t.start, top) >= _COVERED * (bottom - top) for t in tall)
