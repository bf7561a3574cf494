"""Bits of uprights among worn lines: too short to be told from a 1 one by one, but they stand one below another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.grid.line_pieces import as_one, join_pieces
from pipeline.grid.ridges import PixelRule
from pipeline.grid.ruled_regions import LONE_GAP_IN, LONE_PIECE_IN, is_lone
from pipeline.grid.worn_tables import broken_groups, runs_across
from pipeline.raster import Gray

_DARK = 80
_INSET_IN, _BIT_IN, _SIDE_IN = 0.02, 0.03, 0.012
_ROWS, _SHARE, _ALIKE_IN, _APART_IN = 3, 0.3, 0.01, 0.1
_LEAST_ROW_IN = 0.1
# Wear may have taken a whole line.
_LOST = 2.3


class _Bit(NamedTuple):
    """What stands in one row: how long it is, and how far its ends and its middle are from those of the row, in pixels."""

    length: int
    below: int
    above: int
    aside: float


def worn_uprights(turned: Gray, flat: Sequence[PixelRule], tall: Sequence[PixelRule], dpi: float) -> Gray:
    """Marks the bits that wear has left of uprights between broken lines, where no longer piece of an upright tells of a table.

    They read as a 1 beside the figures. Each is a thin stroke with paper on both sides, and they stand at one place in several
    rows. A column of ones does so too, but ones are as long as each other and stand alike in their rows; wear is not so even.

    Args:
        turned: the transposed page; 0 is paper, 255 black.
        flat: pieces of the horizontal lines of the page.
        tall: those of its uprights.
        dpi: pixels an inch.

    Returns:
        255 where such a bit is, else 0; the shape of `turned`.
    """
    mask = np.zeros_like(turned)
    chains = join_pieces([p for p in flat if p.length >= LONE_PIECE_IN * dpi], dpi, LONE_GAP_IN)
    inset = max(2, round(_INSET_IN * dpi))
    for lines, box in broken_groups([r for r in map(as_one, chains) if is_lone(r, dpi)], dpi, _LOST):
        if any(runs_across(p, lines, box, dpi) for p in tall):
            continue
        ats = sorted({round(r.at) for r in lines})
        bands = [(a + inset, b - inset) for a, b in pairwise(ats) if b - a >= _LEAST_ROW_IN * dpi]
        if bands:
            _mark_bits(turned, bands, (max(2, round(box.x0) - inset), round(box.x1) + inset), dpi, mask)
    return mask


def _mark_bits(turned: Gray, bands: Sequence[tuple[int, int]], span: tuple[int, int], dpi: float, mask: Gray) -> None:
    """Marks the bits of uprights between two sides of a table, in the rows between its lines."""
    low, high = span[0], min(span[1], turned.shape[0] - 1)
    dark = turned[low:high] >= _DARK
    seen = [_stand_free(dark[:, a:b], dpi) for a, b in bands]
    is_bit, is_open = np.array([bit for bit, _ in seen]), np.array([none for _, none in seen])
    counts, free = is_bit.sum(axis=0), (is_bit | is_open).sum(axis=0)
    fits = np.flatnonzero((counts >= _ROWS) & (counts >= _SHARE * free)).tolist()
    done: list[int] = []
    for at in sorted(fits, key=lambda k: (-int(counts[k]), k)):
        if any(abs(at - other) <= _APART_IN * dpi for other in done):
            continue
        rows = [band for k, band in enumerate(bands) if is_bit[k, at]]
        # Nothing stands before the first place.
        bits = dark[max(0, at - 1) : at + 2]
        if not _is_uneven([_bit(bits[:, a:b]) for a, b in rows], _ALIKE_IN * dpi):
            continue
        done.append(at)
        for first, last in rows:
            part = np.s_[low + at - 2 : low + at + 3, first:last]
            mask[part][:, bits[:, first:last].any(axis=0)] = 255


def _stand_free(dark: npt.NDArray[np.bool_], dpi: float) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tells for each place of a row whether a bit stands there with paper on both sides, and whether nothing stands there.

    Args:
        dark: shape (places, height of the row in pixels).
        dpi: pixels an inch.
    """
    side, count = max(3, round(_SIDE_IN * dpi) + 1), len(dark)
    padded = np.pad(dark, ((side + 1, side + 1), (0, 0)))
    near = {step: padded[side + 1 + step : side + 1 + step + count] for step in (-side - 1, -side, -1, 0, 1, side, side + 1)}
    middle = np.asarray(near[-1] | near[0] | near[1], dtype=np.bool_)
    beside = np.asarray(near[-side - 1] | near[-side] | near[side] | near[side + 1], dtype=np.bool_)
    is_bit = ~beside.any(axis=1) & (np.count_nonzero(middle, axis=1) >= _BIT_IN * dpi)
    return np.asarray(is_bit, dtype=np.bool_), np.asarray(~middle.any(axis=1), dtype=np.bool_)


def _bit(part: npt.NDArray[np.bool_]) -> _Bit:
    """Measures what stands at one place of a row; `part` has the row's height as its second axis."""
    places, height = np.flatnonzero(part.any(axis=0)), part.shape[1]
    start, end = int(places[0]), int(places[-1]) + 1
    return _Bit(end - start, start, height - end, (start + end - height) / 2)


def _is_uneven(bits: Sequence[_Bit], near: float) -> bool:
    """True where at most half of the bits are as long as one of them, and stand in their rows as it does."""
    most = max(sum(_is_alike(a, b, near) for b in bits) for a in bits)
    return 2 * most <= len(bits)


def _is_alike(a: _Bit, b: _Bit, near: float) -> bool:
    return abs(a.length - b.length) <= near and min(abs(x - y) for x, y in zip(a[1:], b[1:], strict=True)) <= near
