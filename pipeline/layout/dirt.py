"""Dirt, told from print by its size, its darkness, and by what else lies about on the page."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SMALL = 0.3
"""What is smaller than this times a letter may be dirt."""

_DASH = 0.2
_DASH_ASPECT = 1.5
_NEAR = 0.45
_DOT = 0.07
_MANY_SPECKS = 6
_PALE, _DARK = 0.48, 0.75
_DECAY = 0.8
_DIRT_BINS = (1, 3, 5, 7, 10, 15, 22, 33, 50, 75, 110)


def specks(
    boxes: Ints, areas: Ints, darkness: Floats, alone: npt.NDArray[np.bool_], letter: float
) -> tuple[npt.NDArray[np.bool_], float]:
    """Tells dirt among the pieces that stand `alone`: small, and no larger than the other dirt of the page, or pale.

    Args:
        boxes: of all pieces.
        areas: their pixels.
        darkness: contrast of each piece over that of print.
        alone: true for pieces away from letters.
        letter: usual height of a letter in pixels.

    Returns:
        True for each speck, and the area below which pieces are dirt (0 on a clean page).
    """
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    small = alone & (longer < SMALL * letter)
    dash = (longer >= max(2.0, _DASH * letter)) & (longer >= _DASH_ASPECT * shorter)
    dirt = max(_dirt(areas[small & ~dash]), _margin_dirt(boxes, areas, small & ~dash, ~alone & (longer >= 0.5 * letter), letter))
    least = max(2.0, (_DOT * letter) ** 2, dirt)
    print_ = (areas >= least) & ((darkness >= _PALE) | dash) | dash & (darkness >= _DARK)
    return np.asarray(small & ~print_), dirt


def _dirt(areas: Ints) -> float:
    """Returns the area from which pieces that stand alone are no dirt.

    Dirt is the rarer the larger it is. Where larger pieces are not rarer than smaller ones, or the smallest are missing
    altogether, they are print: a column of hyphens.
    """
    counts, edges = np.histogram(areas, bins=_DIRT_BINS)
    if counts[0] < _MANY_SPECKS:
        return 0.0
    level, before = float(edges[1]), float(counts[0])
    for count, end in zip(counts[1:], edges[2:], strict=False):
        if count < 2 or count > _DECAY * before:
            break
        level, before = float(end), float(count)
    return level


def _margin_dirt(boxes: Ints, areas: Ints, small: npt.NDArray[np.bool_], letters: npt.NDArray[np.bool_], letter: float) -> float:
    """Returns the area from which the dirt in the margins of the page ends, 0 where they are clean."""
    if not letters.any():
        return 0.0
    x, y = boxes[:, 0], boxes[:, 1]
    x0, x1, top, bottom = x[letters].min(), x[letters].max(), y[letters].min(), y[letters].max()
    outside = (x < x0 - letter) | (x > x1 + 2 * letter) | (y < top - letter) | (y > bottom + 2 * letter)
    found = areas[small & outside]
    return 1.3 * float(np.percentile(found, 97)) if len(found) >= _MANY_SPECKS else 0.0


def has_company(boxes: Ints, letters: npt.NDArray[np.bool_], shape: tuple[int, ...], letter: float) -> npt.NDArray[np.bool_]:
    """True for pieces whose middle is near one of the `letters`."""
    step = 4
    reach = _NEAR * letter
    canvas = np.zeros((shape[0] // step + 2, shape[1] // step + 2), dtype=bool)
    first = np.maximum(0, (boxes[letters, :2] - reach) // step).astype(int).tolist()
    last = ((boxes[letters, 2:] + reach) // step).astype(int) + 1
    for (x0, top), (x1, bottom) in zip(first, last.tolist(), strict=True):
        canvas[top:bottom, x0:x1] = True
    x, y = (boxes[:, 0] + boxes[:, 2]) // (2 * step), (boxes[:, 1] + boxes[:, 3]) // (2 * step)
    return np.asarray(canvas[y, x])
