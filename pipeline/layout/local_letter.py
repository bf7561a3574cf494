"""How high letters are around a place of a page: a table is often set smaller than the paragraphs beside it."""

from __future__ import annotations

import numpy as np

from pipeline.layout.dirt import Floats, Ints

_LEAST = 0.45
_COUNT = 16
_SHARE = 70
_ACROSS = 0.1


def local_letters(places: Ints, boxes: Ints, heights: Floats, letter: float) -> Floats:
    """Returns for each place the height of the letters around it, in pixels: at most `letter`, which stands where there are none.

    The nearest letters tell; those of the same line are near also where they stand far off, as the label of a row and its
    figures do.

    Args:
        places: boxes, shape (n, 4).
        boxes: those of pieces of print, shape (m, 4).
        heights: shape (m,): how high the letters are that these pieces are, or stand among.
        letter: usual height of a letter on the page.
    """
    known = np.flatnonzero(heights >= _LEAST * letter)
    if len(known) < _COUNT:
        return np.full(len(places), letter)
    near, tall = boxes[known], heights[known]
    found = np.empty(len(places))
    for k, (x0, top, x1, bottom) in enumerate(places.tolist()):
        across = np.maximum(np.maximum(near[:, 0] - x1, x0 - near[:, 2]), 0)
        along = np.maximum(np.maximum(near[:, 1] - bottom, top - near[:, 3]), 0)
        nearest = np.argpartition(_ACROSS * across + along, _COUNT - 1)[:_COUNT]
        found[k] = np.percentile(tall[nearest], _SHARE)
    return np.minimum(found, letter)
