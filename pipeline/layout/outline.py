"""The outline of a page that was photographed on a darker ground."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.raster import Gray

Corners = npt.NDArray[np.float64]
"""Shape (4, 2): the upper left, upper right, lower right and lower left corner, `x, y` in pixels."""

_SIDE_PX = 640
_GROUND_IN, _LEAST_AREA, _MOST_AREA = 0.02, 0.25, 0.985
_STEP, _CLEAR = 0.012, 0.8
_DARKER = 0.85


def find_outline(gray: Gray) -> Corners | None:
    """Finds the four corners of a page that is brighter than what it lies on.

    The page is the largest bright region; light may fall off over it, so bright is what is brighter than the ground near the
    rim of the picture. Its outline must be four nearly straight sides, darker outside than inside along most of each of
    them; a scan has no such sides, since its rim is paper or the edge of the picture.

    Args:
        gray: the picture as it came in.

    Returns:
        The corners in pixels of `gray`, or None where no such page is seen whole.
    """
    scale = min(1.0, _SIDE_PX / max(gray.shape))
    small = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Print is no part of the outline: it is closed first.
    size = max(3, round(_GROUND_IN * max(small.shape))) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    plain = np.asarray(cv2.medianBlur(closed, 5), dtype=np.uint8)
    best: tuple[float, Corners] | None = None
    otsu, _ = cv2.threshold(plain, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for level in sorted({round(otsu * f) for f in (0.7, 0.85, 1.0, 1.15)}):
        corners = _corners_at(plain, level)
        score = 0.0 if corners is None else _clearness(plain, corners)
        if corners is not None and score >= _CLEAR and (best is None or score > best[0]):
            best = score, corners
    return None if best is None else best[1] / scale


def _corners_at(plain: Gray, level: int) -> Corners | None:
    bright = (plain > level).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=4)
    if count < 2:
        return None
    k = 1 + int(np.argmax(stats[1:, 4]))
    share = float(stats[k, 4]) / plain.size
    if not _LEAST_AREA <= share <= _MOST_AREA:
        return None
    contours, _ = cv2.findContours((labels == k).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(contours, key=cv2.contourArea)).reshape(-1, 2).astype(np.float64)
    corners = _quad_of(hull)
    if corners is None or abs(cv2.contourArea(corners.astype(np.float32)) / cv2.contourArea(hull.astype(np.float32)) - 1) > 0.06:
        return None
    return corners


def _quad_of(hull: Corners) -> Corners | None:
    """Returns the four corners of a hull: the coarsest polygon with four sides that follows it."""
    length = cv2.arcLength(hull.astype(np.float32), True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.05):
        polygon = cv2.approxPolyDP(hull.astype(np.float32), share * length, True).reshape(-1, 2)
        if len(polygon) == 4:
            return _in_order(polygon.astype(np.float64))
        if len(polygon) < 4:
            return None
    return None


def _in_order(points: Corners) -> Corners:
    """Orders corners clockwise from the upper left one."""
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    ordered = points[np.argsort(angles)]
    first = int(np.argmin(ordered.sum(axis=1)))
    return np.roll(ordered, -first, axis=0)


def _clearness(plain: Gray, corners: Corners) -> float:
    """Share of the outline, at the worst of its sides, where the ground outside is darker than the page inside."""
    middle = corners.mean(axis=0)
    step = max(3.0, _STEP * max(plain.shape))
    worst = 1.0
    for k in range(4):
        a, b = corners[k], corners[(k + 1) % 4]
        along = np.linspace(0.06, 0.94, 60)[:, None]
        points = a + (b - a) * along
        normal = np.array([-(b - a)[1], (b - a)[0]])
        normal = normal / max(1e-6, float(np.hypot(*normal)))
        if float(normal @ (middle - a)) < 0:
            normal = -normal
        # A curled side leaves the straight one a little.
        inside = _sampled(plain, points + normal * 2 * step)
        outside = _sampled(plain, points - normal * 1.5 * step)
        worst = min(worst, float((outside < _DARKER * inside).mean()))
    return worst


def _sampled(plain: Gray, points: Corners) -> npt.NDArray[np.float64]:
    """Reads gray levels; 255 outside of the picture, where no ground is seen."""
    x, y = np.rint(points[:, 0]).astype(int), np.rint(points[:, 1]).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < plain.shape[1]) & (y < plain.shape[0])
    levels = np.full(len(points), 255.0)
    levels[inside] = plain[y[inside], x[inside]]
    return levels
