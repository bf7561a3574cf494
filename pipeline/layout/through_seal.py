"""Print under a coloured seal, seen in the colour in which the seal itself is brightest: another way to take a seal out.

`layout.seal` works out what ink lies over each pixel and subtracts it; what it gets wrong leaves rests of the seal or takes bits
of print. Here nothing is subtracted: black print is dark in every colour, the ink of a seal is not in its own.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray, PixelBox, Raster, Transform, grey_percentile

_INK, _PAPER = 0.5, 85.0
_LIGHT = 0.5
_LEAST_DEPTH = 40.0


def seen_through(raster: Raster, transform: Transform, box: PixelBox) -> Gray:
    """Returns a piece of a straightened page with paper for all that is not as dark as print in its brightest colour.

    Args:
        raster: the page as it came in.
        transform: from the straightened page to it.
        box: the piece, in pixels of the straightened page; it must lie on it.
    """
    x0, top, x1, bottom = box
    if x0 >= x1 or top >= bottom:
        return np.zeros((max(0, bottom - top), max(0, x1 - x0)), dtype=np.uint8)
    ys, xs = np.mgrid[top:bottom, x0:x1]
    there = transform.apply(np.column_stack([xs.ravel(), ys.ravel()]).astype(np.float64)).astype(np.float32)
    bright = _brightest(raster, there.reshape(bottom - top, x1 - x0, 2))
    dark, paper = grey_percentile(bright, _INK), grey_percentile(bright, _PAPER)
    depth = max(_LEAST_DEPTH, paper - dark)
    # A stroke of a seal, blurred by the way in which colours are stored, is less than half as dark as print.
    scaled = (bright.astype(np.float32) - (paper - depth)) / (_LIGHT * depth)
    return np.asarray(np.clip(scaled, 0.0, 1.0) * 255.0, dtype=np.uint8)


def _brightest(raster: Raster, places: npt.NDArray[np.float32]) -> Gray:
    """Returns the brightest channel at places (height, width, 2) of a raster, paper beyond its edges."""
    height, width = raster.pixels.shape[:2]
    (left, upper), (right, lower) = np.floor(places.min(axis=(0, 1))) - 1, np.ceil(places.max(axis=(0, 1))) + 2
    x0, top = int(np.clip(left, 0, width - 1)), int(np.clip(upper, 0, height - 1))
    x1, bottom = int(np.clip(right, x0 + 1, width)), int(np.clip(lower, top + 1, height))
    planes = cv2.split(np.ascontiguousarray(raster.pixels[top:bottom, x0:x1]))
    bright = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
    x, y = places[..., 0] - x0, places[..., 1] - top
    seen = cv2.remap(bright, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
    return np.asarray(seen, dtype=np.uint8)
