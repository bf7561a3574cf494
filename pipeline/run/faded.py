"""Pages whose print fades in places: what is too pale to be read there is print all the same, and no blank cell.

Worn toner leaves some figures black and others hardly darker than the paper. Elsewhere what is so pale is the print of the other
side, dirt or noise; so it is looked for only where print that was read is pale too.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray, TextLine

_INKED, _FADED, _SHARE, _LEAST, _LETTER_PT = 5, 0.33, 0.04, 4, 3.0
_SMOOTH, _NOISES, _PALEST, _PALE = 5, 5.0, 5.0, 0.03
_RIM_PX = 2
_STEP = 4
_MOST_REACH = 25.0


def is_faded(levels: Sequence[float], ink_level: float) -> bool:
    """True where several runs of print that were read are less than a third as dark as the dark print of their page.

    Args:
        levels: how dark each run is, see `run_levels`.
        ink_level: contrast of dark print.
    """
    pale = sum(level < _FADED * ink_level for level in levels)
    return pale >= max(_LEAST, _SHARE * len(levels))


def usual_level(levels: Sequence[float], ink_level: float) -> float:
    """Returns the contrast of print that most runs that were read reach, at most that of dark print.

    Headings in bold are far darker than the small print of a table, which blurs at 100 dpi.

    Args:
        levels: how dark each run is, see `run_levels`.
        ink_level: contrast of dark print.
    """
    return min(ink_level, float(np.percentile(levels, _MOST_REACH))) if len(levels) >= _LEAST else ink_level


def run_levels(contrast: Gray, lines: Sequence[TextLine], dpi: float) -> list[float]:
    """Returns how dark each run of print is; not of those narrower than letters, which are rests of rulings.

    Args:
        contrast: how much darker than paper each pixel is.
        lines: the runs of print that were read.
        dpi: pixels an inch.
    """
    least = _LETTER_PT * dpi / 72.0
    levels = []
    for line in lines:
        x0, top, x1, bottom = line.hull
        part = contrast[top:bottom, x0:x1].ravel()
        # Thin print has few pixels in its middle, however dark.
        if part.size > _INKED and min(x1 - x0, bottom - top) >= least:
            levels.append(float(np.partition(part, -_INKED)[-_INKED]))
    return levels


def pale_print(contrast: Gray, ink_level: float, rulings: Gray) -> Gray:
    """Returns 1 where smoothed print stands out from the noise of the paper, however pale; rulings and their rims are left out.

    Args:
        contrast: how much darker than paper each pixel is.
        ink_level: contrast of dark print.
        rulings: 255 on rulings.
    """
    smooth = cv2.GaussianBlur(contrast, (_SMOOTH, _SMOOTH), 0).astype(np.float32)
    every = smooth[::_STEP, ::_STEP]
    paper = every[every <= np.percentile(every, 90)]
    # Most of a page is paper: what spreads there is noise.
    middle = float(np.median(paper))
    noise = 1.4826 * float(np.median(np.abs(paper - middle)))
    least = max(_PALEST, _PALE * ink_level, middle + _NOISES * noise)
    rim = cv2.dilate(rulings, np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8))
    found: npt.NDArray[np.bool_] = (smooth >= least) & (rim == 0)
    return np.asarray(found, dtype=np.uint8)
