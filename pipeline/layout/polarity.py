"""Negatives: light print on a dark page, as microfilm and screens in dark mode have it → dark print on light paper."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.raster import Raster

_DARK_LEVEL, _DARK_SHARE = 110, 0.6
_AROUND_IN, _STROKE_DEPTH = 0.4, 60
_LEAST_STROKES, _MORE = 0.003, 4.0
_LOOK_EVERY = 8


def with_dark_print(raster: Raster) -> Raster:
    """Returns a negative turned into a positive; any other picture itself.

    A dark picture alone is none: a page may lie on a dark table, and a photo may be taken at night. A negative has many thin
    strokes in dark surroundings, and hardly any dark ones in light surroundings.

    Args:
        raster: a page as it came in.
    """
    # Most pages are told by a glance: their paper is light.
    glance = raster.pixels[::_LOOK_EVERY, ::_LOOK_EVERY]
    if float((glance.max(axis=2) < _DARK_LEVEL).mean()) < _DARK_SHARE:
        return raster
    gray = cv2.cvtColor(np.ascontiguousarray(raster.pixels), cv2.COLOR_RGB2GRAY)
    side = max(3, round(_AROUND_IN * raster.dpi))
    around = cv2.blur(gray, (side, side))
    light = float(((cv2.subtract(gray, around) >= _STROKE_DEPTH) & (around < _DARK_LEVEL)).mean())
    dark = float(((cv2.subtract(around, gray) >= _STROKE_DEPTH) & (around > 255 - _DARK_LEVEL)).mean())
    if light < _LEAST_STROKES or light < _MORE * dark:
        return raster
    return replace(raster, pixels=np.asarray(255 - raster.pixels, dtype=np.uint8))
