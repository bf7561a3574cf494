"""Rests of worn rulings among the print outside of cells: flat pieces of all lengths at one height, where no text stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.layout.dirt import Ints
from pipeline.layout.ink import Ink
from pipeline.raster import PixelBox

Rule = tuple[float, float, float]

_FLAT, _LEVEL = 0.22, 0.1
_LEAST, _LONG, _UNEQUAL = 3, 1.4, 1.6
_REACH = 20.0
_TALL, _CORE = 0.6, 0.25


def without_rests(ink: Ink, cells: Sequence[PixelBox], rules: Sequence[Rule]) -> tuple[Ink, Ints]:
    """Returns the print without rests of rulings outside of cells, and their boxes, shape (n, 4).

    Args:
        ink: print of a straightened page.
        cells: inner boxes of its ruled cells in pixels.
        rules: the horizontal rulings that were found, `(y, left, right)` in pixels.
    """
    x, y = (ink.boxes[:, 0] + ink.boxes[:, 2]) / 2, (ink.boxes[:, 1] + ink.boxes[:, 3]) / 2
    free = np.ones(len(ink.boxes), dtype=bool)
    for x0, top, x1, bottom in cells:
        free &= (x < x0) | (x > x1) | (y < top) | (y > bottom)
    rests = np.zeros(len(ink.boxes), dtype=bool)
    rests[free] = ruling_rests(ink.boxes[free], ink.letter) | _on_rules(ink.boxes[free], rules, ink.letter)
    kept = ~rests
    return replace(ink, boxes=ink.boxes[kept], numbers=ink.numbers[kept], areas=ink.areas[kept]), ink.boxes[rests]


def _on_rules(boxes: Ints, rules: Sequence[Rule], letter: float) -> npt.NDArray[np.bool_]:
    """True for flat pieces in the gaps of rulings that were found."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    found = np.zeros(len(boxes), dtype=bool)
    for y, left, right in rules:
        found |= (np.abs(middle - y) <= max(2.0, _LEVEL * letter)) & (boxes[:, 0] >= left) & (boxes[:, 2] <= right)
    return np.asarray(found & (boxes[:, 3] - boxes[:, 1] <= max(3.0, _FLAT * letter)))


def ruling_rests(boxes: Ints, letter: float) -> npt.NDArray[np.bool_]:
    """Tells which pieces are rests of a horizontal ruling that no ruling was found for.

    Dashes that stand for no figure are of one length, and stand beside the label of their row.

    Args:
        boxes: pieces of print outside of cells, shape (n, 4), on a straightened page.
        letter: usual height of a letter, in pixels.
    """
    rests = np.zeros(len(boxes), dtype=bool)
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    flat = np.flatnonzero((height <= max(3.0, _FLAT * letter)) & (width >= 2 * height))
    letters = np.flatnonzero(height >= _TALL * letter)
    for k in flat[width[flat] >= _LONG * letter]:
        if rests[k]:
            continue
        level = flat[np.abs(middle[flat] - middle[k]) <= max(2.0, _LEVEL * letter)]
        chain = _chain(boxes[level], int(np.flatnonzero(level == k)[0]), _REACH * letter)
        own = level[chain]
        if len(own) < _LEAST or width[own].max() < _UNEQUAL * width[own].min():
            continue
        left, right = boxes[own, 0].min(), boxes[own, 2].max()
        beside = letters[(boxes[letters, 0] < right) & (boxes[letters, 2] > left)]
        inner = _CORE * height[beside]
        if not ((boxes[beside, 1] + inner < middle[k]) & (middle[k] < boxes[beside, 3] - inner)).any():
            rests[own] = True
    return rests


def _chain(boxes: Ints, start: int, reach: float) -> Ints:
    """Returns which of some pieces at one height hang together with piece `start`, over gaps of at most `reach`."""
    order = np.argsort(boxes[:, 0], kind="stable")
    gaps = boxes[order[1:], 0] - np.maximum.accumulate(boxes[order, 2])[:-1]
    part = np.concatenate([[0], np.cumsum(gaps > reach)])
    return np.asarray(order[part == part[np.flatnonzero(order == start)[0]]], dtype=np.int64)
