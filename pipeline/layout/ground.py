"""What a page lies on, where it is seen beside the page: a table top, the lid of a scanner. It is no print."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.outline import Corners
from pipeline.layout.warp import Matrix
from pipeline.raster import Gray

_SIDE_PX = 640
_BESIDE = 0.035
_DARKER, _LEVELS = 0.8, (0.4, 0.5, 0.6, 0.7, 0.8)
_LEAST_AREA, _EDGE_PX, _GROWN_PX = 0.0008, 3, 2
_SHARP, _SHARP_SHARE = 1.45, 0.8
_PRINT_PX, _PRINT_LEVEL, _MOST_PRINT = 15, 0.72, 0.012
_SOLID = 0.6


def find_ground(gray: Gray, corners: Corners | None) -> Gray | None:
    """Finds the ground that is seen beside a page.

    What may be print is never ground: without an outline of the page it must be dark, reach the rim of the picture, end
    sharply where the page begins, and hold nothing that looks like print, as a part of the page in the shadow does.

    Args:
        gray: the picture as it came in.
        corners: of the page, where its outline is known.

    Returns:
        255 for ground, else 0, at a lower resolution than `gray`; None where none is seen.
    """
    scale = min(1.0, _SIDE_PX / max(gray.shape))
    small = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ground = _dark_rims(small) if corners is None else _around(small, corners * scale)
    if ground is None or not ground.any():
        return None
    grown = cv2.dilate(ground, np.ones((2 * _GROWN_PX + 1, 2 * _GROWN_PX + 1), np.uint8))
    return np.asarray(grown * np.uint8(255), dtype=np.uint8)


def ground_in(ground: Gray, shape: tuple[int, ...], matrix: Matrix) -> Matrix:
    """Returns the homography from a mask of `find_ground` to where `matrix` maps its picture.

    Args:
        ground: the mask.
        shape: height and width of the picture.
        matrix: homography from the picture.
    """
    return np.asarray(matrix @ np.diag([shape[1] / ground.shape[1], shape[0] / ground.shape[0], 1.0]), dtype=np.float64)


def _around(small: Gray, corners: Corners) -> Gray:
    """Returns what is outside of an outline, and what is dark close to it: sides of a curled page are not straight."""
    quad = np.zeros_like(small)
    cv2.fillConvexPoly(quad, np.rint(corners).astype(np.int32), (1,))
    reach = max(2, round(_BESIDE * max(small.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inner = cv2.erode(quad, kernel)
    outer = cv2.dilate(quad, kernel)
    beside = (outer > 0) & (inner == 0)
    # Paper of a place is what is brightest inside of the outline around it.
    paper = cv2.dilate(np.where(inner > 0, small, 0).astype(np.uint8), np.ones((4 * reach + 1, 4 * reach + 1), np.uint8))
    paper = np.asarray(cv2.blur(paper, (2 * reach + 1, 2 * reach + 1)))
    calm = cv2.medianBlur(small, 3)
    dark = (calm < _DARKER * paper) & beside
    ground = np.where(outer == 0, 1, dark.astype(np.uint8)).astype(np.uint8)
    return _reaching(ground, outer == 0)


def _reaching(mask: Gray, where: npt.NDArray[np.bool_]) -> Gray:
    """Keeps the parts of a mask that reach a place."""
    count, labels = cv2.connectedComponents(mask, connectivity=4)
    kept = np.zeros(count, np.uint8)
    kept[np.unique(labels[where & (mask > 0)])] = 1
    kept[0] = 0
    return np.asarray(kept[labels], dtype=np.uint8)


def _dark_rims(small: Gray) -> Gray | None:
    """Returns dark parts at the rim; several levels are tried, since light falls unevenly."""
    paper = float(np.percentile(small[::4, ::4], 80))
    if float(_rim(small).min()) >= _LEVELS[-1] * paper:
        return None
    ground = np.zeros_like(small)
    for level in _LEVELS:
        dark = cv2.morphologyEx((small < level * paper).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(dark, dtype=np.uint8), connectivity=4)
        for k in set(_rim(labels).tolist()) - {0}:
            part = np.asarray(labels == k, dtype=np.uint8)
            if stats[k, 4] >= _LEAST_AREA * small.size and _is_ground(small, part):
                ground |= _ending_sharply(small, part, ground)
    return _outside_page(ground) if ground.any() else None


def _ending_sharply(small: Gray, part: Gray, known: Gray) -> Gray:
    """Leaves out of a part what is new in it and ends softly: a shadow on the page next to the ground."""
    near = cv2.dilate(known, np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.where(near > 0, np.uint8(0), part), connectivity=4)
    kept = part.copy()
    for k in range(1, count):
        own = np.asarray(labels == k, dtype=np.uint8)
        if stats[k, 4] < part.sum() and not _is_sharp(small, own, part):
            kept[own > 0] = 0
    return kept


def _outside_page(ground: Gray) -> Gray:
    """Leaves out what lies within the page, whose outline has no deep bays."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - ground, connectivity=4)
    if len(stats) < 2:
        return ground
    page = np.asarray(labels == 1 + int(np.argmax(stats[1:, 4])), dtype=np.uint8)
    hull = np.zeros_like(page)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(page)), (1,))
    reach = max(2, round(_BESIDE * max(ground.shape)))
    inner = cv2.erode(hull, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return np.where(inner > 0, np.uint8(0), ground)


def _rim(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _is_ground(small: Gray, part: Gray) -> bool:
    """True where a part is solid, ends sharply, and holds no print."""
    solid = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    area = float(part.sum())
    if float(solid.sum()) < _SOLID * area:
        return False
    if not _is_sharp(small, part, part):
        return False
    inner = cv2.erode(part, np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8)) > 0
    if not inner.any():
        return True
    usual = np.maximum(cv2.medianBlur(small, _PRINT_PX), 1)
    return float((small[inner] < _PRINT_LEVEL * usual[inner] - 2).mean()) < _MOST_PRINT


def _is_sharp(small: Gray, part: Gray, within: Gray) -> bool:
    """True where the picture is much brighter close behind the rim of a part, but for where the rim adjoins `within`."""
    size = np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8)
    outside = (cv2.dilate(part, np.ones((3, 3), np.uint8)) > 0) & (within == 0)
    bright, dim = cv2.dilate(small, size), cv2.erode(small, size)
    return not outside.any() or float((bright[outside] >= _SHARP * np.maximum(dim[outside], 1)).mean()) >= _SHARP_SHARE
