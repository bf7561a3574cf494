"""A picture of a page → a level, upright page of usual resolution, in one resampling."""

from __future__ import annotations

from dataclasses import dataclass

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
from pipeline.layout.white_lines import with_dark_lines
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


@dataclass(frozen=True, slots=True, eq=False)
class Levelled:
    """A page whose lines of print run level, upright or upside down; made once, however it turns out to stand.

    Attributes:
        page_no: from 1; `dpi` is that of the raster.
        gray: the raster without seals, shades and salt.
        seal: as in `Sheet`, but on the raster.
        ground: not 0 where the raster shows no page, None where all of it is one.
        is_photo: the page was told from what it lies on by its outline.
        flat: homography from the raster to the plane of the page.
        plane: the page on that plane, light evened.
        plane_dpi: pixels an inch of the plane.
        skew: by which the plane must be turned to be level, in degrees, counter-clockwise positive.
        level: the plane so turned, at the resolution of sheets.
        turn: 90 where lines run from top to bottom of `level`, else 0.
    """

    page_no: int
    dpi: float
    gray: Gray
    seal: Gray | None
    ground: Gray | None
    is_photo: bool
    flat: Matrix
    plane: Gray
    plane_dpi: float
    skew: float
    level: Gray
    turn: int


def level_page(raster: Raster, config: Scan) -> Levelled:
    """Takes seals, shades, uneven light and skew out of a page, and tells whether it lies on its side."""
    gray, seal = without_seals(raster.pixels, raster.dpi)
    if raster.covered is not None:
        seal = raster.covered if seal is None else np.maximum(seal, raster.covered)
    tiny = min(gray.shape) <= _LEAST_SIDE_PX
    if not tiny:
        gray = without_reversed(without_salt(with_whole_lines(gray)), raster.dpi)
        gray = with_dark_lines(without_shades(gray, raster.dpi), gray, raster.dpi)
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
    matrix, size = _frame(plane.shape[1], plane.shape[0], skew, 0, config.dpi / plane_dpi)
    level = warped(plane, matrix, size, 255)
    turn = 90 if lies_on_side(level, config.dpi) else 0
    return Levelled(
        raster.page_no, raster.dpi, gray, seal, ground, corners is not None, flat, plane, plane_dpi, skew, level, turn
    )


def to_sheet(page: Levelled, config: Scan, is_upside_down: bool = False) -> Sheet:
    """Turns a page upright, and takes perspective and bends out.

    A page whose lines run straight is moved as a whole only; perspective and bends are taken out where its outline or its
    lines show them clearly.

    Args:
        page: level.
        config: settings.
        is_upside_down: its print stands on its head, once lines of print run across.
    """
    plane, level, turn = page.plane, page.level, page.turn + 180 * is_upside_down
    matrix, size = _frame(plane.shape[1], plane.shape[0], page.skew, turn, config.dpi / page.plane_dpi)
    if turn:
        level = warped(plane, matrix, size, 255)
    flattening = find_flattening(level, config.dpi, page.is_photo)
    if not page.is_photo and flattening.changes:
        flattening = flattening.enlarged(_print_scale(level, config.dpi))
    whole, bend = flattening.matrix @ matrix @ page.flat, flattening.bend
    if page.is_photo or flattening.changes:
        # Estimates were made on a picture that was resampled already; what is read is not.
        size = flattening.size
        level = _cleaned(page.gray, page.ground, whole, size, config.dpi, bend)
    sealed = None if page.seal is None else warped(page.seal, whole, size, 0, bend)
    if page.ground is not None:
        # What lies over a page, or where a corner is torn off, hides its print as a seal does.
        beside = warped(page.ground, ground_in(page.ground, page.gray.shape, whole), size, 0, bend, cv2.INTER_NEAREST)
        sealed = beside if sealed is None else np.maximum(sealed, beside)
    doubts = (*((_COARSE,) if page.dpi < _COARSE_DPI else ()), *((_CROOKED,) if flattening.crooked else ()))
    return Sheet(page.page_no, level, config.dpi, _transform(whole, size, bend), turn, page.skew, doubts, sealed)


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


def sample_lines(page: Levelled, config: Scan) -> list[Gray]:
    """Returns crops of some long lines of print, spread over a page; no quarter turn is left in them."""
    gray = np.ascontiguousarray(np.rot90(page.level)) if page.turn else page.level
    lines = find_lines(find_ink(gray, np.zeros_like(gray), config.dpi), [], config.dpi)
    boxes = [line.hull for line in lines if len(line.boxes) == 1]
    wide = [b for b in boxes if b[2] - b[0] >= _WIDE * (b[3] - b[1])] or boxes
    chosen = wide[:: max(1, len(wide) // _LINES)][:_LINES]
    # A few letters of each tell enough.
    cut = [(b[0], b[1], min(b[2], b[0] + _LETTERS * (b[3] - b[1])), b[3]) for b in chosen]
    return [np.ascontiguousarray(gray[b[1] : b[3], b[0] : b[2]]) for b in cut if b[3] - b[1] > 4 and b[2] - b[0] > 4]
