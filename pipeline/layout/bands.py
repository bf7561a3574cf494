"""Pieces of print one below the other → lines of letters: parts of letters are joined, lines that touch are parted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.layout.dirt import Ints
from pipeline.layout.ink import Ink
from pipeline.layout.percentile import percentile
from pipeline.raster import PixelBox

WHOLE = 1.25
"""What makes up one letter is at most this times as high as the letters beside it."""

PART = 0.55
"""Lower than this times a letter, print may be a part of a letter (二, a dot)."""

_SPLIT = 1.6
_PITCH = 1.3
_LINE_COST = 0.08


@dataclass(frozen=True, slots=True)
class Band:
    """Pieces that stand in one line; `top` and `bottom` are those of their hull."""

    top: int
    bottom: int
    members: tuple[int, ...]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top


def hull(boxes: Ints) -> PixelBox:
    """Returns the box around `boxes`, shape (n, 4), n at least 1."""
    return int(boxes[:, 0].min()), int(boxes[:, 1].min()), int(boxes[:, 2].max()), int(boxes[:, 3].max())


def band_of(ink: Ink, members: Sequence[int]) -> Band:
    """Returns the band of some pieces, at least one."""
    boxes = ink.boxes[list(members)]
    return Band(int(boxes[:, 1].min()), int(boxes[:, 3].max()), tuple(int(m) for m in members))


def to_bands(ink: Ink, members: Ints, letter: float) -> list[Band]:
    """Returns the lines that the pieces of one cell make up, from top to bottom.

    Args:
        ink: print of the page.
        members: the pieces of the cell.
        letter: usual height of a letter around here, in pixels.
    """
    em = letter_of(ink.boxes[members], letter)
    groups: list[list[int]] = []
    bottom = -1
    for i in members[np.argsort(ink.boxes[members, 1], kind="stable")].tolist():
        if not groups or ink.boxes[i, 1] >= bottom:
            groups.append([])
        groups[-1].append(i)
        bottom = max(bottom, int(ink.boxes[i, 3]))
    return _joined([part for g in groups for part in parted(ink, band_of(ink, g), max(em, 0.9 * letter))], em, letter)


def letter_of(boxes: Ints, usual: float) -> float:
    """Returns the height of the letters that these pieces are, or belong to; `usual` where they do not say."""
    heights = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    heights = heights[heights <= _SPLIT * usual]
    full = heights[heights >= 0.5 * usual]
    if len(full):
        # One or two pieces may be parts of a broken letter.
        return max(percentile(full, 90), 0.8 * usual if len(full) < 3 else 0.0)
    small = heights[heights >= 0.3 * usual]
    return float(small.max()) if len(small) >= 4 else usual


def _joined(bands: list[Band], em: float, letter: float) -> list[Band]:
    """Joins the parts of letters (二, 三, a dot below): the nearest first, as long as the whole is no higher than a letter."""
    bands = list(bands)
    # Figures are lower than the Chinese letters beside them.
    limit = max(WHOLE * em, 1.1 * letter)
    while len(bands) > 1:
        options = [
            (lower.top - upper.bottom, k)
            for k, (upper, lower) in enumerate(zip(bands, bands[1:], strict=False))
            if lower.bottom - upper.top <= limit and min(upper.height, lower.height) < PART * em
        ]
        if not options:
            break
        _, k = min(options)
        upper, lower = bands[k], bands.pop(k + 1)
        bands[k] = Band(upper.top, max(upper.bottom, lower.bottom), upper.members + lower.members)
    return bands


def parted(ink: Ink, band: Band, em: float) -> list[Band]:
    """Parts lines that run into one another: each piece goes to the line whose middle is nearest.

    The number of lines is the one that leaves the pieces nearest to the middles of their lines, at a price for each line.
    """
    # Two or three pieces that overlap are one large letter, broken.
    if band.height <= _SPLIT * em or (len(band.members) <= 3 and band.height <= 2 * em) or len(band.members) < 2:
        return [band]
    boxes = ink.boxes[list(band.members)]
    # Pieces as high as a letter say where a line runs; dots and strokes follow.
    weights = np.minimum(boxes[:, 3] - boxes[:, 1], em) ** 2
    middles = (boxes[:, 1] + boxes[:, 3]) / 2.0
    count = round(band.height / (_PITCH * em))
    tried = [_nearest_line(middles, weights, band, n) for n in range(max(2, count - 1), count + 2)]
    costs = [float(np.average(off, weights=weights)) / em + _LINE_COST * (near.max() + 1) for near, off in tried]
    near = tried[int(np.argmin(costs))][0]
    groups = [[m for m, k in zip(band.members, near.tolist(), strict=True) if k == line] for line in sorted(set(near.tolist()))]
    return sorted((band_of(ink, g) for g in groups), key=lambda b: b.top)


def _nearest_line(middles: np.ndarray, weights: np.ndarray, band: Band, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns for each piece the nearest of `n` lines and how far off it is; the lines settle where the pieces are."""
    centers = band.top + (np.arange(n) + 0.5) * band.height / n
    for _ in range(8):
        near = np.argmin(np.abs(middles[:, None] - centers[None, :]), axis=1)
        for k in range(n):
            chosen = near == k
            if chosen.any():
                centers[k] = np.average(middles[chosen], weights=weights[chosen])
    return near, np.abs(middles - centers[near])
