"""How a photographed page is curled: the vertical shift, over the page, after which its lines are straight again.

The page is cut into upright strips; each has a profile of how much print its rows hold. Where the profiles of all strips fall
on one another, lines of text and rulings are straight, and the sum of squares of their sum is largest: what Postl's
criterion is for skew, with a smooth shift in place of a slope.
"""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Floats = npt.NDArray[np.float64]

_DPI, _STRIPS, _INK_LEVEL = 100.0, 32, 190
_ORDERS, _LINEAR = (1, 2, 3, 4, 5), (1, 2, 3)
_SCALES = ((4.0, 16.0, 2.0), (2.0, 3.0, 0.5), (1.0, 0.8, 0.2))
_PASSES = 2
_MESH_ROWS, _MESH_COLUMNS = 5, 33
_LEAST_GAIN, _LEAST_SHIFT_PX = 1.02, 0.4
_HIGH_PASS_IN = 0.35


def find_curl(gray: Gray, dpi: float) -> Floats | None:
    """Returns by how much the print of a page is shifted down, or None where it lies straight.

    Args:
        gray: upright, perspective taken out, light evened.
        dpi: pixels an inch.

    Returns:
        Shape (rows, columns): pixels of `gray` at the nodes of a regular mesh whose corners are those of the page.
    """
    scale = min(1.0, _DPI / dpi)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else gray
    profiles = _profiles(np.asarray(small, dtype=np.uint8), dpi * scale)
    if not profiles.any():
        return None
    terms = [(k, 0) for k in _ORDERS] + [(k, 1) for k in _LINEAR]
    weights = np.zeros(len(terms))
    for sigma, reach, step in _SCALES:
        smooth = np.asarray(cv2.GaussianBlur(profiles, (0, 0), sigmaX=1e-3, sigmaY=sigma), dtype=np.float64)
        for _, k in product(range(_PASSES), range(len(terms))):
            weights = _best_weight(smooth, terms, weights, k, reach, step)
    fine = np.asarray(cv2.GaussianBlur(profiles, (0, 0), sigmaX=1e-3, sigmaY=1.0), dtype=np.float64)
    gain = _alignment(fine, _shift(terms, weights, *fine.shape)) / max(1e-9, _alignment(fine, np.zeros(fine.shape)))
    mesh = _shift(terms, weights, _MESH_ROWS, _MESH_COLUMNS)
    if gain < _LEAST_GAIN or float(np.abs(mesh).max()) < _LEAST_SHIFT_PX:
        return None
    return mesh / scale


def _profiles(small: Gray, dpi: float) -> Floats:
    """Returns the print of each row, shape (height, strips), less what is usual around the row."""
    ink = (small < _INK_LEVEL).astype(np.float32)
    edges = np.linspace(0, ink.shape[1], _STRIPS + 1).round().astype(int)
    rows = np.stack([ink[:, a:b].sum(axis=1) for a, b in zip(edges[:-1], edges[1:], strict=True)], axis=1)
    window = max(3, round(_HIGH_PASS_IN * dpi)) | 1
    return np.asarray(rows - cv2.blur(rows, (1, window)), dtype=np.float64)


def _shift(terms: list[tuple[int, int]], weights: Floats, rows: int, columns: int) -> Floats:
    """Returns the shift at the nodes of a mesh: Chebyshev polynomials across, constant or linear down the page."""
    x, y = np.linspace(-1, 1, columns), np.linspace(-1, 1, rows)
    shift = np.zeros((rows, columns))
    for (order, power), weight in zip(terms, weights, strict=True):
        shift += weight * np.outer(y**power, np.cos(order * np.arccos(np.clip(x, -1, 1))))
    return shift


def _best_weight(
    profiles: Floats, terms: list[tuple[int, int]], weights: Floats, k: int, reach: float, step: float
) -> Floats:
    """Tries values of one weight around its present one, and keeps the best; the smallest change wins a draw."""
    unit = np.zeros(len(terms))
    unit[k] = 1.0
    base, change = _shift(terms, weights, *profiles.shape), _shift(terms, unit, *profiles.shape)
    deltas = sorted(np.arange(-reach, reach + step / 2, step), key=abs)
    scores = [(_alignment(profiles, base + d * change), -i) for i, d in enumerate(deltas)]
    best = -max(scores)[1]
    done = weights.copy()
    done[k] += deltas[best]
    return done


def _alignment(profiles: Floats, shift: Floats) -> float:
    """Sum of squares of the rows after each strip was moved up by its shift, between rows linear."""
    height = profiles.shape[0]
    places = np.clip(np.arange(height)[:, None] + shift, 0, height - 1.001)
    low = places.astype(np.int64)
    part = places - low
    columns = np.arange(profiles.shape[1])[None, :]
    moved = profiles[low, columns] * (1 - part) + profiles[low + 1, columns] * part
    return float((moved.sum(axis=1) ** 2).sum())
