"""The percentile of a few numbers: what numpy gives, in a fraction of the time that it takes to get ready."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.layout.dirt import Floats
from pipeline.raster import Gray


def percentile(values: Floats, percent: float) -> float:
    """Returns what `np.percentile` does.

    Args:
        values: shape (n,), at least one.
        percent: from 0 to 100.
    """
    place = (len(values) - 1) * (percent / 100)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    low, high, part = float(ordered[below]), float(ordered[above]), place - below
    # The same rounding as numpy's.
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


def column_percentile(values: Gray, percent: float) -> npt.NDArray[np.float64]:
    """Returns what `np.percentile` does for each column of some rows of greys.

    Args:
        values: shape (n, columns), at least one row.
        percent: from 0 to 100.
    """
    place = (len(values) - 1) * (percent / 100)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above), axis=0)
    low, high, part = ordered[below].astype(np.float64), ordered[above].astype(np.float64), place - below
    between = high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part
    return np.asarray(between, dtype=np.float64)
