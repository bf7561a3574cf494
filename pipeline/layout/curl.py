"""How a page is curled: the smooth shift after which its lines of text and rulings are straight.

Slopes of lines are the derivatives of the shift; its polynomials are fitted to them. Lines across tell the shift down the
page, rulings that run down tell the shift across it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.layout.fitting import bends, robust_fit
from pipeline.layout.slopes import Slopes

Floats = npt.NDArray[np.float64]
Mesh = npt.NDArray[np.float64]
"""Shape (rows, columns, 2): `dx, dy` in pixels at the nodes of a regular mesh whose corners are those of the page."""

MESH_ROWS, MESH_COLUMNS = 17, 33
_SCALES = (0.03, 0.02, 0.012, 0.008, 0.005)
# Order along the line, power aside from it, and how large the shift may well be, as a share of half the page's longer side.
_TERMS_DOWN = (
    *((1, 0, 0.03), (2, 0, 0.03), (3, 0, 0.02), (4, 0, 0.015), (5, 0, 0.01), (6, 0, 0.008), (7, 0, 0.006)),
    *((1, 1, 0.03), (2, 1, 0.02), (3, 1, 0.01), (4, 1, 0.006), (5, 1, 0.004)),
    *((1, 2, 0.006), (2, 2, 0.004), (3, 2, 0.002)),
)
_TERMS_ACROSS = ((1, 0, 0.02), (2, 0, 0.01), (3, 0, 0.006), (4, 0, 0.003), (1, 1, 0.01), (2, 1, 0.004), (1, 2, 0.004))
_LEAST_PLACES = 12
_OUTER = 0.02


def find_curl(across: Slopes, down: Slopes, size: tuple[int, int]) -> Mesh:
    """Returns how far each place of the straight page is moved in the picture; zeros where nothing is seen.

    Args:
        across: slopes of lines across.
        down: slopes of rulings that run down.
        size: width and height of the picture.
    """
    half = max(size) / 2
    shift_y = _shift(across.slope, across.x, across.y, across.weight, size, half, _TERMS_DOWN)
    shift_x = _shift(down.slope, down.y, down.x, down.weight, size[::-1], half, _TERMS_ACROSS)
    dy = shift_y(*_nodes(size, MESH_COLUMNS, MESH_ROWS))
    dx = shift_x(*_nodes(size[::-1], MESH_ROWS, MESH_COLUMNS)).T
    return np.asarray(np.stack([dx, dy], axis=-1), dtype=np.float64)


def composed(first: Mesh, then: Mesh, size: tuple[int, int]) -> Mesh:
    """Returns one mesh for two: `then` was found on the picture that `first` had straightened.

    Args:
        first: as from `find_curl`.
        then: as from `find_curl`, of the same shape.
        size: width and height of the picture.
    """
    rows, columns = first.shape[:2]
    u = np.arange(columns)[None, :] + then[..., 0] / size[0] * (columns - 1)
    v = np.arange(rows)[:, None] + then[..., 1] / size[1] * (rows - 1)
    i = np.clip(v.astype(int), 0, rows - 2)
    j = np.clip(u.astype(int), 0, columns - 2)
    a, b = (v - i)[..., None], (u - j)[..., None]
    upper = first[i, j] * (1 - b) + first[i, j + 1] * b
    lower = first[i + 1, j] * (1 - b) + first[i + 1, j + 1] * b
    return np.asarray(upper * (1 - a) + lower * a + then, dtype=np.float64)


class _Shift:
    """A fitted shift, linear beyond the places that it was fitted to."""

    def __init__(self, weights: Floats, terms: tuple[tuple[int, int, float], ...], area: Floats, scale: float) -> None:
        self._weights, self._terms, self._area, self._scale = weights, terms, area, scale

    def __call__(self, along: Floats, aside: Floats) -> Floats:
        a = np.clip(along, *self._area[0])[None, :]
        b = np.clip(aside, *self._area[1])[:, None]
        beyond = along[None, :] - a
        total = np.zeros((len(aside), len(along)))
        for weight, (order, power, _) in zip(self._weights, self._terms, strict=True):
            value, slope = bends(order, a)
            total += weight * (value + slope * beyond) * b**power
        return np.asarray(total * self._scale, dtype=np.float64)


def _shift(
    slope: Floats, along: Floats, aside: Floats, weight: Floats, size: tuple[int, int], half: float,
    terms: tuple[tuple[int, int, float], ...],
) -> _Shift:  # fmt: skip
    if len(slope) < _LEAST_PLACES:
        return _Shift(np.zeros(len(terms)), terms, np.array([[-1.0, 1.0], [-1.0, 1.0]]), half)
    a, b = along * 2 / size[0] - 1, aside * 2 / size[1] - 1
    design = np.column_stack([bends(order, a)[1] * (2 * half / size[0]) * b**power for order, power, _ in terms])
    weights = robust_fit(design, slope, weight, np.array([t[2] for t in terms]), _SCALES)
    rest = np.abs(slope - design @ weights) < _OUTER
    area = np.array([_reach(a[rest]), _reach(b[rest])]) if rest.any() else np.array([[-1.0, 1.0], [-1.0, 1.0]])
    return _Shift(weights, terms, area, half)


def _reach(places: Floats) -> tuple[float, float]:
    return float(np.percentile(places, 1)), float(np.percentile(places, 99))


def _nodes(size: tuple[int, int], along: int, aside: int) -> tuple[Floats, Floats]:
    return np.linspace(-1, 1, along), np.linspace(-1, 1, aside)
