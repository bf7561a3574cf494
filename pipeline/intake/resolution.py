"""How many pixels of a picture make an inch of paper."""

from __future__ import annotations

from pipeline.raster import Rgb

A4_WIDTH_IN = 8.27
_LEAST_DPI, _MOST_DPI = 70.0, 1200.0
# Editors and phones write 72 or 96 whatever the picture shows; from here on it was a scanner that wrote it.
_SCANNER_DPI = 150.0
_SHORT_SIDE_IN, _SHORT_SIDE_SCANNED_IN = (2.0, 12.5), (2.0, 25.0)
# A picture more slender than a phone's is a strip of a page, or several screens put together.
_SLENDER = 1.85
_ASSUMED = (50.0, 1200.0)


def choose_dpi(width: int, height: int, declared: float | None) -> float:
    """Returns the resolution of a picture of a page.

    Args:
        width: in pixels.
        height: in pixels.
        declared: what the file says, or None.

    Returns:
        `declared` where the page would have the size of paper, else that of a page as wide as A4 (along the shorter side,
        or across a strip), between 50 and 1200.
    """
    if declared is not None and _LEAST_DPI <= declared <= _MOST_DPI:
        least, most = _SHORT_SIDE_SCANNED_IN if declared >= _SCANNER_DPI else _SHORT_SIDE_IN
        if least <= min(width, height) / declared <= most:
            return declared
    side = width if max(width, height) > _SLENDER * min(width, height) else min(width, height)
    return min(max(side / A4_WIDTH_IN, _ASSUMED[0]), _ASSUMED[1])


def square(rgb: Rgb, dpi: tuple[float, float] | None, limit: int) -> tuple[Rgb, float | None]:
    """Makes the pixels of a picture square, by the finer of both resolutions; faxes have 204 by 98 or by 196.

    Args:
        rgb: the picture.
        dpi: resolution across and down, or None where it is not known.
        limit: most pixels of the result; beyond it the coarser resolution is taken.

    Returns:
        The picture, itself where its pixels are square, and its one resolution.
    """
    if dpi is None:
        return rgb, None
    across, down = dpi
    ratio = across / down
    if not (_LEAST_DPI <= across <= _MOST_DPI and _LEAST_DPI <= down <= _MOST_DPI) or abs(ratio - 1) < 0.02:
        return rgb, max(across, down)
    if not 0.25 <= ratio <= 4:
        return rgb, None
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    one = max(across, down)
    size = round(width * one / across), round(height * one / down)
    if size[0] * size[1] > limit:
        one = min(across, down)
        size = round(width * one / across), round(height * one / down)
    method = cv2.INTER_CUBIC if one == max(across, down) else cv2.INTER_AREA
    return np.asarray(cv2.resize(rgb, size, interpolation=method), dtype=np.uint8), one
