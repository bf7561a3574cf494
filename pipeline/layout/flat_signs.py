"""Lone flat pieces of print: what dashes are, as their pixels show them before any reader is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.layout.ink import Ink
from pipeline.raster import FlatSign, TextLine

_FLAT, _WIDEST = 1.2, 0.5


def flat_signs(ink: Ink, lines: Sequence[TextLine]) -> list[FlatSign | None]:
    """Returns for each run of print the one flat piece that it consists of; None where it is more, or has none beside it.

    Args:
        ink: the print of the page.
        lines: its runs.
    """
    x, y = ((ink.boxes[:, k] + ink.boxes[:, k + 2]) / 2 for k in (0, 1))
    hulls = np.asarray([line.hull for line in lines], dtype=np.float64).reshape(-1, 4)
    middles = (hulls[:, 1] + hulls[:, 3]) / 2
    found: list[FlatSign | None] = []
    for k, (x0, top, x1, bottom) in enumerate(hulls):
        own = np.flatnonzero((x >= x0) & (x <= x1) & (y >= top) & (y <= bottom))
        width, height = (ink.boxes[own[0], 2:] - ink.boxes[own[0], :2]).tolist() if len(own) == 1 else (0, 0)
        if width < max(1.0, _FLAT * height) or width > _WIDEST * ink.letter:
            found.append(None)
            continue
        beside = (hulls[:, 1] <= y[own[0]]) & (hulls[:, 3] >= y[own[0]])
        beside[k] = False
        aside = (float(y[own[0]]) - float(np.median(middles[beside]))) / ink.letter if beside.any() else None
        found.append(FlatSign(width, height, aside) if aside is not None else None)
    return found
