"""How much darker than its paper each pixel of a page is, and from when that is print."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray, grey_percentile

_PAPER_PT, _STROKE_PT = 30.0, 7.0
_AROUND_PT = 5.0
_LOW_SHARE, _HIGH_SHARE = 0.28, 0.4
_LOW_SIGMA, _HIGH_SIGMA = 3.5, 5.0
_MIN_LOW, _MIN_HIGH = 20.0, 40.0
_INK = 60


def to_contrast(gray: Gray, dpi: float) -> Gray:
    """Returns how much darker each pixel is than the paper around it (a coloured band is paper too)."""
    import cv2

    height, width = gray.shape
    step = max(1, round(dpi / 50))
    small = cv2.resize(gray, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    reach = max(3, round(_PAPER_PT / 72.0 * dpi / step) | 1)
    usual = cv2.resize(cv2.medianBlur(cv2.dilate(small, np.ones((3, 3), np.uint8)), reach), (width, height))
    # At the edge of a band the usual paper is that outside; closing fills in strokes and leaves the band as it is.
    size = round(_STROKE_PT / 72.0 * dpi) | 1
    closed = cv2.morphologyEx(cv2.blur(gray, (3, 3)), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(cv2.subtract(cv2.min(usual, closed), gray), dtype=np.uint8)


def grain(gray: Gray) -> float:
    """Returns the noise of the picture from pixel to pixel, as a standard deviation of grey.

    Second differences both ways leave out slopes and edges (J. Immerkær, Fast noise variance estimation, 1996); the median
    leaves out print.
    """
    rows = [gray[k::6][: gray.shape[0] // 6].astype(np.int16) for k in range(3)]
    down = rows[0] - 2 * rows[1] + rows[2]
    if down.size < 3 or down.shape[1] < 3:
        return 0.0
    return _median(np.abs(down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:])) / (6 * 0.674)


def _median(values: npt.NDArray[np.int16]) -> float:
    """Returns the median of small numbers from 0 on, by counting."""
    counts = np.bincount(values.reshape(-1)).cumsum()
    middle = ((values.size - 1) // 2, values.size // 2)
    return float(counts.searchsorted(middle, side="right").mean())


def levels(contrast: Gray) -> tuple[float, float, float]:
    """Returns the contrast from which a pixel may be print, that which print reaches somewhere, and that of dark print."""
    sample = contrast[::3, ::3]
    # Half of the noise is lighter than the paper and counts as 0: three quarters of all pixels lie below 0.67 sigma.
    noise = grey_percentile(sample, 75) / 0.674
    dark = sample[sample > _INK]
    ink = grey_percentile(dark, 75) if dark.size else 2.0 * _INK
    return max(_LOW_SIGMA * noise, _MIN_LOW), max(_HIGH_SHARE * ink, _HIGH_SIGMA * noise, _MIN_HIGH), ink


def local_levels(contrast: Gray, low: float, ink: float, dpi: float) -> Gray:
    """Returns for each pixel the contrast from which it is print: a share of the darkest print around it.

    So thin strokes of small type stay whole, and bold letters do not run into one another.
    """
    import cv2

    height, width = contrast.shape
    step = max(1, round(dpi / 50))
    coarse = cv2.dilate(contrast, np.ones((step, step), np.uint8))[::step, ::step]
    size = max(3, round(_AROUND_PT / 72.0 * dpi / step) | 1)
    darkest = cv2.blur(cv2.dilate(coarse, np.ones((size, size), np.uint8)), (3, 3))
    level = np.clip(_LOW_SHARE * darkest, low, max(low, _LOW_SHARE * ink)).astype(np.uint8)
    return np.asarray(cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
