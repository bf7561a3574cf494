"""What is left of perspective, told by the lines of a page: where those across meet, and where those down do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.layout.fitting import bends, robust_fit
from pipeline.layout.slopes import Slopes

Matrix = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]

_SCALES = (0.03, 0.02, 0.012, 0.008, 0.005)
# Skew, meeting of lines, and orders 2 to 5 of a curl, which is told apart from both.
_PRIOR = np.array([0.08, 0.1, 0.02, 0.015, 0.01, 0.008])
_ORDERS = (2, 3, 4, 5)
_LEAST_PLACES = 12


def find_perspective(across: Slopes, down: Slopes, size: tuple[int, int]) -> Matrix | None:
    """Returns the homography after which lines across are level and lines down upright.

    A line of slope `s` through `(x, y)` meets the point `(1, b, c)` where `s = b + c (s x - y)`: both are linear in
    what is sought, so the point where all lines meet is fitted directly. The middle of the picture keeps its place and
    its scale.

    Args:
        across: slopes of lines across.
        down: slopes of lines down.
        size: width and height of the picture.

    Returns:
        Shape (3, 3), from the picture to where its lines are straight; None where too few lines are seen.
    """
    if len(across.x) < _LEAST_PLACES:
        return None
    half = max(size) / 2
    middle = np.array([size[0] / 2, size[1] / 2])
    b, c = _meeting(across.slope, (across.x - middle[0]) / half, (across.y - middle[1]) / half, across.weight, size[0] / 2 / half)
    e, f = 0.0, 0.0
    if len(down.x) >= _LEAST_PLACES:
        e, f = _meeting(down.slope, (down.y - middle[1]) / half, (down.x - middle[0]) / half, down.weight, size[1] / 2 / half)
    back = np.array([[1.0, e, 0.0], [b, 1.0, 0.0], [c, f, 1.0]])
    unit = np.array([[1 / half, 0, -middle[0] / half], [0, 1 / half, -middle[1] / half], [0, 0, 1]])
    return np.asarray(np.linalg.inv(unit) @ np.linalg.inv(back) @ unit, dtype=np.float64)


def _meeting(slope: Floats, along: Floats, aside: Floats, weight: Floats, reach: float) -> tuple[float, float]:
    curl = [bends(order, along / reach)[1] / reach for order in _ORDERS]
    terms = np.column_stack([np.ones(len(slope)), slope * along - aside, *curl])
    done = robust_fit(terms, slope, weight, _PRIOR, _SCALES)
    return float(done[0]), float(done[1])


def moved(matrix: Matrix, points: Floats) -> Floats:
    """Maps points (n, 2) by a homography."""
    there = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(there[:, :2] / there[:, 2:3], dtype=np.float64)
