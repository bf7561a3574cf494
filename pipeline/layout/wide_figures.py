"""Figures set as wide as Chinese letters, each in the middle of a square: the paper between them parts no columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.geometry import connected
from pipeline.layout.bands import hull
from pipeline.layout.dirt import Ints
from pipeline.raster import PixelBox

_SQUARE, _WIDEST = (1.1, 1.62), 3.1
_SOME, _OFF, _UNLIKE = 3, 1.15, 0.15
_NARROW, _ALIKE, _LEVEL = 0.85, 0.82, 0.15
_COMMA, _COMMA_TOP = 0.5, 0.55


def join_wide_figures(runs: Sequence[PixelBox], boxes: Ints) -> list[tuple[PixelBox, ...]]:
    """Joins runs of print whose neighbouring figures stand one square of a letter apart, or two with a comma between them.

    Columns of figures lie farther apart: each has a margin of its own. How wide a square is, the height of the figures says.

    Args:
        runs: boxes of the runs, in pixels.
        boxes: those of the pieces of print, shape (n, 4).

    Returns:
        The boxes of each run: one, or where it was joined those of its figures from left to right.
    """
    if len(runs) < 2:
        return [(run,) for run in runs]
    places = np.asarray(runs, dtype=np.int64)
    near = _neighbours(places)
    glyphs = {k: _glyphs(runs[k], boxes) for k in sorted({k for pair in near for k in pair})}
    steps = [
        (a, b, step)
        for a, b in near
        if (step := _step(glyphs[a], glyphs[b])) is not None and not _stands_between(places, runs[a], runs[b])
    ]
    sure = [step for _, _, step in steps if step <= _SQUARE[1]]
    # Few pixels tell badly how high a figure is; all squares of a page are in the same proportion to their figures.
    most = max(_SQUARE[1], _OFF * float(np.median(sure))) if len(sure) >= _SOME else _SQUARE[1]
    pairs = [(a, b) for a, b, step in steps if _SQUARE[0] <= step <= most]
    found: list[tuple[PixelBox, ...]] = []
    for group in connected(len(runs), pairs):
        whole = hull(places[group])
        found.append((whole,) if len(group) == 1 else tuple(_glyphs(whole, boxes)))
    return found


def _neighbours(places: Ints) -> list[tuple[int, int]]:
    """Returns the pairs of level runs, left one first, with little enough paper between them."""
    height, double = places[:, 3] - places[:, 1], places[:, 1] + places[:, 3]
    found: list[tuple[int, int]] = []
    for k, (_, _, x1, _) in enumerate(places.tolist()):
        gap, higher = places[:, 0] - x1, np.maximum(height, height[k])
        near = (gap > 0) & (gap < _WIDEST * higher) & (np.abs(double - double[k]) < higher)
        found += [(k, int(other)) for other in np.flatnonzero(near)]
    return found


def _stands_between(places: Ints, left: PixelBox, right: PixelBox) -> bool:
    middle = (left[1] + left[3]) / 2
    at = (places[:, 0] >= left[2]) & (places[:, 2] <= right[0]) & (places[:, 1] <= middle) & (places[:, 3] >= middle)
    return bool(at.any())


def _glyphs(run: PixelBox, boxes: Ints) -> list[PixelBox]:
    """Returns the letters of a run from left to right; pieces above one another belong to one."""
    inside = (boxes[:, 0] >= run[0]) & (boxes[:, 2] <= run[2]) & (boxes[:, 1] >= run[1]) & (boxes[:, 3] <= run[3])
    found: list[PixelBox] = []
    for box in sorted(tuple(b) for b in boxes[inside].tolist()):
        if found and box[0] < found[-1][2]:
            last = found.pop()
            box = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        found.append(box)
    return found


def _step(left: Sequence[PixelBox], right: Sequence[PixelBox]) -> float | None:
    """Returns how far the first figure of one run stands from the last of another, as a share of their height.

    A comma after the last figure has a square of its own. None where no figures stand there, or where those beside them in
    the same run stand closer.
    """
    if not left or not right:
        return None
    has_comma = len(left) > 1 and _is_comma(left[-1], left[-2])
    before = left[:-1] if has_comma else left
    apart = _between(before[-1], right[0])
    if apart is None:
        return None
    step = apart / 2 if has_comma else apart
    own = [_between(*pair) for pair in (*pairwise(before[-2:]), *pairwise(right[:2]))]
    return step if all(o is None or abs(o - step) <= _UNLIKE * step for o in own) else None


def _between(left: PixelBox, right: PixelBox) -> float | None:
    """Returns how far the middles of two figures are apart, as a share of their height; None where they are no two figures."""
    tall = max(left[3] - left[1], right[3] - right[1])
    alike = min(left[3] - left[1], right[3] - right[1]) >= _ALIKE * tall and abs(left[3] - right[3]) <= _LEVEL * tall
    if not alike or max(left[2] - left[0], right[2] - right[0]) > _NARROW * tall:
        return None
    return (right[0] + right[2] - left[0] - left[2]) / (2 * tall)


def _is_comma(mark: PixelBox, figure: PixelBox) -> bool:
    tall = figure[3] - figure[1]
    return max(mark[2] - mark[0], mark[3] - mark[1]) <= _COMMA * tall and mark[1] >= figure[1] + _COMMA_TOP * tall
