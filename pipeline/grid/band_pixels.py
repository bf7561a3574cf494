"""The pixels on and beside a line that is nearly level."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Ints = npt.NDArray[np.signedinteger[Any]]


def band_pixels(ink: Gray, middles: Ints, along: Ints, offsets: Ints) -> Gray:
    """Returns the pixels of a band along a line; beyond the upper and the lower rim of the page its outermost rows go on.

    Args:
        ink: shape (height, width).
        middles: shape (n,): row of the line at each place.
        along: shape (n,): columns of `ink`, ascending.
        offsets: shape (k,): rows of the band as seen from the line, in steps of 1.

    Returns:
        Shape (k, n).
    """
    goes_out = middles.min() + offsets[0] < 0 or middles.max() + offsets[-1] >= len(ink)
    if goes_out or along[-1] - along[0] != len(along) - 1:
        rows = np.clip(middles[None, :] + offsets[:, None], 0, len(ink) - 1)
        return np.asarray(ink[rows, along[None, :]], dtype=np.uint8)
    # A line keeps its row for long, so that whole rectangles can be cut.
    ends = [0, *(np.flatnonzero(np.diff(middles)) + 1).tolist(), len(middles)]
    tops, left = (middles + offsets[0]).tolist(), int(along[0])
    return np.hstack([ink[tops[a] : tops[a] + len(offsets), left + a : left + b] for a, b in pairwise(ends)])
