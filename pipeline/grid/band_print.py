"""Is there print between two lines, or paper alone?"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.grid.edges import Edge
from pipeline.raster import Gray

_INSET_IN, _LINE_IN, _LEAST_IN = 0.03, 0.012, 0.1
_DARK, _LINE_SHARE, _FAINTEST = 0.5, 75, 24.0
_SPECK_PX = 3


def has_print(ink: Gray, dpi: float, upper: Edge, lower: Edge) -> bool:
    """True where print stands between two horizontal lines: more than specks that are half as dark as the lines.

    Args:
        ink: 0 is paper, 255 black.
        dpi: pixels an inch.
        upper: one of the lines.
        lower: the one below it.
    """
    first, last = round(max(upper.start, lower.start)), round(min(upper.end, lower.end))
    inset = _INSET_IN * dpi
    band = ink[round(upper.at + inset) : round(lower.at - inset) + 1, max(0, first) : last]
    if not band.size:
        return True
    dark = max(_FAINTEST, _DARK * min(_darkness(ink, line, dpi) for line in (upper, lower)))
    smooth = np.asarray(cv2.blur(band, (_SPECK_PX, _SPECK_PX)), dtype=np.uint8)
    return bool(np.count_nonzero(smooth.max(axis=0) >= dark) >= _LEAST_IN * dpi)


def _darkness(ink: Gray, line: Edge, dpi: float) -> float:
    half = max(2, round(_LINE_IN * dpi))
    rows = ink[max(0, round(line.at) - half) : round(line.at) + half + 1, max(0, round(line.start)) : round(line.end)]
    return float(np.percentile(rows.max(axis=0), _LINE_SHARE)) if rows.size else 0.0
