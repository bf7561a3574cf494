"""How high letters are around a place of a page: a table is often set smaller than the paragraphs beside it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.layout.dirt import Floats, Ints
from pipeline.layout.percentile import percentile

_LEAST, _LEAST_TOLD = 0.45, 0.3
_TILE = (8.0, 2.0)
_COUNT = 16
_SHARE = 70
_ACROSS = 0.1
_TALL, _TALLER, _THICK = 1.5, 1.7, 0.5


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
    known = heights >= _LEAST_TOLD * letter
    # Letters of one small region stand among the same others.
    step = np.asarray([max(1.0, n * letter) for n in _TILE])
    tiles, own = np.unique((places[:, :2] // step).astype(np.int64), axis=0, return_inverse=True)
    first = np.asarray([np.flatnonzero(own.ravel() == k)[0] for k in range(len(tiles))], dtype=np.int64)
    return np.minimum(_around(places[first], boxes[known], heights[known])[own.ravel()], letter)


def _around(places: Ints, boxes: Ints, heights: Floats) -> Floats:
    """Returns how high the letters are that lie nearest to each place; infinite where there are too few to tell."""
    found = np.full(len(places), np.inf)
    if len(boxes) < _COUNT:
        return found
    for k, (x0, top, x1, bottom) in enumerate(places.tolist()):
        across = np.maximum(np.maximum(boxes[:, 0] - x1, x0 - boxes[:, 2]), 0)
        along = np.maximum(np.maximum(boxes[:, 1] - bottom, top - boxes[:, 3]), 0)
        nearest = np.argpartition(_ACROSS * across + along, _COUNT - 1)[:_COUNT]
        found[k] = percentile(heights[nearest], _SHARE)
    return found


def is_stroke(boxes: Ints, letter: float) -> npt.NDArray[np.bool_]:
    """Tells pieces much higher than all letters around them, which they do not belong to: strokes of a pen, rests of a seal.

    A title is high as well, but so are its neighbours.

    Args:
        boxes: those of all pieces of print outside of cells, shape (n, 4).
        letter: usual height of a letter on the page.
    """
    heights = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    width = boxes[:, 2] - boxes[:, 0]
    found = np.zeros(len(boxes), dtype=bool)
    tall = (heights >= _TALL * letter) & (width >= _THICK * letter)
    known = heights >= _LEAST * letter
    found[tall] = heights[tall] > _TALLER * _around(boxes[tall], boxes[known], heights[known])
    return found
