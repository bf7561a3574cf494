"""From a crop of print to the numbers that a PP-OCR recogniser takes.

The steps are those of PaddleOCR's recogniser (`OCRReisizeNormImg`): height 48, width in proportion, values from -1 to 1,
zeros to the right up to the width of the batch. Two things differ: a batch is only as wide as its own crops, not 320 pixels,
and a very narrow crop gets paper on both sides, so that it has enough columns for the network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.ocr.strokes import is_flat_stroke, paper
from pipeline.raster import Gray

HEIGHT = 48
STEP = 16
"""Widths of batches are multiples of this, in pixels."""

MIN_WIDTH = 48
"""Narrower crops are widened with paper to this, in pixels at height 48."""

MAX_WIDTH = 3200
"""Wider crops are cut at a gap, in pixels at height 48."""

LOWEST = 8
"""Lower crops get paper above and below, in pixels: no letter is so low."""

_EM = 1.6
"""Height that a lone flat stroke gets, in its widths."""


def scaled(crop: Gray) -> Gray:
    """Returns `crop` at height 48, at least `MIN_WIDTH` wide; an empty crop becomes blank paper."""
    import cv2

    if crop.size == 0:
        return np.full((HEIGHT, MIN_WIDTH), 255, dtype=np.uint8)
    crop = _raised(crop, round(_EM * crop.shape[1]) if is_flat_stroke(crop) else LOWEST)
    width = max(1, math.ceil(HEIGHT * crop.shape[1] / crop.shape[0]))
    small = cv2.resize(crop, (width, HEIGHT))
    missing = MIN_WIDTH - width
    if missing <= 0:
        return np.asarray(small, dtype=np.uint8)
    left = missing // 2
    return np.pad(small, ((0, 0), (left, missing - left)), constant_values=paper(crop))


def _raised(crop: Gray, height: int) -> Gray:
    """Puts paper above and below `crop` up to `height`; a flat stroke would else be blown up to a black bar."""
    missing = max(0, height - crop.shape[0])
    return np.pad(crop, ((missing // 2, missing - missing // 2), (0, 0)), constant_values=paper(crop)) if missing else crop


def bucket(width: int) -> int:
    """Returns the width of the batch that a crop of `width` pixels at height 48 goes into."""
    return math.ceil(width / STEP) * STEP


def as_batch(crops: Sequence[Gray], width: int) -> npt.NDArray[np.float32]:
    """Returns `crops`, all of height 48 and at most `width` wide, as shape (n, 3, 48, width), from -1 to 1."""
    batch = np.zeros((len(crops), 3, HEIGHT, width), dtype=np.float32)
    for row, crop in zip(batch, crops, strict=True):
        row[:, :, : crop.shape[1]] = (crop.astype(np.float32) / 255 - 0.5) / 0.5
    return batch


def pieces(crop: Gray) -> list[Gray]:
    """Cuts a crop that is wider than `MAX_WIDTH` at height 48 at gaps between its characters; others come back whole."""
    if crop.size == 0 or HEIGHT * crop.shape[1] / max(crop.shape[0], LOWEST) <= MAX_WIDTH:
        return [crop]
    cut = _gap(crop)
    return pieces(crop[:, :cut]) + pieces(crop[:, cut:])


def _gap(crop: Gray) -> int:
    # The palest column of the middle third; of several, that nearest to the middle.
    width = crop.shape[1]
    first, last = width // 3, max(width // 3 + 1, 2 * width // 3)
    ink = crop[:, first:last].astype(np.float64).sum(axis=0)
    palest = np.flatnonzero(ink == ink.max()) + first
    return int(palest[np.argmin(np.abs(palest - width / 2))])
