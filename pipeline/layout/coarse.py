"""A page at a lower resolution, for what is looked for by its size alone."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray


def coarse(gray: Gray, dpi: float, look_dpi: float) -> tuple[Gray, float]:
    """Returns a page with at most `look_dpi` pixels an inch, and how many pixels one of its own became (at most 1).

    Args:
        gray: shape (height, width).
        dpi: its pixels an inch.
        look_dpi: those wanted.
    """
    scale = min(1.0, look_dpi / dpi)
    return np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale


def square(side: float) -> npt.NDArray[np.uint8]:
    """Returns a square kernel of about `side` pixels, 3 at least."""
    return np.ones((max(3, round(side)),) * 2, dtype=np.uint8)
