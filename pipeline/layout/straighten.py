"""A picture of a page → a level, upright page of usual resolution, in one resampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from pipeline.config import Scan
from pipeline.layout.bleed import without_bleed
from pipeline.layout.dotted_rests import with_whole_lines
from pipeline.layout.flatten import find_flattening
from pipeline.layout.ground import find_ground, ground_in
from pipeline.layout.ink import find_ink
from pipeline.layout.light import even_light
from pipeline.layout.outline import Corners, find_outline
from pipeline.layout.reversed_bands import without_reversed
from pipeline.layout.salt import without_salt
from pipeline.layout.seal import without_seals
from pipeline.layout.shades import without_shades
from pipeline.layout.skew import find_skew, lies_on_side
from pipeline.layout.textlines import find_lines
from pipeline.layout.warp import Matrix, Mesh, warped
from pipeline.raster import Gray, Raster, Sheet, Transform

_COARSE = "The picture has fewer than 110 pixels an inch."
_CROOKED = "Lines of print stay crooked: how the page is bent could not be told."
_LEVEL_DEG = 0.02
_COARSE_DPI = 110.0
_LINES, _LETTERS = 10, 6
_WIDE = 4
_LEAST_SIDE_PX = 64
_PAPERS_IN = ((8.27, 11.69), (8.5, 11.0), (7.25, 10.24))
_PAPER_TOLERANCE = 0.09
# Text of a usual page is about six inches wide.
_PRINT_IN, _PRINT_EDGE, _MOST_ENLARGED, _INK_LEVEL = 5.9, 0.01, 1.3, 140


def straighten(raster: Raster, config: Scan, upside_down: Callable[[Sequence[Gray]], bool] | None = None) -> Sheet:
    """Straightens a page: seals out, light evened, perspective, skew, quarter turns and bends taken out, at `config.dpi`.

    A page whose lines run straight is moved as a whole only; perspective and bends are taken out where its outline or its
    lines show them clearly.

    Args:
        raster: the page.
        config: settings.
        upside_down: says of some lines of print whether they read better when turned by 180 degrees; None: never.
    """
    gray, seal = without_seals(raster.pixels, raster.dpi)
    if raster.covered is not None:
        seal = raster.covered if seal is None else np.maximum(seal, raster.covered)
    tiny = min(gray.shape) <= _LEAST_SIDE_PX
    gray = gray if tiny else without_shades(without_reversed(without_salt(with_whole_lines(gray)), raster.dpi), raster.dpi)
    corners = None if tiny else find_outline(gray)
    ground = None if tiny else find_ground(gray, corners)
    if corners is None:
        flat, size, plane_dpi = np.eye(3), (gray.shape[1], gray.shape[0]), raster.dpi
    else:
        flat, size = _page_plane(corners, config.dpi)
        plane_dpi = config.dpi
    plane = _cleaned(gray, ground, flat, size, plane_dpi)
    skew = find_skew(plane, config.max_skew_deg) if min(plane.shape) > _LEAST_SIDE_PX / 2 else 0.0
    if abs(skew) < _LEVEL_DEG:
        skew = 0.0
    scale = config.dpi / plane_dpi
    level, turn = _turned_upright(plane, skew, scale, config.dpi, upside_down)
    matrix, size = _frame(plane.shape[1], plane.shape[0], skew, turn, scale)
    flattening = find_flattening(level, config.dpi, corners is not None)
    if corners is None and flattening.changes:
        flattening = flattening.enlarged(_print_scale(level, config.dpi))
    whole, bend = flattening.matrix @ matrix @ flat, flattening.bend
    if corners is not None or flattening.changes:
        # Estimates were made on a picture that was resampled already; what is read is not.
        size = flattening.size
        level = _cleaned(gray, ground, whole, size, config.dpi, bend)
    sealed = None if seal is None else warped(seal, whole, size, 0, bend)
    if ground is not None:
        # What lies over a page, or where a corner is torn off, hides its print as a seal does.
        beside = warped(ground, ground_in(ground, gray.shape, whole), size, 0, bend, cv2.INTER_NEAREST)
        sealed = beside if sealed is None else np.maximum(sealed, beside)
    doubts = (*((_COARSE,) if raster.dpi < _COARSE_DPI else ()), *((_CROOKED,) if flattening.crooked else ()))
    return Sheet(raster.page_no, level, config.dpi, _transform(whole, size, bend), turn, skew, doubts, sealed)


def _cleaned(
    gray: Gray, ground: Gray | None, matrix: Matrix, size: tuple[int, int], dpi: float, bend: Mesh | None = None
) -> Gray:
    """Returns a picture resampled, its light evened, and only its own print left."""
    page = warped(gray, matrix, size, 255, bend)
    if ground is None:
        return without_bleed(even_light(page, dpi), dpi)
    beside = warped(ground, ground_in(ground, gray.shape, matrix), size, 255, bend, cv2.INTER_LINEAR)
    return without_bleed(even_light(page, dpi, beside), dpi)


def _page_plane(corners: Corners, dpi: float) -> tuple[Matrix, tuple[int, int]]:
    """Returns the homography from the picture to a page seen from above, and the page's size in pixels.

    The sides of a usual paper are taken where the outline is near to them: how a page was tilted changes its sides, and
    nothing else tells how large it is.
    """
    sides = [float(np.hypot(*(corners[(k + 1) % 4] - corners[k]))) for k in range(4)]
    width, height = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    shapes = [(w, h) if height >= width else (h, w) for w, h in _PAPERS_IN]
    nearest = min(shapes, key=lambda s: abs(np.log(s[1] / s[0]) - np.log(height / width)))
    if abs(np.log(nearest[1] / nearest[0]) - np.log(height / width)) > _PAPER_TOLERANCE:
        area = _PAPERS_IN[0][0] * _PAPERS_IN[0][1]
        nearest = float(np.sqrt(area * width / height)), float(np.sqrt(area * height / width))
    w, h = (max(1, round(side * dpi)) for side in nearest)
    there = np.array([(0, 0), (w, 0), (w, h), (0, h)], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), there), dtype=np.float64), (w, h)


def _print_scale(level: Gray, dpi: float) -> float:
    """Returns by how much a photo without an outline is to be enlarged, so that its letters have their size.

    Its page was taken to be as wide as the picture; how wide its print is tells how much narrower it is.
    """
    columns = np.flatnonzero(np.cumsum(ink := (level < _INK_LEVEL).sum(axis=0)) >= _PRINT_EDGE * ink.sum())
    beyond = np.flatnonzero(np.cumsum(ink[::-1]) >= _PRINT_EDGE * ink.sum())
    width = len(ink) - int(columns[0]) - int(beyond[0])
    return float(np.clip(_PRINT_IN * dpi / max(1, width), 1.0, _MOST_ENLARGED))


def _turned_upright(
    plane: Gray, skew: float, scale: float, dpi: float, upside_down: Callable[[Sequence[Gray]], bool] | None
) -> tuple[Gray, int]:
    """Returns the page level and upright, and the quarter turn that it took, in degrees clockwise."""
    matrix, size = _frame(plane.shape[1], plane.shape[0], skew, 0, scale)
    level = warped(plane, matrix, size, 255)
    turn = 90 if lies_on_side(level, dpi) else 0
    if upside_down is not None:
        upright = np.ascontiguousarray(np.rot90(level)) if turn else level
        crops = _sample_lines(upright, dpi)
        if crops and upside_down(crops):
            turn += 180
    if turn:
        matrix, size = _frame(plane.shape[1], plane.shape[0], skew, turn, scale)
        level = warped(plane, matrix, size, 255)
    return level, turn


def _transform(whole: Matrix, size: tuple[int, int], bend: Mesh | None) -> Transform:
    back = np.linalg.inv(whole)
    numbers = tuple(float(n) for n in (back / back[2, 2]).ravel())
    mesh = () if bend is None else tuple(tuple((float(dx), float(dy)) for dx, dy in row) for row in bend)
    return Transform(numbers, size[0], size[1], mesh)


def _frame(width: int, height: int, skew: float, turn: int, scale: float) -> tuple[Matrix, tuple[int, int]]:
    """Returns the transform from a picture to its sheet, and the size of the sheet (width, height)."""
    rotation = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), [0.0, 0.0, 1.0]])
    quarter = {
        0: np.eye(3),
        90: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
        270: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]]),
    }[turn]
    matrix = np.diag([scale, scale, 1.0]) @ quarter.astype(np.float64) @ rotation
    sides = (height, width) if turn in (90, 270) else (width, height)
    return np.asarray(matrix, dtype=np.float64), (max(1, round(sides[0] * scale)), max(1, round(sides[1] * scale)))


def _sample_lines(gray: Gray, dpi: float) -> list[Gray]:
    """Returns crops of some long lines of print, spread over the page."""
    lines = find_lines(find_ink(gray, np.zeros_like(gray), dpi), [], dpi)
    boxes = [line.hull for line in lines if len(line.boxes) == 1]
    wide = [b for b in boxes if b[2] - b[0] >= _WIDE * (b[3] - b[1])] or boxes
    chosen = wide[:: max(1, len(wide) // _LINES)][:_LINES]
    # A few letters of each tell enough.
    cut = [(b[0], b[1], min(b[2], b[0] + _LETTERS * (b[3] - b[1])), b[3]) for b in chosen]
    return [np.ascontiguousarray(gray[b[1] : b[3], b[0] : b[2]]) for b in cut if b[3] - b[1] > 4 and b[2] - b[0] > 4]
