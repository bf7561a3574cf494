"""From a crop of print to what the reader of figures takes: 32 pixels high, ink 1, paper 0.

Unlike the PP-OCR recogniser's, this picture's contrast is evened, so that pale print looks like dark print.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

HEIGHT = 32
STEP = 16
"""Widths of batches are multiples of this, in pixels."""

MIN_WIDTH = 32
MAX_WIDTH = 384
"""What is wider at height 32 is no number, in pixels."""

_LEAST_CONTRAST = 90.0
"""Fainter print than this, in grey levels, is not made as dark as print: it is dirt, or the other side's."""


def is_too_wide(crop: Gray) -> bool:
    """Tells whether `crop` is a line of text rather than a number."""
    return bool(crop.shape[1] * HEIGHT > MAX_WIDTH * crop.shape[0])


def scaled(crop: Gray) -> Gray:
    """Returns `crop` at height 32 in proportion, 255 for the darkest ink and 0 for paper."""
    import cv2

    if crop.size == 0:
        return np.zeros((HEIGHT, MIN_WIDTH), dtype=np.uint8)
    height, width = crop.shape
    wanted = min(MAX_WIDTH, max(1, math.ceil(HEIGHT * width / height)))
    method = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    small = cv2.resize(crop, (wanted, HEIGHT), interpolation=method)
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    paper = int(np.partition(rim, rim.size // 2)[rim.size // 2])
    darkest, _, _, _ = cv2.minMaxLoc(cv2.blur(small, (3, 1)))
    depth = max(_LEAST_CONTRAST, paper - darkest)
    return np.asarray(
        cv2.convertScaleAbs(np.minimum(small, np.uint8(paper)), alpha=-255.0 / depth, beta=255.0 * paper / depth), np.uint8
    )


def bucket(width: int) -> int:
    """Returns the width of the batch that a crop of `width` pixels at height 32 goes into."""
    return max(MIN_WIDTH, math.ceil(width / STEP) * STEP)


def as_batch(crops: Sequence[Gray], width: int) -> npt.NDArray[np.float32]:
    """Returns scaled crops, at most `width` wide, as shape (n, 1, 32, width), from 0 to 1, paper to their right."""
    batch = np.zeros((len(crops), 1, HEIGHT, width), dtype=np.float32)
    for row, crop in zip(batch, crops, strict=True):
        row[0, :, : crop.shape[1]] = crop.astype(np.float32) / 255.0
    return batch
