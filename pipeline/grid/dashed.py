"""Dashed lines close to print: their dashes and gaps go on in the lengths that they have elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.grid.dots import PERIOD_IN
from pipeline.grid.strips import Bools, Strip
from pipeline.raster import find_runs

_INSET_IN, _DASH_IN = 0.015, 0.03
_LEAST, _ALIKE, _OFF, _OFF_PX = 8, 0.7, 1 / 3, 1.5
_DASHES, _GOES_ON, _SHOWN = 2, 0.6, 0.4
_FEW, _LOW_ROW_IN, _LETTERED, _LEFT_PX = 3, 0.25, 0.1, 2

Dashes = npt.NDArray[np.int_]
"""Dashes with a gap after each, shape (n, 3): where one begins, its length, and that of the gap, in pixels."""


def are_dashed(strip: Strip, spans: Sequence[tuple[float, float]], dpi: float) -> list[bool]:
    """Tells for each stretch of a line whether the dashes that the line has elsewhere go on in it.

    Print on both sides hides the paper beside a dash, but hardly that right beside it; its strokes are of other lengths.

    Args:
        strip: along the line.
        spans: the first and the last coordinate of each stretch.
        dpi: pixels an inch.
    """
    bounds = _bounds(strip, spans, dpi)
    found = [_dashes(strip.lit, first, last) for first, last in bounds]
    usual = _usual(strip, found, bounds, _LEAST, dpi)
    if usual is None:
        return [False] * len(spans)
    reaches = [_reaches(strip.lit[first:last], round(float(usual[1])) + round(_INSET_IN * dpi)) for first, last in bounds]
    return [
        reaching and _go_on(dashes, usual, last - first)
        for dashes, (first, last), reaching in zip(found, bounds, reaches, strict=True)
    ]


def are_strokes(strip: Strip, spans: Sequence[tuple[float, float]], dpi: float) -> list[bool]:
    """Tells for each stretch of a dashed line whether it is the stroke of a letter that fills a low row.

    Such a stroke goes on where a gap of the line should be, and its letter stands on both sides of it.

    Args:
        strip: along the line.
        spans: the first and the last coordinate of each stretch.
        dpi: pixels an inch.
    """
    bounds = _bounds(strip, spans, dpi)
    low = [0 < last - first <= _LOW_ROW_IN * dpi and strip.flanked[first:last].mean() >= _LETTERED for first, last in bounds]
    if not any(low):
        return low
    clear = [bound for bound, is_low in zip(bounds, low, strict=True) if not is_low]
    usual = _usual(strip, [_dashes(strip.lit, first, last) for first, last in clear], clear, _FEW, dpi)
    period = (float(usual.sum()) if usual is not None else PERIOD_IN * dpi) + 1
    # Dashes that run into each other do so all the way.
    runs = [(_longest(strip.lit[first:last]), last - first) for first, last in bounds]
    return [is_low and period < run <= length - _LEFT_PX for is_low, (run, length) in zip(low, runs, strict=True)]


def _bounds(strip: Strip, spans: Sequence[tuple[float, float]], dpi: float) -> list[tuple[int, int]]:
    """Returns the places of stretches in a strip, without what the lines across take of them."""
    inset = round(_INSET_IN * dpi)
    return [(max(0, round(a) - strip.start + inset), round(b) - strip.start - inset) for a, b in spans]


def _usual(
    strip: Strip, found: Sequence[Dashes], bounds: Sequence[tuple[int, int]], least: int, dpi: float
) -> npt.NDArray[np.float64] | None:
    """Returns how long the dashes of a line and the gaps between them are, or None where it has too few that are alike."""
    # Where nothing is drawn, the grain of the paper makes runs of a pixel or two.
    shown = [
        d for d, (first, last) in zip(found, bounds, strict=True) if np.sum(strip.lit[first:last]) >= _SHOWN * (last - first)
    ]
    free = np.vstack([*shown, np.zeros((0, 3), dtype=np.int_)])
    if len(free) < least:
        return None
    usual = np.asarray(np.median(free[:, 1:], axis=0), dtype=np.float64)
    # Dots are so short that strokes of print are like them; their wave tells of them.
    return usual if usual[0] >= _DASH_IN * dpi and _alike(free, usual).mean() >= _ALIKE else None


def _longest(lit: Bools) -> int:
    """Returns the length of the longest run."""
    starts, ends = find_runs(lit)
    return int((ends - starts).max(initial=0))


def _dashes(lit: Bools, first: int, last: int) -> Dashes:
    """Returns the dashes that begin after `first` and whose gaps end before `last`."""
    edges = first + 1 + np.flatnonzero(np.diff(lit[first:last].astype(np.int8)))
    starts = edges[lit[edges]]
    ends = edges[~lit[edges]]
    ends = ends[ends > starts[0]] if len(starts) else ends[:0]
    count = min(len(ends), len(starts) - 1)
    if count < 1:
        return np.zeros((0, 3), dtype=np.int_)
    return np.column_stack([starts[:count], ends[:count] - starts[:count], starts[1 : count + 1] - ends[:count]])


def _alike(dashes: Dashes, usual: npt.NDArray[np.float64]) -> Bools:
    """Returns for each dash whether it and its gap are about as long as the usual ones."""
    near = np.abs(dashes[:, 1:] - usual) <= np.maximum(_OFF_PX, _OFF * usual)
    return np.asarray(near.all(axis=1), dtype=np.bool_)


def _reaches(lit: Bools, gap: int) -> bool:
    """True where dashes begin and end at the crossings of a stretch, but for a gap."""
    places = np.flatnonzero(lit)
    return bool(len(places)) and bool(places[0] <= gap and places[-1] >= len(lit) - 1 - gap)


def _go_on(dashes: Dashes, usual: npt.NDArray[np.float64], length: int) -> bool:
    """True where most of the dashes that a stretch has room for are there."""
    count = int(np.count_nonzero(_alike(dashes, usual)))
    return count >= max(_DASHES, _GOES_ON * (length / float(usual.sum()) - 1))
